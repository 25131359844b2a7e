// Listens to what happens to cases, and keeps the page fresh without taking the place from whoever reads or types.

const SHOWN_FOR = 8000; // milliseconds for which somebody is said to be typing
const TELL_EVERY = 4000;

export function live() {
  const root = document.getElementById("live");
  if (!root || !window.EventSource) return;
  const place = root.dataset;
  const state = { changes: new Set(), here: [], typing: new Map() };
  const news = document.getElementById("live-news");

  const refreshed = async (asked) => {
    state.changes.clear();
    news.hidden = true;
    await refresh(asked);
  };
  news.querySelector("button").addEventListener("click", () => refreshed(true));

  const listen = () => {
    const source = new EventSource(place.events);
    source.addEventListener("case", (event) => {
      const { case: id } = JSON.parse(event.data);
      if (place.case && String(id) !== place.case) return;
      state.changes.add(place.case ? event.lastEventId : id);
      if (place.case && !busy()) refreshed(false);
      else tell(news, place, state);
    });
    source.addEventListener("reload", () => (place.case && !busy() ? refreshed(false) : tell(news, place, state, 1)));
    source.addEventListener("presence", (event) => {
      state.here = JSON.parse(event.data).names;
      people(place, state);
    });
    source.addEventListener("typing", (event) => {
      const { name } = JSON.parse(event.data);
      clearTimeout(state.typing.get(name));
      state.typing.set(name, setTimeout(() => (state.typing.delete(name), people(place, state)), SHOWN_FOR));
      people(place, state);
    });
    source.addEventListener("open", () => (root.dataset.open = "yes"));
    window.addEventListener("pagehide", () => source.close());
    // Somebody has many pages open: this one goes on when it is looked at again.
    source.addEventListener("end", () => {
      source.close();
      const again = () => (listen(), busy() ? tell(news, place, state, 1) : refreshed(false));
      window.addEventListener("focus", again, { once: true });
    });
  };
  listen();
  tellOfTyping(place);
}

function tell(news, place, state, least = 0) {
  const count = Math.max(state.changes.size, least);
  news.querySelector("span").textContent = count === 1 ? place.one : place.many.replace("{count}", number(count));
  news.hidden = count === 0;
}

function people(place, state) {
  const line = document.getElementById("live-people");
  const typing = [...state.typing.keys()];
  const named = (name) => (name ? `\u2068${name}\u2069` : place.somebody);
  const names = (list) => new Intl.ListFormat(document.documentElement.lang).format(list.map(named));
  const said = [];
  if (typing.length) said.push(place.typing.replace("{name}", names(typing)));
  else if (state.here.length) said.push(place.here.replace("{names}", names(state.here)));
  line.textContent = said.join(" ");
  line.hidden = !said.length;
}

function number(count) {
  return count.toLocaleString(document.documentElement.lang, { numberingSystem: "latn" }); // as the server writes them
}

function dirty(form) {
  return [...form.elements].some((field) => {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") {
      const before = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
      return before !== undefined && field.value !== before.value;
    }
    return ["INPUT", "TEXTAREA"].includes(field.tagName) && field.type !== "hidden" && field.value !== field.defaultValue;
  });
}

/** Somebody is in the middle of something: they are told, and decide themselves when to look. */
function busy() {
  return [...document.forms].some(dirty) || Boolean(document.activeElement?.closest("[data-live] :is(input, select, textarea)"));
}

/** Reads the page anew and puts its live parts in place; what somebody is changing stays as they have it. */
async function refresh(asked) {
  let answer;
  try {
    // What is fetched without being asked for does not keep a session alive whose person is gone.
    const headers = { Accept: "text/html", ...(asked ? {} : { "X-Frontdesk-Background": "1" }) };
    answer = await fetch(window.location.href, { headers, credentials: "same-origin" });
  } catch {
    return;
  }
  if (answer.redirected && !busy()) window.location.reload(); // merged, or signed out
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const reading = document.activeElement?.closest(".case-row .open")?.getAttribute("href");
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.getElementById(part.id);
    const kept = [...part.querySelectorAll("form")].some(dirty);
    if (other && !kept) part.replaceWith(document.adoptNode(other));
  }
  if (reading) document.querySelector(`.case-row .open[href="${CSS.escape(reading)}"]`)?.focus({ preventScroll: true });
  renew(fresh, asked);
}

/** A form that nobody has touched is about the case as it now stands; so is a text whose writer has asked for the news. */
function renew(fresh, asked) {
  for (const form of document.forms) {
    if (form.closest("[data-live]") || (dirty(form) && !(asked && form.dataset.draft))) continue;
    const other = [...fresh.forms].find((each) => each.getAttribute("action") === form.getAttribute("action"));
    for (const name of ["version", "seen"]) {
      const [field, next] = [form.elements[name], other?.elements[name]];
      if (field && next) field.value = next.value;
    }
  }
}

function tellOfTyping(place) {
  const form = document.querySelector("[data-typing]:not(#live)");
  let told = 0;
  form?.querySelector("textarea").addEventListener("input", () => {
    if (Date.now() - told < TELL_EVERY) return;
    told = Date.now();
    const headers = { "X-CSRF-Token": place.csrf, "Content-Type": "application/x-www-form-urlencoded" };
    fetch(form.dataset.typing, { method: "POST", headers, body: "", credentials: "same-origin" }).catch(() => {});
  });
}
