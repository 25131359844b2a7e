/** Put in while building; Twilio's Plugin Builder knows names that begin with FLEX_APP_, and so does vite.config.ts. */
declare const process: { env: { FLEX_APP_DESK_URL?: string } };
