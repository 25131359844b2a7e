// Asks the page around this frame for the Flex token, and signs in with it. Only the configured origins are heard.

const page = document.querySelector("[data-staff-flex]");
const origins = page.dataset.origins.split(" ").filter(Boolean);
const states = page.querySelectorAll("[data-state]");
const ASK_AGAIN = 2000; // milliseconds: the panel may not be listening yet
const GIVE_UP = 15000;
let busy = false;

function show(name) {
  for (const state of states) state.hidden = state.dataset.state !== name;
}

function ask() {
  // The browser delivers only what matches the origin of the page around us; some browsers tell which that is.
  const around = window.location.ancestorOrigins?.[0];
  for (const origin of origins) {
    if (!around || origin === around) window.parent.postMessage({ type: "frontdesk:ready" }, origin);
  }
}

async function signIn(token) {
  busy = true;
  show("waiting");
  try {
    const answer = await fetch(page.dataset.action, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ token }),
      credentials: "same-origin",
    });
    if (answer.ok) window.location.replace(page.dataset.next);
    else show(answer.status === 403 ? "refused" : "failed");
  } catch {
    show("failed");
  } finally {
    busy = false;
  }
}

window.addEventListener("message", (event) => {
  if (event.source !== window.parent || !origins.includes(event.origin)) return;
  const { type, token } = event.data ?? {};
  if (type === "frontdesk:token" && typeof token === "string" && !busy) signIn(token);
});

page.querySelector("[data-again]").addEventListener("click", () => {
  show("waiting");
  ask();
});

if (window.parent === window) {
  show("alone");
} else {
  ask();
  const asking = setInterval(() => busy || ask(), ASK_AGAIN);
  setTimeout(() => {
    clearInterval(asking);
    if (!page.querySelector('[data-state="waiting"]').hidden && !busy) show("failed");
  }, GIVE_UP);
}
