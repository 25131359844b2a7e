// Files on their way out, and files that have arrived, as both pages show them.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { bytes } from "./people.js";

/** The button that adds files. */
export function attach(label, add, multiple) {
  const change = ({ target }) => {
    add([...target.files]);
    target.value = "";
  };
  return h("label", { class: "plain attach", title: label },
    h("input", { type: "file", multiple, class: "hidden-input", "aria-label": label, on: { change } }),
    icon("plus"));
}

/** The files that the next message will take along; `set(files)` leaves some out. */
export function outgoing(files, set) {
  return files.length > 0 && h("ul", { class: "outgoing" }, files.map((file, index) =>
    h("li", { key: `${file.name}-${index}` },
      icon(file.type.startsWith("image/") ? "image" : "file"),
      h("span", { dir: "auto" }, file.name),
      h("small", null, bytes(file.size)),
      h("button", {
        type: "button", class: "plain", "aria-label": `Leave out ${file.name}`,
        on: { click: () => set(files.filter((each) => each !== file)) },
      }, icon("close")))));
}

/** A file that has arrived: a picture if it may be shown, otherwise something to fetch. */
export function arrived({ key, path, name, size, type, alt, shown = true }) {
  const picture = shown && /^image\/(png|jpe?g|gif|webp)$/.test(type);
  const link = { key, class: picture ? "image" : "file", href: path, target: "_blank", rel: "noopener", download: name };
  return h("a", link, picture ? h("img", { src: path, alt: alt ?? name })
    : [icon("file"), h("span", { dir: "auto" }, name), h("small", null, bytes(size))]);
}
