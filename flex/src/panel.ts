/** The page beside a task: its case, or the list of open cases. */

import type { CRMContainerProps, ITask } from "@twilio/flex-ui";

import { webAddress, type Desk } from "./desk";
import { caseNumber, caseUrl, isOurs } from "./task";

/**
 * Show cases in Flex's panel; tasks of others keep the page that they had.
 *
 * @param panel - the default properties of Flex's CRMContainer.
 * @param desk - whose pages are shown.
 */
export function showCases(panel: CRMContainerProps, desk: Desk): void {
  const before = panel.uriCallback;
  panel.uriCallback = (task) => {
    if (task && !isOurs(task)) return before?.(task) ?? "";
    return panelUrl(desk, task);
  };
}

/**
 * Give the page that belongs to a task.
 *
 * @param desk - whose pages are shown.
 * @param task - one of ours; nothing for an agent who has no task in view.
 */
export function panelUrl(desk: Desk, task?: ITask): string {
  const page = task ? caseUrl(task) : "";
  // Given as it came: the signature covers every character. One of another origin is not our bot's.
  if (webAddress(page)?.origin === desk.origin) return page;
  const query = new URLSearchParams({ panel: "1" });
  const number = task && caseNumber(task);
  if (number) query.set("q", number);
  return `${desk.base}/cases/?${query.toString()}`;
}
