// The list of a server's members, on wide screens.

import { h } from "./dom.js";
import { avatar } from "./people.js";
import { serverOf } from "./chat-places.js";

/** The members of the open server; null in a DM. */
export function members(app, place) {
  const server = serverOf(app.screen, place);
  if (!server) return null;
  const groups = [
    ["Team", (each) => !each.bot && (each.roles.length > 0 || each.id === server.owner)],
    ["Members", (each) => !each.bot && each.roles.length === 0 && each.id !== server.owner],
    ["Bots", (each) => each.bot],
  ];
  return h("aside", { class: "members", "aria-label": "Members" }, groups.map(([title, belongs]) => {
    const found = server.members.filter(belongs);
    return found.length > 0 && h("section", { key: title },
      h("h3", null, `${title} — ${found.length}`),
      found.map((each) => h("div", { key: each.id, class: "person" },
        avatar(each.name, each.color), h("span", { class: "name", dir: "auto" }, each.name),
        each.bot && h("span", { class: "tag" }, "Bot"))));
  }));
}
