// Dialogs: the bot's modals, a new member, a new post.

import { h } from "./dom.js";
import { act } from "./live.js";
import { icon } from "./icons.js";
import { markdown } from "./markdown.js";
import { entities } from "./chat-components.js";
import { findPlace, namesIn } from "./chat-places.js";

/** Whatever dialog is open. */
export function dialogs(app) {
  const { modal } = app.screen;
  if (modal) return botModal(app, modal);
  if (app.dialog?.kind === "member") return newMember(app);
  if (app.dialog?.kind === "post") return newPost(app, app.dialog);
  return null;
}

function dialog(key, title, close, submit, busy, ...inside) {
  return h("dialog", {
    key, class: "modal", "aria-label": title, init: (node) => node.showModal(),
    on: { cancel: (event) => (event.preventDefault(), close()) },
  },
  h("form", { method: "dialog", on: { submit: (event) => (event.preventDefault(), submit(new FormData(event.target), event.target)) } },
    h("header", null, h("h2", { dir: "auto" }, title),
      h("button", { type: "button", class: "plain", "aria-label": "Close", on: { click: close } }, icon("close"))),
    inside,
    h("footer", null,
      h("button", { type: "button", class: "button secondary", on: { click: close } }, "Cancel"),
      h("button", { class: ["button", "primary", busy && "waiting"], disabled: busy }, "Submit"))));
}

function botModal(app, modal) {
  const place = findPlace(app.screen, app.place);
  const parts = modal.components.map((top, index) => part(app, place, top, index === 0));
  const send = (data) => {
    const fields = {};
    for (const { custom_id: id, many } of parts.map((each) => each.input).filter(Boolean)) fields[id] = many ? data.getAll(id) : data.get(id) ?? "";
    app.act("submit", { fields });
  };
  return dialog(`modal-${modal.custom_id}`, modal.title, () => app.act("dismiss"), send, app.busy.has("submit"),
    h("p", { class: "by" }, icon("bot"), `This form will be sent to ${app.screen.bot.name}.`),
    parts.map((each) => each.shown));
}

// Both kinds of fields: a text input in a row, and a label around a component.
function part(app, place, top, first) {
  if (top.type === 10) return { shown: h("div", { key: top.id, class: "content" }, markdown(top.content, place ? namesIn(app.screen, place) : {})) };
  const input = top.type === 18 ? top.component : top.components?.[0];
  const label = top.type === 18 ? top.label : input?.label;
  if (!input) return { shown: null };
  if (input.type === 4) return { input, shown: textField(input, label, top.description, first) };
  const options = input.options ?? (place ? entities(app, place, input) : []);
  if (input.type < 3 || input.type > 8) return { shown: h("p", { key: top.id, class: "unknown" }, `${label ?? "This field"} is not simulated.`) };
  return {
    input: { custom_id: input.custom_id, many: true },
    shown: h("label", { key: input.custom_id, class: "field" },
      caption(label, input.required ?? true),
      top.description && h("small", { dir: "auto" }, top.description),
      h("select", { name: input.custom_id, multiple: input.max_values > 1, required: input.required ?? true, dir: "auto" },
        input.max_values > 1 ? null : h("option", { value: "" }, input.placeholder ?? "Choose…"),
        options.map((each) => h("option", { key: each.value, value: each.value }, each.label)))),
  };
}

function caption(label, required) {
  return h("span", { class: "caption", dir: "auto" }, label, required && h("b", { class: "required", title: "Required" }, "*"));
}

function textField(input, label, description, first) {
  const required = input.required ?? true;
  const counter = (node) => {
    const shown = node.parentNode.querySelector(".counter");
    shown.textContent = `${node.value.length} / ${input.max_length}`;
  };
  const props = {
    name: input.custom_id, placeholder: input.placeholder, required, dir: "auto", autofocus: first,
    minlength: input.min_length || null, maxlength: input.max_length, on: { input: ({ target }) => counter(target) },
    init: (node) => (node.value = input.value ?? ""),
  };
  return h("label", { key: input.custom_id, class: "field" },
    caption(label, required), description && h("small", { dir: "auto" }, description),
    input.style === 2 ? h("textarea", { ...props, rows: "4" }) : h("input", { ...props, type: "text", autocomplete: "off" }),
    h("small", { class: "counter" }, `${(input.value ?? "").length} / ${input.max_length}`));
}

const LANGUAGES = [
  ["en-US", "English"], ["fa", "فارسی"], ["de", "Deutsch"], ["fr", "Français"], ["es-ES", "Español"], ["tr", "Türkçe"],
  ["ar", "العربية"], ["ja", "日本語"],
];

function newMember(app) {
  const close = () => app.set({ dialog: null });
  const join = async (data) => {
    const answer = await act("/pages/chat/people/new", { name: data.get("name"), locale: data.get("locale") });
    if (answer) app.become(answer.id);
  };
  return dialog("new-member", "New member", close, join, false,
    h("label", { class: "field" }, caption("Name", true),
      h("input", { name: "name", required: true, maxlength: "32", dir: "auto", autocomplete: "off", autofocus: true })),
    h("label", { class: "field" }, caption("Language of the client", false),
      h("select", { name: "locale" }, LANGUAGES.map(([value, name]) => h("option", { key: value, value }, name)))));
}

function newPost(app, { place, message }) {
  const close = () => app.set({ dialog: null });
  const post = async (data) => {
    const answer = await app.act("post", { place: place.id, message, title: data.get("title"), text: data.get("text") });
    if (answer) {
      app.set({ dialog: null });
      app.open(answer.place);
    }
  };
  return dialog("new-post", message ? "New thread" : `New post in ${place.name}`, close, post, app.busy.has("post"),
    h("label", { class: "field" }, caption("Title", true),
      h("input", { name: "title", autofocus: true, required: true, maxlength: "100", dir: "auto", autocomplete: "off" })),
    h("label", { class: "field" }, caption("Message", true),
      h("textarea", { name: "text", required: true, maxlength: "2000", rows: "4", dir: "auto" })));
}
