/** The plugin object: wiring only. */

import { FlexPlugin } from "@twilio/flex-plugin";
import type * as FlexUi from "@twilio/flex-ui";

import { registerDiscord } from "./channel";
import { configuredDesk } from "./desk";
import { handTokensOver } from "./handover";
import { showCases } from "./panel";
import { flexTokens } from "./tokens";

type Flex = typeof FlexUi;

export class FrontdeskPlugin extends FlexPlugin {
  constructor() {
    super("FrontdeskPlugin");
  }

  /**
   * Called once by Flex, when someone has signed in.
   *
   * @param flex - all of Flex UI.
   * @param manager - what is signed in, and its settings.
   */
  init(flex: Flex, manager: FlexUi.Manager): void {
    registerDiscord(flex);
    const desk = configuredDesk(manager.serviceConfiguration.ui_attributes, process.env.FLEX_APP_DESK_URL);
    if (!desk) {
      console.error(
        "Frontdesk: the desk's address is missing, so cases are not shown. Set ui_attributes.frontdesk.url in Flex, " +
          "or build with FLEX_APP_DESK_URL=https://…",
      );
      return;
    }
    showCases(flex.CRMContainer.defaultProps, desk);
    handTokensOver(window, desk, flexTokens(manager));
  }
}
