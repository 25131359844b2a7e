/** The token with which the agent is signed in to Flex. */

import type { Manager } from "@twilio/flex-ui";

export interface Tokens {
  /** The one that is good now; undefined while there is none. */
  current(): string | undefined;
  /** Call when there is a new one. */
  onNew(listener: () => void): void;
}

/**
 * Follow the token of a Flex that is signed in.
 *
 * @param manager - Flex's.
 */
export function flexTokens(manager: Manager): Tokens {
  const listeners: (() => void)[] = [];
  let renewed = "";
  // The event's own token is taken: whether manager.user has it already at this moment, Flex does not promise.
  manager.events.addListener("tokenUpdated", ({ token }) => {
    renewed = token;
    for (const tell of listeners) tell();
  });
  return {
    current: () => (renewed || manager.user.token) ?? undefined,
    onNew: (listener) => void listeners.push(listener),
  };
}
