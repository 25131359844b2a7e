// Servers, channels and DMs: finding them, and what in them has not been read.

const SIGNS = {
  announcement: "megaphone", forum: "forum", voice: "voice", dm: "chat",
  public_thread: "thread", private_thread: "lock", announcement_thread: "thread",
};

/** The name of the icon of a place. */
export function sign(place) {
  return SIGNS[place.kind] ?? "hash";
}

/** Whether a place is a thread or a forum post. */
export function isThread(place) {
  return place.kind.endsWith("_thread");
}

/** Every place of a screen but the categories. */
export function allPlaces(screen) {
  return [...screen.dms, ...screen.servers.flatMap((server) => server.channels)].filter((each) => each.kind !== "category");
}

/** A place by id. */
export function findPlace(screen, id) {
  return allPlaces(screen).find((each) => each.id === id);
}

/** The server of a place; undefined for a DM. */
export function serverOf(screen, place) {
  return screen.servers.find((server) => server.channels.some((each) => each.id === place?.id));
}

/** Where a person starts: a channel to talk in, else any. */
export function fresh(screen) {
  const places = allPlaces(screen).filter((each) => each.kind !== "dm");
  return places.find((each) => each.kind === "text" && each.can_send) ?? places[0] ?? screen.dms[0];
}

/** Whether one id is later than another; ids are numbers too large for JavaScript's. */
export function later(one, other) {
  if (!one) return false;
  return !other || BigInt(one) > BigInt(other);
}

/** How many messages of others have not been read. */
export function unread(app, place) {
  return place.others.filter((id) => later(id, app.seen[place.id])).length;
}

/** Note that a place has been read up to its last message. */
export function markSeen(app, place) {
  app.seen = { ...app.seen, [place.id]: place.last };
}

/** What mentions show in a place. */
export function namesIn(screen, place) {
  const server = serverOf(screen, place);
  const everyone = [screen.me, screen.bot, ...screen.people];
  return {
    person: (id) => (server?.members ?? []).concat(everyone).find((each) => each.id === id)?.name,
    role: (id) => server?.roles.find((each) => each.id === id)?.name,
    channel: (id) => allPlaces(screen).find((each) => each.id === id)?.name,
  };
}
