/** What Flex runs when it loads the bundle. */

import { loadPlugin } from "@twilio/flex-plugin";

import { FrontdeskPlugin } from "./FrontdeskPlugin";

loadPlugin(FrontdeskPlugin);
