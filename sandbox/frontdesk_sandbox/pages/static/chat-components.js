// Buttons, menus and the newer building blocks of messages.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { markdown } from "./markdown.js";
import { picture } from "./chat-embeds.js";
import { allPlaces, serverOf } from "./chat-places.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };

/** The components of a message. */
export function components(app, place, one, names) {
  const show = (each, index) => component(each, { app, place, one, names, show }, index);
  return one.components.length > 0 && h("div", { class: "components" }, one.components.map(show));
}

function component(each, scene, index) {
  const key = each.id ?? index;
  switch (each.type) {
    case 1: return h("div", { key, class: "row" }, each.components.map(scene.show));
    case 2: return button(each, scene, key);
    case 3: case 5: case 6: case 7: case 8: return select(each, scene, key);
    case 9: return h("div", { key, class: "section" },
      h("div", null, each.components.map(scene.show)), each.accessory && scene.show(each.accessory, "accessory"));
    case 10: return h("div", { key, class: "content" }, markdown(each.content, scene.names));
    case 11: return h("div", { key }, picture(each.media.url, each.description, "thumbnail"));
    case 12: return h("div", { key, class: "gallery" },
      each.items.map((item, at) => h("div", { key: at }, picture(item.media.url, item.description))));
    case 14: return h("hr", { key, class: [each.divider === false && "blank", each.spacing === 2 && "wide"] });
    case 17: return h("div", {
      key, class: "embed container", css: each.accent_color ? { "--bar": `#${each.accent_color.toString(16).padStart(6, "0")}` } : {},
    }, each.components.map(scene.show));
    default: return h("p", { key, class: "unknown" }, "This part is not simulated.");
  }
}

/** An emoji of a component, as text. */
export function emojiOf(emoji) {
  if (!emoji) return null;
  return h("span", { class: "emoji", "aria-hidden": "true" }, emoji.id ? `:${emoji.name}:` : emoji.name);
}

function button(each, { app, place, one }, key) {
  const face = [emojiOf(each.emoji), each.label && h("span", { dir: "auto" }, each.label)];
  if (each.style === 5) {
    return h("a", { key, class: "button link", href: /^https?:/i.test(each.url) ? each.url : null, target: "_blank", rel: "noopener noreferrer" },
      face, icon("link"));
  }
  const busy = `${one.id}/${each.custom_id}`;
  return h("button", {
    key, type: "button", class: ["button", STYLES[each.style] ?? "secondary", app.busy.has(busy) && "waiting"],
    disabled: each.disabled || app.busy.has(busy), "aria-label": each.label ? null : each.emoji?.name,
    on: { click: () => app.act("press", { place: place.id, message: one.id, component: each.custom_id }, { busy }) },
  }, face);
}

function select(each, { app, place, one }, key) {
  const options = each.type === 3 ? each.options : entities(app, place, each);
  const busy = `${one.id}/${each.custom_id}`;
  const send = (values) => app.act("choose", { place: place.id, message: one.id, component: each.custom_id, values }, { busy });
  const disabled = each.disabled || app.busy.has(busy);
  const many = each.max_values > 1 || each.min_values === 0;
  return many ? checklist(app, each, options, send, disabled, key, busy) : dropdown(each, options, send, disabled, key);
}

function dropdown(each, options, send, disabled, key) {
  const preset = options.find((option) => option.default)?.value ?? "";
  return h("span", { key, class: "select" },
    h("select", {
      disabled, dir: "auto", "aria-label": each.placeholder ?? "Choose", init: (node) => (node.value = preset),
      on: { change: ({ target }) => target.value && send([target.value]) },
    },
    h("option", { value: "", disabled: true, hidden: true }, each.placeholder ?? "Choose…"),
    options.map((option) => h("option", { key: option.value, value: option.value, title: option.description },
      optionText(option)))),
    icon("down"));
}

function optionText({ emoji, label, description }) {
  const shown = emoji && !emoji.id ? `${emoji.name} ${label}` : label;
  return description ? `${shown} — ${description}` : shown;
}

function checklist(app, each, options, send, disabled, key, busy) {
  const open = app.menu === busy;
  const submit = (event) => {
    event.preventDefault();
    app.set({ menu: null });
    send(new FormData(event.target).getAll("choice"));
  };
  return h("span", { key, class: "select" },
    h("button", {
      type: "button", class: "select-button", disabled, "aria-haspopup": "true", "aria-expanded": String(open),
      on: { click: () => app.set({ menu: open ? null : busy }) },
    }, h("span", { dir: "auto" }, each.placeholder ?? "Choose…"), icon("down")),
    open && h("form", { class: "popover", on: { submit } },
      options.map((option) => h("label", { key: option.value, class: "check" },
        h("input", { type: "checkbox", name: "choice", value: option.value, init: (node) => (node.checked = Boolean(option.default)) }),
        emojiOf(option.emoji), h("span", { dir: "auto" }, option.label))),
      h("button", { class: "primary" }, "Done")));
}

/** People, roles or channels to choose from, as a menu of that type offers them. */
export function entities(app, place, each) {
  const server = serverOf(app.screen, place);
  const people = (server?.members ?? [app.screen.me, app.screen.bot]).map(({ id, name }) => ({ value: id, label: `@${name}` }));
  const roles = (server?.roles ?? []).filter(({ id }) => id !== server.id).map(({ id, name }) => ({ value: id, label: `@${name}` }));
  const inServer = allPlaces(app.screen).filter((channel) => server?.channels.includes(channel));
  const channels = inServer.map(({ id, name }) => ({ value: id, label: `#${name}` }));
  return { 5: people, 6: roles, 7: [...people, ...roles], 8: channels }[each.type] ?? [];
}
