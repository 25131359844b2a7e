/** A small Flex for the tests: what the plugin touches, and what it has done there. */

import type { CRMContainerProps, ITask, TaskChannelDefinition } from "@twilio/flex-ui";

export const DESK = { base: "https://desk.example.com", origin: "https://desk.example.com" };

/** A task as the helpdesk plugin makes it. */
export function task(attributes: Record<string, unknown> = {}): ITask {
  return {
    taskSid: "WT00000000000000000000000000000001",
    attributes: { channelType: "discord", frontdesk_conversation: 7, case_number: "", case_url: "", ...attributes },
  };
}

/** A task of somebody else's web chat. */
export function foreign(attributes: Record<string, unknown> = {}): ITask {
  return { taskSid: "WT00000000000000000000000000000002", attributes: { channelType: "web", ...attributes } };
}

interface Registered extends TaskChannelDefinition {
  isApplicable: (task: ITask) => boolean;
  icon: unknown;
  iconActive: unknown;
  color: string;
}

/** Flex UI, as far as the plugin sees it. */
export function fakeFlex(props: CRMContainerProps = {}) {
  const channels: Registered[] = [];
  return {
    channels,
    CRMContainer: { defaultProps: props },
    DefaultTaskChannels: {
      createChatTaskChannel: (
        name: string,
        isApplicable: Registered["isApplicable"],
        icon: unknown,
        iconActive: unknown,
        color: string,
      ): Registered => ({ name, isApplicable, icon, iconActive, color }),
    },
    TaskChannels: { register: (channel: TaskChannelDefinition) => void channels.push(channel as Registered) },
  };
}

/** Flex's manager: the one who is signed in, and the settings. */
export function fakeManager(token?: string, uiAttributes: unknown = { frontdesk: { url: DESK.base } }) {
  const listeners: ((payload: { token: string }) => void)[] = [];
  return {
    user: token === undefined ? {} : { token },
    events: {
      addListener: (_event: "tokenUpdated", listener: (payload: { token: string }) => void) => listeners.push(listener),
    },
    serviceConfiguration: { ui_attributes: uiAttributes },
    /** What happens in Flex about every hour. */
    renew: (fresh: string) => {
      for (const tell of listeners) tell({ token: fresh });
    },
  };
}
