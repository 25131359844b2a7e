// One message: who, when, what, and what one can do with it.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { inline, markdown } from "./markdown.js";
import { avatar, time } from "./people.js";
import { attachments, embed, poll } from "./chat-embeds.js";
import { components } from "./chat-components.js";
import { findPlace, isThread, namesIn } from "./chat-places.js";

const QUICK = ["👍", "❤️", "😂", "🎉", "🙏", "👀", "✅", "❌", "🔥", "💡", "🐛", "⭐"];

/** A message; `follows` one by the same author, so that name and picture are left out. */
export function message(app, place, one, follows) {
  const names = { ...namesIn(app.screen, place) };
  const known = names.person;
  names.person = (id) => one.mentions[id] ?? known(id);
  const mentioned = Boolean(one.mentions[app.screen.me.id]) && !one.mine;
  return h("li", {
    key: one.id, "data-message": one.id, "data-author": one.author.name,
    class: [
      "message", follows && "follows", one.ephemeral && "ephemeral", mentioned && "mentioned",
      app.menu?.endsWith(`-${one.id}`) && "busy",
    ],
  },
  !follows && avatar(one.author.name, one.author.color),
  h("div", { class: "body" },
    !follows && above(one, names),
    !follows && heading(one),
    follows && h("span", { class: "side-time" }, time(one.at)),
    app.editing === one.id ? editor(app, place, one) : content(one, names),
    h("div", { class: "extras" },
      attachments(one.attachments),
      one.stickers.map((name, index) => h("span", { key: index, class: "sticker" }, name)),
      one.poll && poll(one.poll),
      one.embeds.map((each, index) => embed(each, names, index)),
      components(app, place, one, names),
      one.thread && threadLink(app, one),
      reactions(app, place, one)),
    one.ephemeral && h("p", { class: "private" }, icon("eye"), "Only you can see this · ",
      h("button", { type: "button", class: "text", on: { click: () => app.hide(one.id) } }, "Dismiss"))),
  app.editing !== one.id && !one.loading && toolbar(app, place, one));
}

