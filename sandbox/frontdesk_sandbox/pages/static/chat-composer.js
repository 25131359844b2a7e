// Where one writes: text, files, replies; a slash opens the commands.

import { h } from "./dom.js";
import { toast } from "./live.js";
import { icon } from "./icons.js";
import { attach, outgoing } from "./files.js";
import { dots } from "./chat-message.js";
import { chips, entries, matching, picker, pick } from "./chat-commands.js";

const LONGEST = 2000;
let lastTyped = 0;

/** The bottom of the room. */
export function composer(app, place) {
  if (place.kind === "forum") return null;
  if (!place.can_send) {
    return h("div", { class: "composer closed", key: `closed-${place.id}` }, icon("lock"),
      h("p", null, "You may read here, but not write."), commandBar(app, place));
  }
  return h("div", { class: "composer", key: `composer-${place.id}` },
    typing(app, place),
    commandBar(app, place) ?? writing(app, place));
}

function commandBar(app, place) {
  return app.command?.place === place.id ? chips(app, place) : null;
}

function writing(app, place) {
  const text = app.drafts[place.id] ?? "";
  const found = text.startsWith("/") ? matching(entries(place), text) : null;
  const files = app.files[place.id] ?? [];
  const name = place.with?.name ?? `#${place.name}`;
  return [
    found && picker(app, place, found),
    replyBar(app, place),
    outgoing(files, (kept) => setFiles(app, place, kept)),
    h("div", { class: "write", on: { dragover: (event) => event.preventDefault(), drop: (event) => dropped(app, place, event) } },
      attach("Add files", (more) => addFiles(app, place, more), true),
      h("textarea", {
        rows: "1", dir: "auto", placeholder: `Message ${name}`, "aria-label": `Message ${name}`, maxlength: String(LONGEST * 2),
        role: "combobox", "aria-expanded": String(Boolean(found?.length)), "aria-controls": "commands", "aria-autocomplete": "list",
        "aria-activedescendant": found?.length ? `command-${app.picked}` : null,
        init: (node) => {
          node.value = text;
          grow(node);
          if (!matchMedia("(pointer: coarse)").matches && window.top === window) node.focus();
        },
        on: {
          input: ({ target }) => changed(app, place, target), keydown: (event) => keys(app, place, event, found),
          paste: (event) => event.clipboardData.files.length && (event.preventDefault(), addFiles(app, place, event.clipboardData.files)),
        },
      }),
      text.length > LONGEST - 200 && h("span", { class: ["count", text.length > LONGEST && "over"] }, String(LONGEST - text.length)),
      h("button", {
        type: "button", class: "plain send", "aria-label": "Send", title: "Send", disabled: !text.trim() && !files.length,
        on: { click: () => send(app, place) },
      }, icon("send"))),
  ];
}

function typing(app, place) {
  const names = [...app.typing.values()].filter((each) => each.place === place.id).map((each) => each.typing);
  return h("p", { class: "typing", "aria-live": "polite" },
    names.length > 0 && [dots(), h("span", { dir: "auto" }, names.join(", "), names.length > 1 ? " are typing…" : " is typing…")]);
}

function replyBar(app, place) {
  const one = place.messages.find((each) => each.id === app.replying[place.id]);
  return one && h("div", { class: "replying" }, icon("reply"), h("span", null, "Replying to ", h("strong", { dir: "auto" }, one.author.name)),
    h("button", { type: "button", class: "plain", "aria-label": "Do not reply", on: { click: () => stopReply(app, place) } }, icon("close")));
}

function stopReply(app, place) {
  app.set({ replying: { ...app.replying, [place.id]: null } });
}

function changed(app, place, area) {
  const text = area.value;
  app.drafts[place.id] = text;
  app.picked = 0;
  grow(area);
  const whole = text.endsWith(" ") && entries(place).find((each) => `/${each.shown} ` === text);
  if (whole) {
    area.value = "";
    pick(app, place, whole);
  }
  if (text && !text.startsWith("/") && Date.now() - lastTyped > 8000) {
    lastTyped = Date.now();
    app.act("type", { place: place.id });
  }
  app.redraw();
}

function grow(area) {
  area.style.setProperty("height", "auto");
  area.style.setProperty("height", `${Math.min(area.scrollHeight, 200)}px`);
}

function keys(app, place, event, found) {
  if (event.isComposing) return;
  if (found?.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
    event.preventDefault();
    app.set({ picked: (app.picked + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length });
  } else if (found?.length && (event.key === "Enter" || event.key === "Tab")) {
    event.preventDefault();
    event.target.value = "";
    pick(app, place, found[app.picked]);
  } else if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    send(app, place);
  } else if (event.key === "ArrowUp" && !event.target.value) {
    const own = place.messages.findLast((each) => each.mine && !each.ephemeral);
    if (own) {
      event.preventDefault();
      app.set({ editing: own.id });
    }
  } else if (event.key === "Escape") {
    if (app.replying[place.id]) stopReply(app, place);
    else if (found) resetText(app, place, event.target);
  }
}

function resetText(app, place, area) {
  app.drafts[place.id] = "";
  area.value = "";
  grow(area);
  app.redraw();
}

function setFiles(app, place, files) {
  app.set({ files: { ...app.files, [place.id]: files } });
}

function addFiles(app, place, more) {
  setFiles(app, place, [...(app.files[place.id] ?? []), ...more].slice(0, 10));
}

function dropped(app, place, event) {
  event.preventDefault();
  addFiles(app, place, event.dataTransfer.files);
}

async function send(app, place) {
  const area = document.querySelector(".composer textarea");
  const text = area.value.trim();
  const files = app.files[place.id] ?? [];
  if (!text && !files.length) return;
  if (/^\/[\p{L}\p{N}_-]+/u.test(text) && !files.length) {
    toast(`There is no command ${text.split(" ")[0]} here.`);
    return;
  }
  const reply = app.replying[place.id];
  resetText(app, place, area);
  setFiles(app, place, []);
  lastTyped = 0;
  const values = { place: place.id, text, ...(reply ? { reply_to: reply } : {}) };
  const sent = await app.act("say", values, { files: files.map((file) => ["files", file]) });
  if (sent) stopReply(app, place);
  else if (!area.value) {
    // What was refused is given back, not lost.
    app.drafts[place.id] = area.value = text;
    setFiles(app, place, files);
    grow(area);
  }
}
