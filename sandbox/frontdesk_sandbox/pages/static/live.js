// The line to the sandbox: snapshots come in over a WebSocket, deeds go out as forms; refusals become toasts.

import { h, draw } from "./dom.js";
import { icon } from "./icons.js";

/** Fetch JSON. */
export async function load(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

/** Do something; returns the answer, or null after a refusal, which the person then sees. */
export async function act(path, values = {}, files = []) {
  const form = new FormData();
  form.set("values", JSON.stringify(values));
  for (const [name, file] of files) form.append(name, file, file.name);
  try {
    const answer = await fetch(path, { method: "POST", body: form });
    const body = await answer.json().catch(() => ({}));
    if (answer.ok) return body;
    toast(body.error ?? `Something went wrong inside the sandbox (${answer.status}).`);
  } catch {
    toast("The sandbox does not answer. Is it still running?");
  }
  return null;
}

/** Keep a screen up to date: `onScreen(snapshot)`, `onGlimpse(news)`; returns `tell(about)` and `close()`. */
export function follow(path, { onScreen, onGlimpse = () => {}, onLine = () => {} }) {
  let socket = null;
  let about = null;
  let closed = false;
  let wait = 250;

  function open() {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
    socket.addEventListener("open", () => {
      wait = 250;
      onLine(true);
      if (about) socket.send(about);
    });
    socket.addEventListener("message", ({ data }) => {
      const news = JSON.parse(data);
      if (news.screen) onScreen(news.screen);
      if (news.glimpse) onGlimpse(news.glimpse);
    });
    socket.addEventListener("close", ({ code }) => {
      if (closed) return;
      onLine(false, code);
      setTimeout(() => closed || open(), wait);
      wait = Math.min(wait * 2, 4000);
    });
  }

  open();
  return {
    tell(facts) {
      const text = JSON.stringify(facts);
      if (text === about) return;
      about = text;
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close() {
      closed = true;
      socket.close();
    },
  };
}

let toasts = [];
let shelf = null;

/** Show a sentence for some seconds. */
export function toast(sentence, kind = "refusal") {
  const one = { id: crypto.randomUUID(), sentence, kind };
  toasts = [...toasts.slice(-2), one];
  drawToasts();
  setTimeout(() => {
    toasts = toasts.filter((each) => each !== one);
    drawToasts();
  }, 6000);
}

function drawToasts() {
  if (!shelf) {
    shelf = document.body.appendChild(document.createElement("div"));
    shelf.className = "toasts";
    shelf.setAttribute("role", "status");
    shelf.setAttribute("aria-live", "polite");
  }
  // A modal dialog lies above everything else in the page, so the shelf goes into it.
  const home = document.querySelector("dialog[open]") ?? document.body;
  if (shelf.parentNode !== home) home.append(shelf);
  draw(shelf, toasts.map((each) =>
    h("div", { key: each.id, class: ["toast", each.kind] }, icon(each.kind === "refusal" ? "alert" : "check"), each.sentence)));
}
