/** Builds one script for Flex: everything inside but React, which Flex gives to plugins. */

import { loadEnv } from "vite";
import { defineConfig } from "vitest/config";

import manifest from "./package.json" with { type: "json" };

export default defineConfig(({ mode }) => ({
  // The names that @twilio/flex-plugin reads; Flex shows them in its list of plugins and sends them with errors.
  define: {
    __FPB_PLUGIN_UNIQUE_NAME: JSON.stringify(manifest.name),
    __FPB_PLUGIN_VERSION: JSON.stringify(manifest.version),
    __FPB_FLEX_PLUGIN_SCRIPTS_VERSION: JSON.stringify("none"),
    __FPB_FLEX_PLUGIN_VERSION: JSON.stringify(manifest.dependencies["@twilio/flex-plugin"]),
    __FPB_FLEX_UI_VERSION: JSON.stringify(manifest.peerDependencies["@twilio/flex-ui"]),
    __FPB_REACT_VERSION: JSON.stringify(manifest.devDependencies.react),
    __FPB_REACT_DOM_VERSION: JSON.stringify(manifest.devDependencies["react-dom"]),
    "process.env.FLEX_APP_DESK_URL": JSON.stringify(deskUrl(mode)),
  },
  build: {
    target: "es2020",
    sourcemap: true,
    lib: { entry: "src/index.ts", formats: ["iife"], name: "FrontdeskFlexPlugin", fileName: () => `${manifest.name}.js` },
    rollupOptions: { external: ["react"], output: { globals: { react: "React" } } },
  },
  test: { environment: "jsdom", include: ["tests/**/*.test.{ts,tsx}"] },
}));

// From the environment or a file .env; the tests have a desk of their own.
function deskUrl(mode: string): string {
  return mode === "test" ? "" : (loadEnv(mode, ".", "FLEX_APP_").FLEX_APP_DESK_URL ?? "");
}
