/** What Frontdesk writes into the attributes of a task; the names are those of the helpdesk plugin's briefing. */

import type { ITask } from "@twilio/flex-ui";

/** Whether the member writes in Discord. */
export function isDiscord(task: ITask): boolean {
  return attribute(task, "channelType") === "discord";
}

/** Whether the task is one of Frontdesk's, whatever its channel is called. */
export function isOurs(task: ITask): boolean {
  return attribute(task, "frontdesk_conversation") !== undefined;
}

/** The address of the case's page, as the bot signed it; empty without a case. */
export function caseUrl(task: ITask): string {
  return text(attribute(task, "case_url"));
}

/** The number of the case as people say it, such as `CASE-1042`; empty without a case. */
export function caseNumber(task: ITask): string {
  return text(attribute(task, "case_number"));
}

// Attributes are JSON of anybody's making, whatever the types say.
function attribute(task: ITask, name: string): unknown {
  return (task.attributes as Record<string, unknown> | null | undefined)?.[name];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
