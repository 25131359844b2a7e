// The list of messages of a place: grouped by author and day, held at the bottom unless one has scrolled up.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, day } from "./people.js";
import { message } from "./chat-message.js";
import { isThread, later, sign } from "./chat-places.js";

const TOGETHER = 7 * 60 * 1000;
const NEAR = 40;

let scroller = null;
let atEnd = true;

/** The scrolling part of the page. */
export function messageList(app, place) {
  if (place.kind === "forum") return forum(app, place);
  const shown = place.messages.filter((each) => !app.hidden.has(each.id));
  const notices = place.notices.filter((each) => !app.hidden.has(each.id));
  return h("div", {
    key: place.id, class: "messages", tabindex: "0", role: "log", "aria-label": `Messages in ${place.with?.name ?? place.name}`,
    init: adopt, on: { scroll: noteScroll },
  },
  h("div", { class: "sheet" },
    welcome(place),
    h("ol", { class: "message-list" }, timeline(app, place, shown, notices))),
  h("button", {
    type: "button", class: ["to-end", atEnd && "gone"], tabindex: atEnd ? "-1" : "0", "aria-hidden": String(atEnd),
    on: { click: toEnd },
  }, icon("down"), "Newest messages"));
}

function adopt(node) {
  scroller = node;
  atEnd = true;
  toEnd();
  new ResizeObserver(keepPlace).observe(node.firstElementChild);
  new ResizeObserver(keepPlace).observe(node);
}

function noteScroll({ currentTarget }) {
  const end = currentTarget.scrollHeight - currentTarget.scrollTop - currentTarget.clientHeight < NEAR;
  if (end === atEnd) return;
  atEnd = end;
  const button = currentTarget.querySelector(":scope > .to-end");
  button.classList.toggle("gone", end);
  button.tabIndex = end ? -1 : 0;
  button.ariaHidden = String(end);
}

function toEnd() {
  scroller.scrollTop = scroller.scrollHeight;
}

/** Stay at the end, if one was there, after something has changed its height. */
export function keepPlace() {
  if (scroller?.isConnected && atEnd) toEnd();
}

function welcome(place) {
  const dm = place.with;
  return h("div", { class: "welcome" },
    dm ? avatar(dm.name, dm.color, { class: "large" }) : h("span", { class: "avatar large sign" }, icon(sign(place))),
    h("h2", { dir: "auto" }, dm ? dm.name : place.name),
    h("p", { dir: "auto" }, dm ? `This is the beginning of your direct messages with ${dm.name}.`
      : place.topic ?? `This is the beginning of ${isThread(place) ? "the thread" : "#"}${isThread(place) ? "" : place.name}.`));
}

function timeline(app, place, messages, notices) {
  const left = [...notices];
  let before = null;
  const made = messages.map((each) => {
    const older = [];
    while (left.length && later(each.id, left[0].id)) older.push(notice(app, left.shift()));
    const newDay = !before || day(before.at) !== day(each.at);
    const follows = !newDay && !older.length && belongsTo(before, each);
    before = each;
    return [
      older,
      newDay && h("li", { key: `day-${each.id}`, class: "day" }, h("span", null, day(each.at))),
      message(app, place, each, follows),
    ];
  });
  return [made, left.map((each) => notice(app, each))];
}

function belongsTo(before, each) {
  return before.author.id === each.author.id && !each.reply_to && !each.command && before.ephemeral === each.ephemeral
    && new Date(each.at) - new Date(before.at) < TOGETHER;
}

function notice(app, each) {
  return h("li", { key: `notice-${each.id}`, class: "notice", role: "alert" },
    icon("alert"),
    h("span", null, each.command && h("code", null, `/${each.command}`), each.command && " ", each.text),
    h("button", { type: "button", class: "text", on: { click: () => app.hide(each.id) } }, "Dismiss"));
}

function forum(app, place) {
  const server = app.screen.servers.find((each) => each.channels.some((channel) => channel.id === place.id));
  const posts = server.channels.filter((each) => each.parent === place.id).reverse();
  return h("div", { key: place.id, class: "messages forum", tabindex: "0", "aria-label": `Posts in ${place.name}` },
    h("div", { class: "sheet" },
      welcome(place),
      h("button", { type: "button", class: "primary", on: { click: () => app.set({ dialog: { kind: "post", place } }) } }, icon("plus"), "New post"),
      h("ul", { class: "posts" }, posts.map((each) => h("li", { key: each.id },
        h("button", { type: "button", class: "post", on: { click: () => app.open(each.id) } },
          h("strong", { dir: "auto" }, each.name),
          h("small", null, each.count === 1 ? "1 message" : `${each.count} messages`, each.archived && " · archived")))))));
}
