import { describe, expect, it, vi } from "vitest";

import { panelUrl, showCases } from "../src/panel";
import { DESK, fakeFlex, foreign, task } from "./flex";

const SIGNED = "https://desk.example.com/cases/42?expires=1767225600&q=it's&sig=AbC-_9%2b";
const LIST = "https://desk.example.com/cases/?panel=1";

describe("the page beside a task", () => {
  it("is the case, to the letter, as the signature covers it", () => {
    expect(panelUrl(DESK, task({ case_number: "CASE-42", case_url: SIGNED }))).toBe(SIGNED);
  });

  it("is the list of open cases while there is no task, or no case", () => {
    expect(panelUrl(DESK)).toBe(LIST);
    expect(panelUrl(DESK, task())).toBe(LIST);
  });

  it("is the list below the desk's own path", () => {
    const desk = { base: "https://example.com/desk", origin: "https://example.com" };
    expect(panelUrl(desk)).toBe("https://example.com/desk/cases/?panel=1");
  });

  it("looks the number up where the address is missing, with everything escaped", () => {
    expect(panelUrl(DESK, task({ case_number: "CASE-42" }))).toBe(`${LIST}&q=CASE-42`);
    const url = new URL(panelUrl(DESK, task({ case_number: "a&panel=0#x ?/é" })));
    expect(url.origin + url.pathname + url.hash).toBe("https://desk.example.com/cases/");
    expect([...url.searchParams]).toEqual([["panel", "1"], ["q", "a&panel=0#x ?/é"]]);
  });

  it.each([
    "https://evil.example/cases/42",
    "https://desk.example.com.evil.example/cases/42",
    "https://desk.example.com@evil.example/cases/42",
    "http://desk.example.com/cases/42",
    "https://desk.example.com:444/cases/42",
    "javascript:alert(document.domain)",
    "data:text/html,<script>alert(1)</script>",
    "/cases/42",
    42,
    null,
    { toString: () => SIGNED },
  ])("is never %s", (address) => {
    expect(panelUrl(DESK, task({ case_url: address }))).toBe(LIST);
  });
});

describe("Flex's panel", () => {
  it("shows cases, and leaves the tasks of others as they were", () => {
    const before = vi.fn(() => "https://crm.example.com/7");
    const { defaultProps } = fakeFlex({ uriCallback: before }).CRMContainer;
    showCases(defaultProps, DESK);
    expect(defaultProps.uriCallback?.(task({ case_url: SIGNED }))).toBe(SIGNED);
    expect(defaultProps.uriCallback?.()).toBe(LIST);
    expect(before).not.toHaveBeenCalled();
    const other = foreign({ case_url: SIGNED });
    expect(defaultProps.uriCallback?.(other)).toBe("https://crm.example.com/7");
    expect(before).toHaveBeenCalledExactlyOnceWith(other);
  });

  it("keeps its placeholder for the tasks of others where nothing else was set", () => {
    const { defaultProps } = fakeFlex().CRMContainer;
    showCases(defaultProps, DESK);
    expect(defaultProps.uriCallback?.(foreign())).toBe("");
  });

  it("bears a task without attributes", () => {
    const { defaultProps } = fakeFlex().CRMContainer;
    showCases(defaultProps, DESK);
    expect(defaultProps.uriCallback?.({ taskSid: "WT1", attributes: null as never })).toBe("");
  });
});
