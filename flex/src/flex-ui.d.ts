/**
 * The few parts of Flex UI 2.x that this plugin touches.
 *
 * Why not the package: @twilio/flex-ui is 22 MB with a hundred dependencies, wants Node 20, and at run time Flex hands the
 * plugin all of it anyway. The shapes are those of @twilio/flex-ui 2.17; a bundle never contains any of it.
 */
declare module "@twilio/flex-ui" {
  import type { ReactNode } from "react";

  export interface ITask {
    taskSid: string;
    attributes: Record<string, unknown>;
  }

  export interface CRMContainerProps {
    uriCallback?: ((task?: ITask) => string) | undefined;
    uri?: string | undefined;
  }

  export const CRMContainer: { readonly defaultProps: CRMContainerProps };

  export interface TaskChannelDefinition {
    name: string;
  }

  export const DefaultTaskChannels: {
    createChatTaskChannel(
      name: string,
      isApplicable: (task: ITask) => boolean,
      icon: string | ReactNode,
      iconActive: string | ReactNode,
      color: string,
    ): TaskChannelDefinition;
  };

  export const TaskChannels: { register(definition: TaskChannelDefinition): void };

  export interface Manager {
    readonly user: { token?: string };
    readonly events: {
      addListener(event: "tokenUpdated", listener: (payload: { token: string }) => void): unknown;
    };
    readonly serviceConfiguration: { ui_attributes?: unknown };
  }
}
