// Signs the page beside a task in, as the Flex plugin does: it asks for the agent's token, and is given it.

/**
 * Answer the pages of the desk that this window shows in a frame, and nobody else.
 *
 * `desk`: the bot's address; nothing is answered without one. `tokenFor(who)`: fetches the token of an agent, or null.
 * `who()`: the agent in view.
 */
export function handTokensOver({ desk, who, tokenFor }) {
  if (!desk) return;
  const { origin } = new URL(desk);
  window.addEventListener("message", async ({ data, origin: from, source }) => {
    if (from !== origin || data?.type !== "frontdesk:ready" || !shown(source)) return;
    const asked = who();
    const token = await tokenFor(asked);
    // Meanwhile the person may have become another agent, and the frame may have gone.
    if (token && who() === asked && shown(source)) source.postMessage({ type: "frontdesk:token", token }, origin);
  });
}

function shown(source) {
  return [...document.querySelectorAll("iframe")].some((frame) => frame.contentWindow === source);
}
