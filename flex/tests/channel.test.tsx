import React from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";

import { Mark, registerDiscord } from "../src/channel";
import { fakeFlex, foreign, task } from "./flex";

it("gives Discord's tasks a colour and a mark", () => {
  const flex = fakeFlex();
  registerDiscord(flex);
  expect(flex.channels).toHaveLength(1);
  const [channel] = flex.channels;
  expect(channel).toMatchObject({ name: "discord", color: "#5865F2" });
  for (const icon of [channel?.icon, channel?.iconActive]) {
    expect(renderToStaticMarkup(icon as React.ReactElement)).toMatch(/^<svg .*<\/svg>$/);
  }
});

it("takes Discord's tasks and no others", () => {
  const flex = fakeFlex();
  registerDiscord(flex);
  const applies = flex.channels[0]?.isApplicable;
  expect(applies?.(task())).toBe(true);
  for (const other of ["web", "Discord2", "", null, undefined, ["discord"]]) expect(applies?.(foreign({ channelType: other }))).toBe(false);
  expect(applies?.({ taskSid: "WT1", attributes: undefined as never })).toBe(false);
});

it("fills the mark of a task in hand", () => {
  expect(renderToStaticMarkup(<Mark filled />)).toContain('fill="#5865F2"');
  expect(renderToStaticMarkup(<Mark filled={false} />)).not.toContain("#5865F2");
});
