// What makes the pages of cases quicker for whoever has scripts. Everything works without them.

import { keys } from "./keys.js";
import { drafts } from "./drafts.js";
import { live } from "./live.js";

keys();
drafts();
live();

for (const chooser of document.querySelectorAll("[data-go]")) {
  chooser.form.querySelector("[data-go-button]").hidden = true;
  chooser.addEventListener("change", () => chooser.form.requestSubmit());
}

for (const inserts of document.querySelectorAll("[data-inserts]")) {
  inserts.hidden = false;
  inserts.addEventListener("click", (event) => {
    const text = event.target.closest("[data-insert]")?.dataset.insert;
    if (!text) return;
    const area = inserts.closest("form").querySelector("textarea");
    const before = area.value.slice(0, area.selectionStart);
    area.setRangeText((before && !/\s$/.test(before) ? "\n" : "") + text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  });
}
