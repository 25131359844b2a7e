/**
 * Signs the desk's page in: it asks for the Flex token, and is given it.
 *
 * The token is worth an agent's session, so it goes by postMessage to the asking frame alone: a frame that Flex itself
 * shows (no window that opened us or that we opened, no frame within a frame), at the desk's origin when it asked, and,
 * by the target origin, still at the desk's origin when it hears the answer.
 */

import type { Desk } from "./desk";
import type { Tokens } from "./tokens";

/** What the desk's page sends. */
export const READY = "frontdesk:ready";
/** What it is sent. */
export const TOKEN = "frontdesk:token";

/**
 * Answer each page of the desk that asks for the token, as often as it asks.
 *
 * @param flex - the window of Flex.
 * @param desk - whose pages are answered.
 * @param tokens - what they are given.
 */
export function handTokensOver(flex: Window, desk: Desk, tokens: Tokens): void {
  const waiting = new Set<Window>();

  const answer = (page: Window): void => {
    const token = tokens.current();
    if (!token) {
      waiting.add(page);
      return;
    }
    waiting.delete(page);
    page.postMessage({ type: TOKEN, token }, desk.origin);
  };

  flex.addEventListener("message", ({ origin, source, data }: MessageEvent<unknown>) => {
    if (origin !== desk.origin || !isReady(data)) return;
    const frame = frames(flex).find((each) => each === source);
    if (frame) answer(frame);
  });
  tokens.onNew(() => {
    const shown = frames(flex);
    for (const page of [...waiting]) {
      if (shown.includes(page)) answer(page);
      else waiting.delete(page);
    }
  });
}

function isReady(data: unknown): boolean {
  return typeof data === "object" && data !== null && (data as Record<string, unknown>).type === READY;
}

function frames(flex: Window): Window[] {
  return [...flex.document.querySelectorAll("iframe")].flatMap(({ contentWindow }) => contentWindow ?? []);
}
