import { describe, expect, it } from "vitest";

import { configuredDesk, deskAt } from "../src/desk";

describe("the address of the desk", () => {
  it.each([
    ["https://desk.example.com", "https://desk.example.com", "https://desk.example.com"],
    ["https://desk.example.com/", "https://desk.example.com", "https://desk.example.com"],
    [" https://Example.com:8443/desk/ ", "https://example.com:8443/desk", "https://example.com:8443"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080", "http://127.0.0.1:8080"],
  ])("%s", (address, base, origin) => {
    expect(deskAt(address)).toEqual({ base, origin });
  });

  it.each(["", "desk.example.com", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", undefined, null, 7, {}])(
    "is not %s",
    (address) => {
      expect(deskAt(address)).toBeNull();
    },
  );

  it("is Flex's own setting before that of the build", () => {
    const attributes = { frontdesk: { url: "https://flex.example.com" } };
    expect(configuredDesk(attributes, "https://built.example.com")?.base).toBe("https://flex.example.com");
  });

  it.each([undefined, null, "x", {}, { frontdesk: null }, { frontdesk: "x" }, { frontdesk: { url: "javascript:alert(1)" } }])(
    "is that of the build where Flex says %j",
    (attributes) => {
      expect(configuredDesk(attributes, "https://built.example.com")?.base).toBe("https://built.example.com");
      expect(configuredDesk(attributes, "")).toBeNull();
      expect(configuredDesk(attributes, undefined)).toBeNull();
    },
  );
});
