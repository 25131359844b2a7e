// Keeps what is being typed in this tab until it was stored: a session may end, or a connection break.

export function drafts() {
  const place = document.getElementById("live")?.dataset;
  if (!place?.case) return;
  const name = (form) => `frontdesk:draft:${place.me}:${place.case}:${form.dataset.draft}`;
  for (const form of document.querySelectorAll("[data-draft]")) {
    const area = form.querySelector("textarea");
    const pending = `${name(form)}:sent`;
    // The page that follows a stored text is the only one with this anchor.
    if (window.location.hash === "#sent" && read(pending)) write(name(form), "");
    write(pending, "");
    const kept = read(name(form));
    if (kept && !area.value) {
      area.value = kept;
      if (form.closest("details")) form.closest("details").open = true;
    }
    area.addEventListener("input", () => write(name(form), area.value));
    form.addEventListener("submit", () => write(pending, "1"));
  }
  if (window.location.hash === "#sent") history.replaceState(null, "", window.location.pathname + window.location.search);
}

function read(name) {
  try {
    return sessionStorage.getItem(name) ?? "";
  } catch {
    return ""; // storage may be forbidden in a frame; then nothing is kept
  }
}

function write(name, text) {
  try {
    if (text) sessionStorage.setItem(name, text);
    else sessionStorage.removeItem(name);
  } catch {
    // as above
  }
}
