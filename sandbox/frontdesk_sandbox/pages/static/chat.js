// The chat client: who looks, at which place, and everything drawn from the last snapshot.

import { h, draw } from "./dom.js";
import { act, follow, load, toast } from "./live.js";
import { icon } from "./icons.js";
import { side } from "./chat-side.js";
import { messageList, keepPlace } from "./chat-messages.js";
import { composer } from "./chat-composer.js";
import { dialogs } from "./chat-dialogs.js";
import { members } from "./chat-members.js";
import { allPlaces, findPlace, fresh, later, markSeen, sign } from "./chat-places.js";

const root = document.getElementById("app");
let line = null;
let planned = false;

const app = {
  who: null, screen: null, place: null, server: null, online: true,
  drafts: {}, files: {}, replying: {}, editing: null, command: null, picked: 0, menu: null, menuUp: false, dialog: null,
  typing: new Map(), seen: {}, hidden: new Set(), busy: new Set(), drawer: false, showMembers: true,

  /** Draw soon; many calls in a moment make one drawing. */
  redraw() {
    if (planned) return;
    planned = true;
    queueMicrotask(() => {
      planned = false;
      drawAll();
    });
  },

  /** Change some of the above, and draw. */
  set(changes) {
    Object.assign(app, changes);
    app.redraw();
  },

  /** Do something as this person; `busy` names what shows that it is under way. */
  async act(deed, values = {}, { files = [], busy = deed } = {}) {
    app.busy.add(busy);
    app.redraw();
    const answer = await act(`/pages/chat/${app.who}/${deed}`, values, files);
    app.busy.delete(busy);
    app.redraw();
    return answer;
  },

  /** Take a message or a notice off this screen only. */
  hide(id) {
    app.hidden.add(id);
    app.redraw();
  },

  /** Look at another place. */
  open(id) {
    Object.assign(app, { place: id, editing: null, command: null, menu: null, drawer: false });
    remember("place", id);
    line.tell({ place: id });
    app.redraw();
  },

  /** Be another person. */
  become(id) {
    line?.close();
    const seen = JSON.parse(sessionStorage.getItem(`chat.${id}.seen`) ?? "null");
    Object.assign(app, {
      who: id, screen: null, place: sessionStorage.getItem(`chat.${id}.place`), server: null, drafts: {}, files: {},
      replying: {}, editing: null, command: null, menu: null, dialog: null, typing: new Map(), seen, hidden: new Set(),
    });
    line = follow(`/pages/chat/${id}/live`, {
      onScreen: arrived,
      onGlimpse: typed,
      onLine: (online, code) => (code === 4404 ? forget() : app.set({ online })),
    });
    if (app.place) line.tell({ place: app.place });
  },
};

function remember(name, value) {
  sessionStorage.setItem(`chat.${app.who}.${name}`, value);
}

// The sandbox was started anew, and nobody has this id any more.
function forget() {
  line.close();
  setTimeout(start, 500);
}

// Ids are new after each start of the sandbox; names stay.
function noteName({ username }) {
  const url = new URL(location.href);
  if (url.searchParams.get("as") === username) return;
  url.searchParams.set("as", username);
  history.replaceState(null, "", url);
  sessionStorage.setItem("chat.as", username);
}

function arrived(screen) {
  app.screen = screen;
  noteName(screen.me);
  if (!app.seen) app.seen = Object.fromEntries(allPlaces(screen).map((place) => [place.id, place.last]));
  if (!findPlace(screen, app.place)) {
    const first = fresh(screen);
    if (first && first.id !== app.place) {
      app.open(first.id);
      return;
    }
  }
  const place = findPlace(screen, app.place);
  const newest = place?.messages.at(-1);
  if (newest) app.typing.delete(`${place.id}/${newest.author.id}`);
  app.redraw();
}

function typed(news) {
  if (!news.typing) return;
  const key = `${news.place}/${news.user}`;
  clearTimeout(app.typing.get(key)?.timer);
  const timer = setTimeout(() => {
    app.typing.delete(key);
    app.redraw();
  }, 9000);
  app.typing.set(key, { ...news, timer });
  app.redraw();
}

function drawAll() {
  const { screen } = app;
  const place = screen && findPlace(screen, app.place);
  if (screen && place && document.visibilityState === "visible" && later(place.last, app.seen[place.id])) {
    markSeen(app, place);
    remember("seen", JSON.stringify(app.seen));
  }
  draw(root,
    h("div", { class: ["client", app.drawer && "drawer-open"], on: { click: closeMenu, keydown: shortcuts } },
      side(app),
      h("main", { class: "room" }, screen ? room(place) : h("p", { class: "wait" }, "Opening the sandbox…")),
      screen && place && app.showMembers && members(app, place),
      !app.online && h("p", { class: "offline", role: "status" }, "The line is down. Trying again…"),
      screen && dialogs(app)));
  keepPlace();
}

function room(place) {
  if (!place) return h("p", { class: "wait" }, "There is no place to look at yet.");
  return [
    h("header", { class: "room-head" },
      h("button", {
        class: "plain only-narrow", type: "button", "aria-label": "Servers and channels", "aria-expanded": String(app.drawer),
        on: { click: () => app.set({ drawer: !app.drawer }) },
      }, icon("menu")),
      icon(sign(place)),
      h("h1", { dir: "auto" }, place.with?.name ?? place.name),
      place.with?.bot && h("span", { class: "tag" }, "Bot"),
      place.topic && h("p", { class: "topic", dir: "auto", title: place.topic }, place.topic),
      h("span", { class: "simulated" }, "Chat · simulated"),
      !place.with && h("button", {
        class: "plain only-wide", type: "button", "aria-pressed": String(app.showMembers), "aria-label": "Members", title: "Members",
        on: { click: () => app.set({ showMembers: !app.showMembers }) },
      }, icon("people"))),
    messageList(app, place),
    composer(app, place),
  ];
}

function closeMenu(event) {
  if (app.menu && !event.target.closest(".popover, [aria-haspopup]")) app.set({ menu: null });
  if (app.drawer && !event.target.closest(".side, .room-head")) app.set({ drawer: false });
}

function shortcuts(event) {
  if (event.key === "Escape" && (app.menu || app.drawer)) app.set({ menu: null, drawer: false });
}

async function start() {
  const people = await load("/pages/chat/people").catch(() => []);
  if (!people.length) {
    draw(root, h("p", { class: "wait" }, "Waiting for the first member to join…"));
    setTimeout(start, 1000);
    return;
  }
  const asked = new URL(location.href).searchParams.get("as");
  const known = (name) => name && people.find((each) => [each.id, each.name, each.username].includes(name));
  if (asked && !known(asked)) toast(`Nobody here is called ${asked}.`);
  app.become((known(asked) ?? known(sessionStorage.getItem("chat.as")) ?? people[0]).id);
}

// A click into another frame is no click here, but takes the focus away.
window.addEventListener("blur", () => app.menu && app.set({ menu: null }));
document.addEventListener("visibilitychange", () => app.redraw());
start();
