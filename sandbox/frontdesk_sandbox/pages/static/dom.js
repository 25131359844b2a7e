// A small renderer: describes what the page should look like, and changes only what differs. Keeps the nodes, and
// so focus, scroll position and half-typed text. Text goes in as text nodes; nothing is ever parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "path", "circle", "rect"]);
const drawn = new WeakMap();
let born = [];

/**
 * Describe an element.
 * Props: attributes by name; `class` may be a list; `on` = listeners by event; `css` = custom properties;
 * `key` = identity among siblings; `init` = called once with the new node; `set` = DOM properties.
 */
export function h(tag, props, ...children) {
  return { tag, props: props ?? {}, children: named(children), node: null };
}

/** Make the children of a node look like this. */
export function draw(parent, ...children) {
  const now = named(children);
  place(parent, drawn.get(parent) ?? [], now);
  drawn.set(parent, now);
  // Only now is everything in the page, and can take focus.
  const inits = born;
  born = [];
  for (const each of inits) each.props.init(each.node);
}

// Children without a key are known by their position in the call, holes included.
function named(children, path = "") {
  return children.flatMap((child, index) => {
    if (child === null || child === undefined || child === false || child === true || child === "") return [];
    const at = `${path}.${index}`;
    if (Array.isArray(child)) return named(child, at);
    if (typeof child !== "object") return [{ id: `text${at}`, text: String(child), node: null }];
    child.id = child.props.key === undefined ? `${child.tag}${at}` : `${child.tag}#${child.props.key}`;
    return [child];
  });
}

function place(parent, before, now) {
  const left = new Map(before.map((each) => [each.id, each]));
  const matches = now.map((each) => {
    const match = left.get(each.id);
    left.delete(each.id);
    return match;
  });
  for (const gone of left.values()) gone.node.remove();
  let cursor = parent.firstChild;
  now.forEach((each, index) => {
    if (matches[index]) update(matches[index], each);
    else create(each);
    if (each.node === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(each.node, cursor);
    if (!matches[index] && each.props?.init) born.push(each);
  });
}

function create(each) {
  if (each.text !== undefined) {
    each.node = document.createTextNode(each.text);
    return;
  }
  each.node = SVG_TAGS.has(each.tag) ? document.createElementNS(SVG, each.tag) : document.createElement(each.tag);
  apply(each.node, {}, each.props);
  place(each.node, [], each.children);
}

function update(before, now) {
  now.node = before.node;
  if (now.text !== undefined) {
    if (now.text !== before.text) now.node.data = now.text;
    return;
  }
  apply(now.node, before.props, now.props);
  place(now.node, before.children, now.children);
}

function apply(node, before, now) {
  for (const name of new Set([...Object.keys(before), ...Object.keys(now)])) {
    if (name === "key" || name === "init") continue;
    if (name === "on") listen(node, now.on ?? {});
    else if (name === "css") paint(node, before.css ?? {}, now.css ?? {});
    else if (name === "set") Object.entries(now.set ?? {}).forEach(([property, value]) => assign(node, property, value));
    else attribute(node, name, before[name], now[name]);
  }
}

function assign(node, property, value) {
  if (node[property] !== value) node[property] = value;
}

function attribute(node, name, before, now) {
  const wanted = text(now);
  if (wanted === text(before)) return;
  if (wanted === null) node.removeAttribute(name);
  else node.setAttribute(name, wanted);
}

function text(value) {
  if (value === undefined || value === null || value === false) return null;
  if (value === true) return "";
  return Array.isArray(value) ? value.filter(Boolean).join(" ") : String(value);
}

function paint(node, before, now) {
  for (const name of Object.keys({ ...before, ...now })) {
    if (before[name] !== now[name]) node.style.setProperty(name, now[name] ?? "");
  }
}

// One listener a type for the node's whole life; what it calls is exchanged.
function listen(node, wanted) {
  const known = (node.listeners ??= {});
  for (const type of Object.keys(known)) if (!wanted[type]) known[type] = null;
  for (const [type, call] of Object.entries(wanted)) {
    if (!(type in known)) node.addEventListener(type, (event) => known[type]?.(event));
    known[type] = call;
  }
}
