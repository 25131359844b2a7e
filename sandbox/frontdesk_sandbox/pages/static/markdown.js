// The chat's Markdown, as descriptions for the renderer; whatever is not understood stays plain text.

import { h } from "./dom.js";

const INLINE = [
  ["escape", /\\([\\*_~`|<>#\-[\]()])/],
  ["code", /(`{1,2})([^`\n]|[^`\n](?:(?!\1).)*[^`\n])\1(?!`)/],
  ["both", /\*\*\*(?=\S)([\s\S]+?)\*\*\*(?!\*)/],
  ["bold", /\*\*(?=\S)([\s\S]+?)\*\*(?!\*)/],
  ["underline", /__(?=\S)([\s\S]+?)__(?!_)/],
  ["italic", /\*(?=[^\s*])([\s\S]*?[^\s*])\*(?!\*)/],
  ["italic", /(?<![\p{L}\p{N}])_(?=[^\s_])([\s\S]*?[^\s_])_(?![\p{L}\p{N}_])/u],
  ["strike", /~~(?=\S)([\s\S]+?)~~/],
  ["spoiler", /\|\|(?=\S)([\s\S]+?)\|\|/],
  ["masked", /\[((?:[^[\]]|\\.)+)\]\(<?(https?:\/\/[^\s<>()]+(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+"[^"]*")?\)/],
  ["angle", /<(https?:\/\/[^\s<>]+)>/],
  ["bare", /https?:\/\/[^\s<>]*[^\s<>.,:;!?'"()*_~|\]]/],
  ["person", /<@!?(\d+)>/],
  ["role", /<@&(\d+)>/],
  ["channel", /<#(\d+)>/],
  ["command", /<\/([^:<>]{1,100}):\d+>/],
  ["emoji", /<a?:(\w{1,32}):\d+>/],
  ["moment", /<t:(-?\d{1,13})(?::([tTdDfFR]))?>/],
  ["all", /@(everyone|here)\b/],
];

/**
 * Markdown with blocks.
 * `names` = { person(id), role(id), channel(id) } gives what a mention shows, or undefined.
 */
export function markdown(text, names = {}) {
  return blocks(text.split("\n"), names);
}

function blocks(lines, names) {
  const made = [];
  for (let at = 0; at < lines.length; ) {
    const [block, next] = codeBlock(lines, at) ?? quote(lines, at, names) ?? list(lines, at, names)
      ?? heading(lines, at, names) ?? paragraph(lines, at, names);
    made.push(block);
    at = next;
  }
  return made;
}

function codeBlock(lines, at) {
  const open = lines[at].match(/^```([\w+#.-]*)\s*$/) ?? lines[at].match(/^```(?:([\w+#.-]+)\s*$)?(?=.*\S)/);
  if (!open) return null;
  const rest = lines[at].slice(3);
  if (rest.includes("```")) {
    const end = rest.indexOf("```");
    return rest.slice(end + 3).trim() ? null : [h("pre", null, h("code", null, rest.slice(0, end))), at + 1];
  }
  for (let end = at + 1; end < lines.length; end++) {
    const close = lines[end].indexOf("```");
    if (close < 0) continue;
    if (lines[end].slice(close + 3).trim()) return null;
    const body = [...(open[1] === undefined && rest ? [rest] : []), ...lines.slice(at + 1, end)];
    if (close > 0) body.push(lines[end].slice(0, close));
    return [h("pre", { dir: "ltr" }, h("code", null, body.join("\n"))), end + 1];
  }
  return null;
}

function quote(lines, at, names) {
  if (lines[at].startsWith(">>> ")) {
    const inner = [lines[at].slice(4), ...lines.slice(at + 1)];
    return [h("blockquote", { dir: "auto" }, blocks(inner, names)), lines.length];
  }
  let end = at;
  while (end < lines.length && /^> /.test(lines[end])) end++;
  if (end === at) return null;
  return [h("blockquote", { dir: "auto" }, blocks(lines.slice(at, end).map((each) => each.slice(2)), names)), end];
}

const ITEM = /^(\s*)([-*]|\d{1,9}\.)\s+(.+)$/;

function list(lines, at, names) {
  const first = lines[at].match(ITEM);
  if (!first) return null;
  const depth = first[1].length;
  const items = [];
  let end = at;
  while (end < lines.length) {
    const item = lines[end].match(ITEM);
    if (!item || item[1].length < depth) break;
    if (item[1].length > depth) {
      const [inner, next] = list(lines, end, names);
      items.at(-1).push(inner);
      end = next;
    } else {
      items.push([inline(item[3], names)]);
      end++;
    }
  }
  const ordered = /\d/.test(first[2]);
  const props = ordered ? { start: parseInt(first[2], 10), dir: "auto" } : { dir: "auto" };
  return [h(ordered ? "ol" : "ul", props, items.map((each) => h("li", { dir: "auto" }, each))), end];
}

function heading(lines, at, names) {
  const small = lines[at].match(/^-# (.+)$/);
  if (small) return [h("p", { class: "subtext", dir: "auto" }, inline(small[1], names)), at + 1];
  const found = lines[at].match(/^(#{1,3}) (.+)$/);
  return found && [h("p", { class: `heading h${found[1].length}`, dir: "auto" }, inline(found[2], names)), at + 1];
}

function paragraph(lines, at, names) {
  let end = at + 1;
  const plain = (each) => !/^(```|> |>>> |-# |#{1,3} )/.test(each) && !ITEM.test(each);
  while (end < lines.length && plain(lines[end])) end++;
  const body = lines.slice(at, end).join("\n");
  return [body.trim() ? h("p", { dir: "auto" }, inline(body, names)) : h("p", { class: "gap" }), end];
}

/** Markdown within a line. */
export function inline(text, names = {}) {
  const made = [];
  let rest = text;
  while (rest) {
    const found = nearest(rest);
    if (!found) break;
    if (found.match.index) made.push(rest.slice(0, found.match.index));
    made.push(element(found.kind, found.match, names));
    rest = rest.slice(found.match.index + found.match[0].length);
  }
  return rest ? [...made, rest] : made;
}

function nearest(text) {
  let best = null;
  for (const [kind, pattern] of INLINE) {
    const match = pattern.exec(text);
    if (match && (!best || match.index < best.match.index)) best = { kind, match };
    if (best?.match.index === 0) break;
  }
  return best;
}

function element(kind, match, names) {
  const [all, one, two] = match;
  switch (kind) {
    case "escape": return one;
    case "code": return h("code", null, two);
    case "both": return h("strong", null, h("em", null, inline(one, names)));
    case "bold": return h("strong", null, inline(one, names));
    case "underline": return h("u", null, inline(one, names));
    case "italic": return h("em", null, inline(one, names));
    case "strike": return h("s", null, inline(one, names));
    case "spoiler": return spoiler(inline(one, names));
    case "masked": return link(two, inline(one, names));
    case "angle": return link(one, one);
    case "bare": return link(all, all);
    case "person": return pill(`@${names.person?.(one) ?? "unknown person"}`);
    case "role": return pill(`@${names.role?.(one) ?? "unknown role"}`);
    case "channel": return pill(`#${names.channel?.(one) ?? "unknown"}`);
    case "command": return pill(`/${one}`);
    case "emoji": return h("span", { class: "custom-emoji" }, `:${one}:`);
    case "moment": return moment(Number(one), two ?? "f", all);
    default: return pill(all);
  }
}

function pill(text) {
  return h("span", { class: "pill", dir: "auto" }, text);
}

function spoiler(inner) {
  const reveal = (event) => event.currentTarget.classList.add("open");
  const key = (event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), reveal(event));
  return h("span", {
    class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler, press to show", on: { click: reveal, keydown: key },
  }, inner);
}

/** A link that opens elsewhere; anything but http and https stays text. */
export function link(url, inner) {
  if (!/^https?:\/\//i.test(url)) return h("span", null, inner);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: url }, inner);
}

const STYLES = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};
const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

function moment(seconds, style, source) {
  const when = new Date(seconds * 1000);
  if (Number.isNaN(when.getTime())) return source;
  const full = new Intl.DateTimeFormat(undefined, STYLES.F).format(when);
  const shown = style === "R" ? relative(seconds - Date.now() / 1000) : new Intl.DateTimeFormat(undefined, STYLES[style]).format(when);
  return h("time", { class: "moment", datetime: when.toISOString(), title: full }, shown);
}

function relative(seconds) {
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}
