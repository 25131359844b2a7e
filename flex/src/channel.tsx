/** How tasks from Discord look in Flex: a colour and a mark of their own. */

import type * as FlexUi from "@twilio/flex-ui";
import React from "react";

import { isDiscord } from "./task";

const BLURPLE = "#5865F2";

/** A speech bubble that holds a game pad: drawn for this plugin, nobody's trade mark. */
export function Mark({ filled }: { filled: boolean }): React.ReactElement {
  const ink = filled ? "#fff" : "currentColor";
  return (
    <svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path
        d="M6 3h12a4 4 0 0 1 4 4v7a4 4 0 0 1-4 4h-5l-4.6 3.5A.9.9 0 0 1 7 20.8V18H6a4 4 0 0 1-4-4V7a4 4 0 0 1 4-4Z"
        fill={filled ? BLURPLE : "none"}
        stroke={filled ? BLURPLE : "currentColor"}
        strokeWidth="1.6"
        strokeLinejoin="round"
      />
      <path d="M8.6 8.2v4.6M6.3 10.5h4.6" fill="none" stroke={ink} strokeWidth="1.6" strokeLinecap="round" />
      <circle cx="14.6" cy="11.8" r="1.25" fill={ink} />
      <circle cx="17.2" cy="9.2" r="1.25" fill={ink} />
    </svg>
  );
}

/**
 * Tell Flex of the channel.
 *
 * @param flex - the parts of Flex that keep the channels.
 */
export function registerDiscord(flex: Pick<typeof FlexUi, "DefaultTaskChannels" | "TaskChannels">): void {
  const channel = flex.DefaultTaskChannels.createChatTaskChannel(
    "discord",
    isDiscord,
    <Mark filled={false} />,
    <Mark filled />,
    BLURPLE,
  );
  flex.TaskChannels.register(channel);
}
