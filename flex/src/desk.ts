/** Where the desk's pages are. */

export interface Desk {
  /** The address below which the pages are, without a slash at the end. */
  readonly base: string;
  /** Scheme, host and port: who may be given a token. */
  readonly origin: string;
}

/**
 * Read the address of the desk.
 *
 * @param address - as somebody wrote it.
 * @returns null unless it is a complete http or https address.
 */
export function deskAt(address: unknown): Desk | null {
  const url = webAddress(address);
  return url && { base: `${url.origin}${url.pathname.replace(/\/+$/, "")}`, origin: url.origin };
}

/**
 * Find the desk among the settings.
 *
 * @param uiAttributes - Flex's `ui_attributes`; `frontdesk.url` there goes before what the bundle was built with.
 * @param builtIn - the address that the bundle was built with.
 */
export function configuredDesk(uiAttributes: unknown, builtIn: string | undefined): Desk | null {
  const ours = member(uiAttributes, "frontdesk");
  return deskAt(member(ours, "url")) ?? deskAt(builtIn);
}

/**
 * Read an address that a browser may show in a frame.
 *
 * @returns null for anything but http and https, such as `javascript:`.
 */
export function webAddress(address: unknown): URL | null {
  if (typeof address !== "string") return null;
  try {
    const url = new URL(address.trim());
    return url.protocol === "https:" || url.protocol === "http:" ? url : null;
  } catch {
    return null;
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
