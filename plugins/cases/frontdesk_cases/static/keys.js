// Keyboard shortcuts: single keys, never while somebody types, never with Ctrl, Alt or Meta. Who speaks to the computer,
// or touches keys by accident, switches them off; this browser remembers it.

const OFF = "frontdesk:keys-off";

export function keys() {
  const dialog = document.getElementById("keys");
  const button = document.getElementById("keys-open");
  const choice = document.getElementById("keys-on");
  if (!dialog) return;
  button.hidden = false;
  button.addEventListener("click", () => dialog.showModal());
  choice.checked = !areOff();
  choice.addEventListener("change", () => switchOff(!choice.checked));
  // Another tab may have switched them.
  window.addEventListener("storage", () => (choice.checked = !areOff()));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const at = event.target;
    if (at.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])")) {
      if (event.key === "Escape") at.blur();
      return;
    }
    if (!choice.checked || document.querySelector("dialog[open]")) return;
    if (press(latin(event))) event.preventDefault();
  });
}

/** Layouts of other scripts have their own letters on the keys: there the place of the key counts. */
function latin(event) {
  if (/^[\x00-\x7f]+$/.test(event.key)) return event.key;
  if (event.code === "Slash") return event.shiftKey ? "?" : "/";
  return /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : event.key;
}

function areOff() {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false; // storage may be forbidden in a frame; then it holds for this page alone
  }
}

function switchOff(off) {
  try {
    if (off) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
  } catch {
    // as above
  }
}

function press(key) {
  if (key === "j" || key === "k") return move(key === "j" ? 1 : -1);
  if (key === "/") return focus(document.getElementById("search")) || go("u");
  if (key === "a") return focus(document.querySelector('[data-key="a"]'));
  if (key === "n") return note();
  if (key === "u" || key === "c") return go(key);
  if (key === "?") {
    document.getElementById("keys")?.showModal();
    return true;
  }
  return false;
}

function move(step) {
  const links = [...document.querySelectorAll(".case-row .open")];
  if (!links.length) return false;
  const here = links.indexOf(document.activeElement);
  const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : here + step;
  return focus(links[Math.min(Math.max(next, 0), links.length - 1)]);
}

function focus(element) {
  if (!element) return false;
  element.focus();
  element.scrollIntoView({ block: "nearest" });
  return true;
}

function note() {
  const box = document.querySelector(".note-box");
  if (!box) return false;
  box.open = true;
  return focus(document.getElementById("note"));
}

function go(key) {
  const link = document.querySelector(`a[data-key="${key}"]`);
  if (!link) return false;
  link.click();
  return true;
}
