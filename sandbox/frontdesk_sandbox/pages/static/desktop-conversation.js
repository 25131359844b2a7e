// The middle: the conversation of the task in view, and where the agent writes.

import { h } from "./dom.js";
import { toast } from "./live.js";
import { icon } from "./icons.js";
import { arrived, attach, outgoing } from "./files.js";
import { avatar, colorOf, day, time } from "./people.js";
import { link } from "./markdown.js";

const NEAR = 60;
let scroller = null;
let atEnd = true;

/** The conversation with its head and composer. */
export function conversation(app, task) {
  return h("main", { class: "talk", key: task.task_sid },
    head(app, task),
    h("div", { class: "talk-body" },
      h("div", {
        class: "bubbles", role: "log", tabindex: "0", "aria-label": `Conversation with ${task.customer}`, init: adopt,
        on: { scroll: ({ currentTarget: node }) => (atEnd = node.scrollHeight - node.scrollTop - node.clientHeight < NEAR) },
      }, h("ol", null, bubbles(app, task), ending(task))),
      writing(app, task)));
}

function adopt(node) {
  scroller = node;
  atEnd = true;
  keepPlace();
  new ResizeObserver(keepPlace).observe(node);
  new ResizeObserver(keepPlace).observe(node.firstElementChild);
}

/** Stay at the end, if one was there. */
export function keepPlace() {
  if (scroller?.isConnected && atEnd) scroller.scrollTop = scroller.scrollHeight;
}

function head(app, task) {
  const tab = (name, label) => h("button", {
    key: name, type: "button", role: "tab", "aria-selected": String(app.tab === name), class: app.tab === name && "open",
    on: { click: () => app.set({ tab: name, side: name === "chat" ? app.side : name }) },
  }, label);
  return h("header", { class: "talk-head" },
    avatar(task.customer, colorOf(task.customer)),
    h("div", { class: "title" },
      h("h2", { dir: "auto" }, task.customer),
      h("small", null, [task.channel_type, words(task)].filter(Boolean).join(" · "))),
    h("div", { class: "tabs only-tabs", role: "tablist", "aria-label": "Parts of the task" },
      tab("chat", "Chat"), task.side_panel && tab("page", "Page"), tab("details", "Details")),
    endings(app, task));
}

function words(task) {
  if (task.status === "wrapping") return "wrapping up";
  return task.conversation_state === "closed" ? "closed" : "with you";
}

function endings(app, task) {
  const open = app.menu === "task";
  const values = { task: task.task_sid };
  const wrapping = task.status === "wrapping";
  const item = (name, label, deed, more = {}) => h("button", {
    type: "button", class: "choice", on: { click: () => (app.set({ menu: null }), app.act(deed, { ...values, ...more })) },
  }, icon(name), h("span", null, label));
  const others = app.screen.agents.filter((each) => each.name !== app.who);
  return h("div", { class: "endings" },
    h("button", {
      type: "button", class: "button primary", disabled: app.busy.has("complete"), on: { click: () => app.act("complete", values) },
    }, icon("check"), "Complete"),
    !wrapping && h("button", {
      type: "button", class: "plain", "aria-label": "More ways to end", "aria-haspopup": "true", "aria-expanded": String(open),
      on: { click: () => app.set({ menu: open ? null : "task" }) },
    }, icon("more")),
    open && !wrapping && h("div", { class: "popover", role: "group", "aria-label": "Ways to end" },
      item("pin", "Wrap up: end the chat, keep the task", "wrap-up"),
      item("leave", "Leave the conversation", "leave"),
      item("swap", "Back to the queue", "transfer"),
      others.map((each) => h("div", { key: each.name }, item("swap", `Hand over to ${each.full_name}`, "transfer", { to: each.name })))));
}

function bubbles(app, task) {
  let before = null;
  return task.messages.map((one) => {
    const newDay = !before || day(before.at) !== day(one.at);
    const follows = !newDay && before.author === one.author;
    before = one;
    return [
      newDay && h("li", { key: `day-${one.sid}`, class: "system" }, day(one.at)),
      bubble(app, task, one, follows),
    ];
  });
}