// The first words of a message, without its blocks.
function oneLine(text) {
  return text.replace(/```(?:[\w+#.-]*\n)?/g, " ").replace(/^(?:#{1,3}|>{1,3}|-#|[-*]|\d+\.) /gm, "").replace(/\s+/g, " ").slice(0, 160);
}

function above(one, names) {
  if (one.reply_to) {
    return h("p", { class: "above" }, icon("reply"), h("strong", { dir: "auto" }, one.reply_to.author.name),
      h("span", { dir: "auto" }, one.reply_to.content ? inline(oneLine(one.reply_to.content), names) : "a message without text"));
  }
  return one.command && h("p", { class: "above" }, h("span", null, "answers "), h("code", { dir: "auto" }, `/${one.command}`));
}

function heading(one) {
  return h("p", { class: "head" },
    h("strong", { class: "author", dir: "auto" }, one.author.name),
    one.author.bot && h("span", { class: "tag" }, "Bot"),
    time(one.at),
    one.pinned && h("span", { class: "pinned" }, icon("pin", "Pinned")));
}

function content(one, names) {
  if (one.loading) return h("p", { class: "thinking" }, dots(), `${one.author.name} is thinking…`);
  if (!one.content) return one.edited ? h("div", { class: "content" }, edited()) : null;
  const onlyEmoji = /^(?:\p{Extended_Pictographic}[\uFE0F\u200D]*\s*){1,6}$/u.test(one.content);
  return h("div", { class: ["content", onlyEmoji && "big"] }, markdown(one.content, names), one.edited && edited());
}

function edited() {
  return h("small", { class: "edited" }, "(edited)");
}

/** Three dots that move while one waits. */
export function dots() {
  return h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
}

function threadLink(app, one) {
  const thread = findPlace(app.screen, one.thread);
  return thread && h("button", { type: "button", class: "thread-link", on: { click: () => app.open(thread.id) } },
    icon("thread"), h("strong", { dir: "auto" }, thread.name), h("span", null, thread.count === 1 ? "1 message" : `${thread.count} messages`));
}

function reactions(app, place, one) {
  return one.reactions.length > 0 && h("div", { class: "reactions" }, one.reactions.map((each) => {
    const emoji = each.emoji.id ? `${each.emoji.name}:${each.emoji.id}` : each.emoji.name;
    return h("button", {
      key: emoji, type: "button", class: ["reaction", each.me && "mine"], "aria-pressed": String(each.me),
      "aria-label": `${each.emoji.name}, ${each.count}`, on: { click: () => app.act("react", { place: place.id, message: one.id, emoji }) },
    }, h("span", null, each.emoji.id ? `:${each.emoji.name}:` : each.emoji.name), h("b", null, String(each.count)));
  }));
}

function canHang(place, one) {
  return !place.with && !isThread(place) && !one.ephemeral && !one.thread;
}

function toolbar(app, place, one) {
  const tool = (name, label, click, more) => h("button", { type: "button", title: label, "aria-label": label, ...more, on: { click } }, icon(name));
  const menu = (name) => ({ currentTarget }) => app.set({
    menu: app.menu === `${name}-${one.id}` ? null : `${name}-${one.id}`,
    menuUp: currentTarget.getBoundingClientRect().top > innerHeight / 2,
  });
  const moderates = app.screen.people.find((each) => each.id === app.screen.me.id);
  const target = { place: place.id, message: one.id };
  return h("div", { class: ["tools", app.menuUp && "up"] },
    !one.ephemeral && tool("smile", "React", menu("react"), { "aria-haspopup": "true" }),
    !one.ephemeral && place.can_send && tool("reply", "Reply", () => reply(app, place, one)),
    canHang(place, one) && tool("thread", "Start a thread", () => app.set({ dialog: { kind: "post", place, message: one.id } })),
    one.mine && tool("edit", "Edit", () => app.set({ editing: one.id })),
    !one.ephemeral && place.message_commands.length > 0 && tool("bot", "Apps", menu("apps"), { "aria-haspopup": "true" }),
    !one.ephemeral && (one.mine || moderates?.roles.length || moderates?.owner) && tool("trash", "Delete", () => app.act("delete", target)),
    app.menu === `react-${one.id}` && h("div", { class: "popover emoji-menu", role: "group", "aria-label": "Reactions" },
      QUICK.map((emoji) => h("button", {
        key: emoji, type: "button", "aria-label": emoji,
        on: { click: () => (app.set({ menu: null }), app.act("react", { ...target, emoji })) },
      }, emoji))),
    app.menu === `apps-${one.id}` && h("div", { class: "popover apps-menu", role: "group", "aria-label": "Apps" },
      place.message_commands.map((each) => h("button", {
        key: each.id, type: "button", class: "choice",
        on: { click: () => (app.set({ menu: null }), app.act("use", { ...target, name: each.name })) },
      }, icon("bot"), h("span", { dir: "auto" }, each.shown_name)))));
}

function reply(app, place, one) {
  app.set({ replying: { ...app.replying, [place.id]: one.id } });
  document.querySelector(".composer textarea")?.focus();
}

function editor(app, place, one) {
  const done = () => {
    app.set({ editing: null });
    document.querySelector(".composer textarea")?.focus();
  };
  const keys = async (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      done();
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      const text = event.target.value.trim();
      if (!text || text === one.content || await app.act("edit", { place: place.id, message: one.id, text })) done();
    }
  };
  return h("div", { class: "editor" },
    h("textarea", {
      dir: "auto", "aria-label": "Edit the message", maxlength: "2000", rows: "2", on: { keydown: keys },
      init: (node) => {
        node.value = one.content;
        node.focus();
      },
    }),
    h("small", null, "Enter saves · Escape leaves it"));
}
