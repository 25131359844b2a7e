// Line icons on a 24 x 24 grid.

import { h } from "./dom.js";

const PATHS = {
  hash: "M9 4 7 20M17 4l-2 16M4.5 9h16M3.5 15h16",
  megaphone: "M4 10v4h3l9 5V5l-9 5H4ZM8 14.5 9.5 20h3M19 9.5a3.5 3.5 0 0 1 0 5",
  forum: "M4 5h12v8H9l-4 3v-3H4V5ZM9 16v2h7l4 3v-3h1v-8h-3",
  thread: "M6 4v9a3 3 0 0 0 3 3h10M15 12l4 4-4 4",
  lock: "M6 11h12v9H6v-9ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  voice: "M5 9.5v5h3l5 4v-13l-5 4H5ZM16.5 9a4 4 0 0 1 0 6M19 6.5a8 8 0 0 1 0 11",
  chat: "M4 5h16v11h-8l-5 4v-4H4V5Z",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  check: "M5 12.5 10 17.5 19 7",
  alert: "M12 4 2.5 20h19L12 4ZM12 10v4.5M12 17.2v.3",
  reply: "M10 6 4 12l6 6M4 12h10a6 6 0 0 1 6 6",
  edit: "M5 19h3L19 8l-3-3L5 16v3ZM14 7l3 3",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  smile: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM8.5 14a4 4 0 0 0 7 0M9 9.5v.5M15 9.5v.5",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  link: "M14 5h5v5M19 5l-8 8M17 14v5H5V7h5",
  file: "M7 3.5h7l4 4V20.5H7v-17ZM14 3.5V8h4",
  send: "M4 12 20 4l-5 16-3.5-6.5L4 12ZM11.5 13.5 20 4",
  menu: "M4 7h16M4 12h16M4 17h16",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 19.5c.5-3.5 3-5.5 6.5-5.5s6 2 6.5 5.5M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5c2 .8 3.2 2.6 3.5 5",
  down: "M6 9.5l6 6 6-6",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 7.5V12l3 2",
  eye: "M2.5 12c2-4 5.5-6.5 9.5-6.5s7.5 2.5 9.5 6.5c-2 4-5.5 6.5-9.5 6.5S4.5 16 2.5 12ZM12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6Z",
  bot: "M5 9h14v10H5V9ZM12 9V5M12 4v.5M9 13v1.5M15 13v1.5M2.5 13v3M21.5 13v3",
  leave: "M10 4H5v16h5M9 12h11M16 8l4 4-4 4",
  swap: "M4 8h14M14 4l4 4-4 4M20 16H6M10 12l-4 4 4 4",
  image: "M4 5h16v14H4V5ZM4 16l5-5 4 4 2.5-2.5L20 17M15.5 9v.2",
  inbox: "M4 13 6.5 5h11L20 13v6H4v-6ZM4 13h5l1 2.5h4L15 13h5",
  pin: "M9 4h6l-1 6 3 3H7l3-3-1-6ZM12 13v7",
};

/** An icon by name; decoration unless given a label. */
export function icon(name, label) {
  const props = { class: `icon icon-${name}`, viewBox: "0 0 24 24", "aria-hidden": label ? null : "true" };
  if (label) Object.assign(props, { role: "img", "aria-label": label });
  return h("svg", props, h("path", { d: PATHS[name] }));
}
