// The left column: tasks offered, and tasks in hand.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, colorOf, stopwatch } from "./people.js";

/** Offers first, then the tasks in hand. */
export function taskList(app) {
  const { incoming, tasks, waiting } = app.screen;
  return h("nav", { class: "tasks", "aria-label": "Tasks" },
    h("section", { class: "incoming", "aria-live": "polite" },
      incoming.length > 0 && h("h2", null, "Incoming"),
      incoming.map((each) => offer(app, each))),
    h("h2", null, "In hand ", h("span", { class: "number" }, String(tasks.length))),
    tasks.length ? h("ul", null, tasks.map((each) => inHand(app, each))) : h("p", { class: "quiet" }, "Nothing yet."),
    h("p", { class: "queue" }, icon("clock"), waiting === 1 ? "1 task in the queue" : `${waiting} tasks in the queue`));
}

function offer(app, each) {
  const busy = app.busy.has(each.reservation_sid);
  const answer = (deed) => app.act(deed, { reservation: each.reservation_sid }, { busy: each.reservation_sid });
  return h("article", { key: each.reservation_sid, class: "offer", "aria-label": `Incoming task from ${each.customer}` },
    h("div", { class: "top" }, avatar(each.customer, colorOf(each.customer)),
      h("div", null,
        h("strong", { dir: "auto" }, each.customer),
        h("small", null, each.channel_type ?? "task", " · waiting ", waited(app, each.age)))),
    each.attributes.reason && h("p", { class: "why", dir: "auto" }, String(each.attributes.reason)),
    h("div", { class: "buttons" },
      h("button", { type: "button", class: "button success", disabled: busy, on: { click: () => answer("accept") } }, icon("check"), "Accept"),
      h("button", { type: "button", class: "button secondary", disabled: busy, on: { click: () => answer("decline") } }, "Decline")));
}

// The server gives the age at the time of the snapshot; from there the page counts on its own.
function waited(app, age) {
  const born = app.at - age * 1000;
  return h("time", { class: "waited", "data-born": String(born), role: "timer", init: tick }, stopwatch(age));
}

function tick(node) {
  const timer = setInterval(() => {
    if (!node.isConnected) clearInterval(timer);
    else node.firstChild.data = stopwatch((performance.now() - Number(node.dataset.born)) / 1000);
  }, 1000);
}

function inHand(app, each) {
  const open = each.task_sid === app.task;
  const last = each.messages.at(-1);
  const news = open ? 0 : each.messages.length - (app.seen[each.task_sid] ?? 0);
  return h("li", { key: each.task_sid }, h("button", {
    type: "button", class: ["task", open && "open", each.status], "aria-current": open ? "true" : null,
    on: { click: () => app.set({ task: each.task_sid, tab: "chat", editing: null }) },
  },
  avatar(each.customer, colorOf(each.customer)),
  h("span", { class: "about" }, h("strong", { dir: "auto" }, each.customer),
    h("small", { dir: "auto" }, each.status === "wrapping" ? "Wrapping up" : last ? last.body || last.media[0]?.filename : "No messages yet")),
  news > 0 && h("span", { class: "badge", "aria-label": `${news} new` }, String(news))));
}
