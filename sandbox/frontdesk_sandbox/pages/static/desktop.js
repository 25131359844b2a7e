// The agent desktop: who works, on which task, and everything drawn from the last snapshot.

import { h, draw } from "./dom.js";
import { act, follow, load, toast } from "./live.js";
import { icon } from "./icons.js";
import { avatar, colorOf } from "./people.js";
import { taskList } from "./desktop-tasks.js";
import { conversation, keepPlace } from "./desktop-conversation.js";
import { panel } from "./desktop-panel.js";
import { handTokensOver } from "./desktop-handover.js";

const root = document.getElementById("app");
let line = null;
let planned = false;

const app = {
  who: null, screen: null, at: 0, task: null, tab: "chat", side: "page", online: true,
  drafts: {}, files: {}, editing: null, menu: null, seen: {}, busy: new Set(), wanted: false,

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

  /** Do something as this agent. */
  async act(deed, values = {}, { files = [], busy = deed } = {}) {
    app.busy.add(busy);
    app.redraw();
    const answer = await act(`/pages/desktop/${encodeURIComponent(app.who)}/${deed}`, values, files);
    app.busy.delete(busy);
    app.redraw();
    return answer;
  },

  /** Be another agent. */
  become(name) {
    line?.close();
    Object.assign(app, { who: name, screen: null, task: null, drafts: {}, files: {}, editing: null, menu: null, seen: {} });
    const url = new URL(location.href);
    url.searchParams.set("as", name);
    history.replaceState(null, "", url);
    sessionStorage.setItem("desktop.as", name);
    line = follow(`/pages/desktop/${encodeURIComponent(name)}/live`, {
      onScreen: arrived,
      onLine: (online) => app.set({ online }),
    });
  },

  /** The task in view. */
  get current() {
    return app.screen?.tasks.find((each) => each.task_sid === app.task) ?? null;
  },
};

function arrived(screen) {
  const before = new Set(app.screen?.tasks.map((each) => each.task_sid) ?? screen.tasks.map((each) => each.task_sid));
  Object.assign(app, { screen, at: performance.now() });
  const taken = screen.tasks.find((each) => !before.has(each.task_sid));
  if (taken) Object.assign(app, { task: taken.task_sid, tab: "chat", editing: null });
  else if (!app.current) app.task = screen.tasks.at(-1)?.task_sid ?? null;
  app.redraw();
}

function drawAll() {
  const { screen } = app;
  const task = app.current;
  if (task && document.visibilityState === "visible") app.seen[task.task_sid] = task.messages.length;
  draw(root, !screen ? h("p", { class: "wait" }, "Opening the sandbox…")
    : h("div", { class: ["desk", `show-${app.tab}`], on: { click: closeMenu, keydown: ({ key }) => key === "Escape" && app.set({ menu: null }) } },
      head(screen),
      taskList(app),
      task ? conversation(app, task) : nothing(screen),
      panel(app, task),
      !app.online && h("p", { class: "offline", role: "status" }, "The line is down. Trying again…")));
  keepPlace();
}

function head({ agent, agents }) {
  const open = app.menu === "agents";
  const ready = app.busy.has("ready") ? app.wanted : agent.available;
  return h("header", { class: "desk-head" },
    h("h1", null, "Agent desktop"), h("span", { class: "simulated" }, "simulated"),
    h("label", { class: ["ready", ready && "on"], title: "Whether tasks may be offered" },
      h("input", { type: "checkbox", role: "switch", set: { checked: ready }, on: { change: ({ target }) => becomeReady(target.checked) } }),
      h("span", { class: "switch", "aria-hidden": "true" }), h("span", null, agent.activity)),
    h("div", { class: "who-box" },
      h("button", {
        type: "button", class: "plain who", "aria-haspopup": "true", "aria-expanded": String(open),
        "aria-label": `${agent.full_name}: be another agent`,
        on: { click: () => app.set({ menu: open ? null : "agents" }) },
      }, avatar(agent.full_name, colorOf(agent.full_name)), h("span", { class: "who-name", dir: "auto" }, agent.full_name), icon("down")),
      open && h("div", { class: "popover", role: "group", "aria-label": "Agents" }, agents.map((each) => h("button", {
        key: each.name, type: "button", class: ["choice", each.name === agent.name && "open"], on: { click: () => app.become(each.name) },
      }, avatar(each.full_name, colorOf(each.full_name)), h("span", { class: "name", dir: "auto" }, each.full_name),
      h("small", null, each.available ? "Available" : "Not available"))))));
}

// The switch shows at once what is wanted; the answer comes a moment later.
function becomeReady(available) {
  app.wanted = available;
  app.act("ready", { available });
}

function nothing({ agent, incoming }) {
  const sentence = incoming.length ? "A task is waiting for your answer."
    : agent.available ? "You are available. The next task will appear on the left." : "Switch yourself to available to be offered tasks.";
  return h("main", { class: "talk empty" }, h("div", null,
    icon("inbox"),
    h("h2", null, incoming.length ? "Someone needs you" : "All quiet"),
    h("p", null, sentence),
    !agent.available && h("button", { type: "button", class: "button primary", on: { click: () => becomeReady(true) } }, "Become available")));
}

function closeMenu(event) {
  if (app.menu && !event.target.closest(".popover, [aria-haspopup]")) app.set({ menu: null });
}

async function start() {
  const agents = await load("/pages/desktop/agents").catch(() => []);
  if (!agents.length) {
    setTimeout(start, 1000);
    return;
  }
  const asked = new URL(location.href).searchParams.get("as");
  const known = (name) => agents.find((each) => each.name === name || each.full_name === name);
  if (asked && !known(asked)) toast(`Nobody here is called ${asked}.`);
  app.become((known(asked) ?? known(sessionStorage.getItem("desktop.as")) ?? agents[0]).name);
}

// A click into another frame is no click here, but takes the focus away.
window.addEventListener("blur", () => app.menu && app.set({ menu: null }));
document.addEventListener("visibilitychange", () => app.redraw());
handTokensOver({
  desk: document.body.dataset.desk,
  who: () => app.who,
  tokenFor: async (name) => (await act(`/pages/desktop/${encodeURIComponent(name)}/token`))?.token,
});
start();