function bubble(app, task, one, follows) {
  const side = one.mine ? "mine" : task.customers.includes(one.author) ? "customer" : app.screen.names[one.author] ? "colleague" : "machine";
  const name = one.mine ? app.screen.agent.full_name : side === "customer" ? task.customer : app.screen.names[one.author] ?? one.author;
  const values = { task: task.task_sid, message: one.sid };
  return h("li", { key: one.sid, class: ["bubble", side, follows && "follows"], "data-author": name },
    !follows && h("p", { class: "from" }, side === "machine" && icon("bot"), h("span", { dir: "auto" }, name), time(one.at)),
    app.editing === one.sid ? editor(app, one, values)
      : h("div", { class: "said" },
        one.body && h("p", { dir: "auto" }, linked(one.body)),
        one.media.map(media),
        one.edited && h("small", { class: "edited" }, "edited")),
    one.mine && app.editing !== one.sid && task.conversation_state !== "closed" && h("div", { class: "tools" },
      h("button", { type: "button", title: "Edit", "aria-label": "Edit", on: { click: () => app.set({ editing: one.sid }) } }, icon("edit")),
      h("button", { type: "button", title: "Delete", "aria-label": "Delete", on: { click: () => app.act("delete", values) } }, icon("trash"))));
}

function linked(text) {
  return text.split(/(https?:\/\/[^\s<>]*[^\s<>.,:;!?'")\]])/).map((part) => (/^https?:\/\//.test(part) ? link(part, part) : part));
}

function media(file) {
  return arrived({
    key: file.sid, path: `/pages/desktop/media/${file.sid}`, name: file.filename ?? "file", size: file.size, type: file.content_type,
  });
}

function editor(app, one, values) {
  const keys = async (event) => {
    if (event.key === "Escape") app.set({ editing: null });
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      const text = event.target.value.trim();
      if (!text || text === one.body || await app.act("edit", { ...values, text })) app.set({ editing: null });
    }
  };
  return h("textarea", {
    class: "editor", dir: "auto", "aria-label": "Edit the message", rows: "2", on: { keydown: keys },
    init: (node) => {
      node.value = one.body;
      node.focus();
    },
  });
}

function ending(task) {
  const line = (sentence) => h("li", { key: "end", class: "system" }, icon("lock"), sentence);
  if (task.status === "wrapping") return line("You have ended the chat. Complete the task when your notes are done.");
  if (task.conversation_state === "closed") return line("The conversation is closed.");
  return task.messages.length === 0 && h("li", { key: "none", class: "system" }, "Nothing has been said yet.");
}

function writing(app, task) {
  if (task.conversation_state === "closed" || task.status === "wrapping") return null;
  const id = task.task_sid;
  const files = app.files[id] ?? [];
  const setFiles = (found) => app.set({ files: { ...app.files, [id]: found } });
  const send = async () => {
    const area = document.querySelector(".writing textarea");
    const text = area.value.trim();
    if (!text && !files.length) return;
    area.value = app.drafts[id] = "";
    setFiles([]);
    const sent = await app.act("say", { task: id, text }, { files: files.map((file) => ["files", file]) });
    if (!sent && !area.value) {
      area.value = app.drafts[id] = text;
      setFiles(files);
    }
  };
  return h("div", { class: "writing" },
    outgoing(files, setFiles),
    h("div", { class: "write" },
      attach("Add a file", (more) => setFiles([...files, ...more]), false),
      h("textarea", {
        rows: "1", dir: "auto", placeholder: `Write to ${task.customer}`, "aria-label": `Write to ${task.customer}`,
        init: (node) => (node.value = app.drafts[id] ?? ""),
        on: {
          input: ({ target }) => {
            app.drafts[id] = target.value;
            app.redraw();
          },
          keydown: (event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            if (event.target.value.length > 1600) toast("Some channels cut messages after 1600 characters.", "hint");
            send();
          },
        },
      }),
      h("button", { type: "button", class: "plain send", "aria-label": "Send", title: "Send", on: { click: send } }, icon("send"))));
}
