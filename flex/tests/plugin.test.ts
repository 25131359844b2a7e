import { beforeEach, expect, it, vi } from "vitest";

import { DESK, fakeFlex, fakeManager, task } from "./flex";

const given: (new () => { init: (...args: unknown[]) => void })[] = [];
vi.stubGlobal("Twilio", { Flex: { Plugins: { init: (plugin: (typeof given)[number]) => given.push(plugin) } } });
await import("../src/index");

function start(manager: ReturnType<typeof fakeManager>) {
  const flex = fakeFlex();
  const [Plugin] = given;
  if (!Plugin) throw new Error("the plugin was not given to Flex");
  const plugin = new Plugin();
  plugin.init(flex, manager);
  return { flex, plugin };
}

beforeEach(() => {
  vi.restoreAllMocks();
  vi.spyOn(console, "log").mockImplementation(() => undefined);
});

it("gives itself to Flex, and starts there", () => {
  const { flex, plugin } = start(fakeManager("one"));
  expect(plugin).toMatchObject({ name: "FrontdeskPlugin", uniqueName: "plugin-frontdesk" });
  expect(flex.channels).toHaveLength(1);
  expect(flex.CRMContainer.defaultProps.uriCallback?.(task())).toBe(`${DESK.base}/cases/?panel=1`);
});

it("says what is missing, and still marks Discord's tasks", () => {
  const complaint = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const { flex } = start(fakeManager("one", {}));
  expect(flex.channels).toHaveLength(1);
  expect(flex.CRMContainer.defaultProps.uriCallback).toBeUndefined();
  expect(complaint.mock.calls[0]?.[0]).toContain("ui_attributes.frontdesk.url");
});
