// The right side: the page that belongs to the task, and what is known of the task.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { link } from "./markdown.js";

/** The side panel; pages of tasks in hand stay loaded while another task is in view. */
export function panel(app, task) {
  const pages = app.screen.tasks.filter((each) => each.side_panel);
  const shown = task?.side_panel && app.side === "page" ? "page" : "details";
  return h("aside", { class: ["panel", !task && "bare"], "aria-label": "About the task" },
    task && h("div", { class: "panel-head only-side" },
      h("div", { class: "tabs", role: "tablist", "aria-label": "About the task" },
        task.side_panel && tab(app, "page", "Page", shown), tab(app, "details", "Details", shown))),
    h("div", { class: ["pages", shown !== "page" && "gone"] },
      task?.side_panel && h("p", { class: "address" }, icon("lock"), h("span", { dir: "ltr" }, task.side_panel),
        link(task.side_panel, [icon("link", "Open in a tab of its own")])),
      pages.map((each) => h("iframe", {
        key: `${each.task_sid}-${each.side_panel}`, src: each.side_panel, class: each !== task && "gone", title: `Page about ${each.customer}`,
        sandbox: "allow-forms allow-scripts allow-same-origin allow-popups", referrerpolicy: "no-referrer",
      }))),
    task && h("div", { class: ["details", shown !== "details" && "gone"] }, details(task)));
}

function tab(app, name, label, shown) {
  return h("button", {
    key: name, type: "button", role: "tab", "aria-selected": String(shown === name), class: shown === name && "open",
    on: { click: () => app.set({ side: name }) },
  }, label);
}

function details(task) {
  const rows = [
    ["Task", task.task_sid], ["Status", task.status], ["Interaction", task.interaction_sid], ["Conversation", task.conversation_sid],
    ["Conversation state", task.conversation_state],
  ].filter(([, value]) => value);
  return [
    h("h3", null, "Attributes"), table(Object.entries(task.attributes)),
    h("h3", null, "Routing"), table(rows),
  ];
}

function table(rows) {
  return h("table", null, h("tbody", null, rows.map(([name, value]) => h("tr", { key: name },
    h("th", { scope: "row", dir: "auto" }, name), h("td", null, cell(value))))));
}

function cell(value) {
  if (value === null || value === undefined || value === "") return h("span", { class: "none" }, "empty");
  if (Array.isArray(value)) return h("ul", null, value.map((each, index) => h("li", { key: index }, cell(each))));
  if (typeof value === "object") return table(Object.entries(value));
  const text = String(value);
  return /^https?:\/\//.test(text) ? link(text, text) : h("span", { dir: "auto" }, text);
}
