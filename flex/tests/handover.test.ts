import { beforeEach, describe, expect, it, vi } from "vitest";

import { handTokensOver } from "../src/handover";
import { flexTokens } from "../src/tokens";
import { DESK, fakeManager } from "./flex";

const READY = { type: "frontdesk:ready" };

function frameIn(parent: Document): HTMLIFrameElement {
  return parent.body.appendChild(parent.createElement("iframe"));
}

function windowOf(frame: HTMLIFrameElement): Window {
  const page = frame.contentWindow;
  if (!page) throw new Error("the frame is not in the document");
  return page;
}

/** A window of Flex with one frame; what that frame is sent, and how it asks. */
function staged(token?: string) {
  const flex = windowOf(frameIn(document));
  const page = windowOf(frameIn(flex.document));
  const sent = vi.spyOn(page, "postMessage").mockImplementation(() => undefined);
  const manager = fakeManager(token);
  handTokensOver(flex, DESK, flexTokens(manager));
  const ask = (how: { data?: unknown; origin?: string; source?: Window | null } = {}): void => {
    const message = { data: READY, origin: DESK.origin, source: page, ...how };
    flex.dispatchEvent(new MessageEvent("message", message as MessageEventInit));
  };
  return { flex, page, sent, manager, ask };
}

beforeEach(() => {
  document.body.replaceChildren();
});

describe("the handover", () => {
  it("answers the desk's page, for its origin alone", () => {
    const { sent, ask } = staged("one");
    ask();
    expect(sent.mock.calls).toEqual([[{ type: "frontdesk:token", token: "one" }, "https://desk.example.com"]]);
  });

  it("says nothing before it is asked", () => {
    const { sent, manager } = staged("one");
    manager.renew("two");
    expect(sent).not.toHaveBeenCalled();
  });

  it.each(["https://evil.example", "http://desk.example.com", "https://desk.example.com:444", "https://x.desk.example.com", "null", ""])(
    "does not answer the origin %j",
    (origin) => {
      const { sent, ask } = staged("one");
      ask({ origin });
      expect(sent).not.toHaveBeenCalled();
    },
  );

  it("does not answer a window that is no frame of Flex: its opener, a pop-up, itself", () => {
    const { flex, sent, ask } = staged("one");
    const stranger = windowOf(frameIn(document));
    const others = [stranger, flex, window].map((each) => vi.spyOn(each, "postMessage").mockImplementation(() => undefined));
    for (const source of [stranger, flex, window, null]) ask({ source });
    for (const other of [...others, sent]) expect(other).not.toHaveBeenCalled();
  });

  it("does not answer a frame within a frame", () => {
    const { page, sent, ask } = staged("one");
    const inner = windowOf(frameIn(page.document));
    const heard = vi.spyOn(inner, "postMessage").mockImplementation(() => undefined);
    ask({ source: inner });
    expect(heard).not.toHaveBeenCalled();
    expect(sent).not.toHaveBeenCalled();
  });

  it("does not answer a frame that has been taken away", () => {
    const { flex, sent, ask } = staged("one");
    flex.document.querySelector("iframe")?.remove();
    ask();
    expect(sent).not.toHaveBeenCalled();
  });

  it.each([null, undefined, "frontdesk:ready", 7, [], {}, { type: "frontdesk:token" }, { type: ["frontdesk:ready"] }])(
    "does not answer %j",
    (data) => {
      const { sent, ask } = staged("one");
      ask({ data });
      expect(sent).not.toHaveBeenCalled();
    },
  );

  it("answers the asking frame and not its neighbour", () => {
    const { flex, sent, ask } = staged("one");
    const neighbour = windowOf(frameIn(flex.document));
    const heard = vi.spyOn(neighbour, "postMessage").mockImplementation(() => undefined);
    ask();
    expect(sent).toHaveBeenCalledOnce();
    expect(heard).not.toHaveBeenCalled();
  });

  it("answers later, and once, who asked before there was a token", () => {
    const { sent, manager, ask } = staged();
    ask();
    ask();
    expect(sent).not.toHaveBeenCalled();
    manager.renew("first");
    manager.renew("second");
    expect(sent.mock.calls).toEqual([[{ type: "frontdesk:token", token: "first" }, DESK.origin]]);
  });

  it("forgets who asked before there was a token and has gone", () => {
    const { flex, sent, manager, ask } = staged();
    ask();
    flex.document.querySelector("iframe")?.remove();
    manager.renew("first");
    expect(sent).not.toHaveBeenCalled();
  });

  it("answers with the newest token when asked again", () => {
    const { sent, manager, ask } = staged("one");
    ask();
    manager.renew("two");
    ask();
    expect(sent.mock.calls.map(([message]) => (message as { token: string }).token)).toEqual(["one", "two"]);
  });
});
