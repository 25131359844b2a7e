// The left side: servers, channels or direct messages, and who one is.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, colorOf } from "./people.js";
import { findPlace, isThread, serverOf, sign, unread } from "./chat-places.js";

/** Everything left of the messages. */
export function side(app) {
  const { screen } = app;
  if (!screen) return h("div", { class: "side" });
  const place = findPlace(screen, app.place);
  const server = app.server === "dms" ? null
    : screen.servers.find((each) => each.id === app.server) ?? (place?.kind === "dm" ? null : serverOf(screen, place) ?? screen.servers[0]);
  return h("div", { class: "side" },
    h("nav", { class: "servers", "aria-label": "Servers" },
      h("button", {
        type: "button", class: ["server", "dms", !server && "open"], "aria-current": !server ? "true" : null,
        "aria-label": "Direct messages", title: "Direct messages", on: { click: () => showDms(app) },
      }, icon("chat"), badge(screen.dms.reduce((sum, dm) => sum + unread(app, dm), 0))),
      screen.servers.map((each) => serverButton(app, each, each === server))),
    h("div", { class: "places" },
      h("h2", { dir: "auto" }, server ? server.name : "Direct messages"),
      h("nav", { class: "place-list", "aria-label": server ? "Channels" : "Direct messages" },
        server ? channels(app, server) : dms(app)),
      me(app)));
}

function showDms(app) {
  app.set({ server: "dms" });
  const dm = app.screen.dms[0];
  if (dm) app.open(dm.id);
}

function serverButton(app, server, open) {
  const news = server.channels.some((each) => unread(app, each));
  const first = server.channels.find((each) => each.kind === "text") ?? server.channels[0];
  return h("button", {
    key: server.id, type: "button", class: ["server", open && "open", news && "news"], title: server.name,
    "aria-label": news ? `${server.name}, unread` : server.name, "aria-current": open ? "true" : null,
    on: {
      click: () => {
        app.set({ server: server.id });
        if (!open && first) app.open(first.id);
      },
    },
  }, avatar(server.name, colorOf(server.name), { class: "square" }));
}

function badge(count) {
  return count > 0 && h("span", { class: "badge" }, count > 9 ? "9+" : String(count));
}

function channels(app, server) {
  const tops = server.channels.filter((each) => !each.parent && each.kind !== "category");
  const categories = server.channels.filter((each) => each.kind === "category");
  const inside = (parent) => server.channels.filter((each) => each.parent === parent.id && !isThread(each));
  return [
    tops.map((each) => withThreads(app, server, each)),
    categories.map((category) => h("section", { key: category.id },
      h("h3", { dir: "auto" }, category.name),
      inside(category).map((each) => withThreads(app, server, each)))),
  ];
}

function withThreads(app, server, place) {
  const threads = server.channels.filter((each) => each.parent === place.id && isThread(each) && (!each.archived || each.id === app.place));
  return [row(app, place), threads.map((each) => row(app, each, "nested"))];
}

function row(app, place, more) {
  const open = place.id === app.place;
  const news = open ? 0 : unread(app, place);
  return h("button", {
    key: place.id, type: "button", class: ["place", more, open && "open", news && "news"],
    "aria-current": open ? "page" : null, on: { click: () => pick(app, place) },
  },
  icon(sign(place)), h("span", { class: "name", dir: "auto" }, place.name),
  news > 0 && h("span", { class: "dot", role: "img", "aria-label": "unread" }));
}

function pick(app, place) {
  app.server = null;
  app.open(place.id);
}

function dms(app) {
  const { screen } = app;
  if (!screen.dms.length) {
    return h("button", { type: "button", class: "place", on: { click: () => startDm(app) } },
      avatar(screen.bot.name, screen.bot.color), h("span", { class: "name" }, `Message ${screen.bot.name}`));
  }
  return screen.dms.map((dm) => {
    const open = dm.id === app.place;
    const news = open ? 0 : unread(app, dm);
    return h("button", {
      key: dm.id, type: "button", class: ["place", "dm", open && "open", news && "news"], "aria-current": open ? "page" : null,
      on: { click: () => pick(app, dm) },
    }, avatar(dm.with.name, dm.with.color), h("span", { class: "name", dir: "auto" }, dm.with.name), badge(news));
  });
}

/** Open the direct channel with the bot. */
export async function startDm(app) {
  const answer = await app.act("open-dm");
  if (answer) pick(app, { id: answer.place });
}

function me(app) {
  const { me: person, people } = app.screen;
  const open = app.menu === "me";
  const mine = people.find((each) => each.id === person.id);
  return h("div", { class: "me" },
    open && whoMenu(app, people),
    h("button", {
      type: "button", class: "plain who", "aria-haspopup": "true", "aria-expanded": String(open), title: "Be someone else",
      "aria-label": `${person.name}: be someone else`,
      on: { click: () => app.set({ menu: open ? null : "me" }) },
    },
    avatar(person.name, person.color),
    h("span", { class: "who-name" }, h("strong", { dir: "auto" }, person.name), h("small", null, role(mine))),
    icon("swap")));
}

function standing(person) {
  return `${role(person)} · ${person.locale}`;
}

function role(person) {
  if (!person) return "No longer a member";
  return person.owner ? "Owner" : person.roles[0] ?? "Member";
}

function whoMenu(app, people) {
  const { me: person } = app.screen;
  const setting = (name, label) => h("label", { class: "check" },
    h("input", { type: "checkbox", set: { checked: person[name] }, on: { change: ({ target }) => app.act("settings", { [name]: target.checked }) } }),
    label);
  return h("div", { class: "popover who-menu", role: "group", "aria-label": "Who you are" },
    h("h3", null, "Be someone else"),
    h("div", { class: "choices" }, people.map((each) => h("button", {
      key: each.id, type: "button", class: ["choice", each.id === person.id && "open"],
      "aria-current": each.id === person.id ? "true" : null, on: { click: () => app.become(each.id) },
    },
    avatar(each.name, each.color), h("span", { class: "name", dir: "auto" }, each.name), h("small", null, standing(each))))),
    h("button", { type: "button", class: "choice new", on: { click: () => app.set({ menu: null, dialog: { kind: "member" } }) } },
      h("span", { class: "avatar ghost" }, icon("plus")), h("span", { class: "name" }, "New member…")),
    h("h3", null, "Your doors"),
    setting("dms_closed", "Refuse direct messages"),
    setting("bot_blocked", "Block the bot"));
}
