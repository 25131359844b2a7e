// @vitest-environment node

/** The bundle as Flex loads it: a plain script, with React and Twilio as globals. */

import React from "react";
import { build } from "vite";
import { expect, it, vi } from "vitest";

import { fakeFlex, fakeManager } from "./flex";

async function bundle(): Promise<string> {
  const built = await build({ logLevel: "silent", build: { write: false } });
  const [output] = [built].flat();
  if (!output || !("output" in output)) throw new Error("nothing was built");
  const scripts = output.output.flatMap((each) => (each.type === "chunk" ? each.code : []));
  expect(scripts).toHaveLength(1);
  return scripts.join("");
}

it("is one script that gives the plugin to Flex and needs nothing but Flex and React", async () => {
  const given: (new () => { init: (...args: unknown[]) => void; version: string })[] = [];
  const heard: string[] = [];
  const code = await bundle();
  vi.stubGlobal("React", React);
  vi.stubGlobal("Twilio", { Flex: { Plugins: { init: (plugin: (typeof given)[number]) => given.push(plugin) } } });
  vi.stubGlobal("window", { addEventListener: (name: string) => heard.push(name) });
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  const run = globalThis.eval; // called by another name it runs as a script does, outside of this function
  run(code);
  expect(given).toHaveLength(1);
  const plugin = given[0] && new given[0]();
  const flex = fakeFlex();
  plugin?.init(flex, fakeManager("one"));
  expect(plugin?.version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(flex.channels.map((each) => each.name)).toEqual(["discord"]);
  expect(flex.CRMContainer.defaultProps.uriCallback?.()).toBe("https://desk.example.com/cases/?panel=1");
  expect(heard).toEqual(["message"]);
  expect(code).not.toMatch(/__FPB_|process\.env|jsx-runtime/);
}, 30_000);
