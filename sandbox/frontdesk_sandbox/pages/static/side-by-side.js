// The window with both pages: tabs where it is narrow, a divider to drag where it is wide.

const names = ["chat", "desktop"];
const main = document.querySelector("main");
const divider = document.getElementById("divider");

function show(name) {
  document.body.dataset.shown = name;
  for (const each of names) document.getElementById(`tab-${each}`).ariaSelected = String(each === name);
}

for (const name of names) document.getElementById(`tab-${name}`).addEventListener("click", () => show(name));
show(sessionStorage.getItem("shown") ?? "chat");
document.querySelector(".tabs").addEventListener("click", () => sessionStorage.setItem("shown", document.body.dataset.shown));

function split(share) {
  const held = Math.min(0.75, Math.max(0.25, share));
  main.style.setProperty("--left", String(held));
  divider.ariaValueNow = String(Math.round(held * 100));
  sessionStorage.setItem("split", String(held));
}

split(Number(sessionStorage.getItem("split") ?? 0.5));

divider.addEventListener("pointerdown", (event) => {
  divider.setPointerCapture(event.pointerId);
  // Frames would swallow the pointer.
  main.classList.add("dragging");
});
divider.addEventListener("pointermove", (event) => {
  if (divider.hasPointerCapture(event.pointerId)) split(event.clientX / main.clientWidth);
});
divider.addEventListener("lostpointercapture", () => main.classList.remove("dragging"));
divider.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -0.03, ArrowRight: 0.03 }[event.key];
  if (step) split(Number(sessionStorage.getItem("split")) + step);
});
