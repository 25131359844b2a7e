// Names, avatars and times, as both pages show them.

import { h } from "./dom.js";

/** A round picture made of a name's initials. */
export function avatar(name, color, props = {}) {
  return h("span", { ...props, class: ["avatar", props.class], css: { "--face": color }, "aria-hidden": "true" }, initials(name));
}

function initials(name) {
  const words = name.trim().split(/[\s._-]+/u).filter(Boolean);
  const letters = words.length > 1 ? [first(words[0]), first(words.at(-1))] : [first(words[0] ?? "?")];
  return letters.join("").toLocaleUpperCase();
}

function first(word) {
  return [...word][0] ?? "?";
}

/** A colour that always belongs to the same text. */
export function colorOf(text) {
  let sum = 7;
  for (const letter of text) sum = (sum * 31 + letter.codePointAt(0)) % 360;
  return `hsl(${sum} 48% 42%)`;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

/** The time of day, marked up, with the whole moment as a hint. */
export function time(iso) {
  const moment = new Date(iso);
  return h("time", { datetime: iso, title: whole.format(moment) }, clock.format(moment));
}

/** The day, in words. */
export function day(iso) {
  return date.format(new Date(iso));
}

/** Seconds as m:ss, or h:mm:ss. */
export function stopwatch(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Bytes in words. */
export function bytes(count) {
  if (count < 1024) return `${count} B`;
  return count < 1024 * 1024 ? `${(count / 1024).toFixed(1)} KB` : `${(count / 1024 / 1024).toFixed(1)} MB`;
}
