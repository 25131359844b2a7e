// Embeds, files and polls.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { inline, link, markdown } from "./markdown.js";
import { arrived } from "./files.js";
import { time } from "./people.js";

/** The address of a picture if it may be loaded: only from the sandbox itself, whatever its name is today. */
export function ownPicture(url) {
  if (!URL.canParse(url, location.href)) return null;
  const { origin, hostname, pathname } = new URL(url, location.href);
  const ours = origin === location.origin || (["127.0.0.1", "localhost"].includes(hostname) && pathname.startsWith("/cdn/"));
  return ours ? pathname : null;
}

/** A picture, or, for one from elsewhere, a link to it: the pages load nothing from outside. */
export function picture(url, description, kind = "picture") {
  const own = ownPicture(url);
  if (own) return h("img", { class: kind, src: own, alt: description ?? "", loading: "lazy" });
  return h("span", { class: [kind, "elsewhere"] }, icon("image"), link(url, "A picture elsewhere"));
}

/** Files of a message. */
export function attachments(files) {
  return files.length > 0 && h("div", { class: "files" }, files.map((file) => {
    const own = ownPicture(file.url);
    return arrived({
      key: file.id, path: own ?? file.url, shown: Boolean(own), name: file.filename, size: file.size, type: file.content_type,
      alt: file.description,
    });
  }));
}

/** An embed. */
export function embed(one, names, key) {
  const color = one.color === undefined || one.color === null ? null : `#${one.color.toString(16).padStart(6, "0")}`;
  return h("article", { key, class: "embed", css: color ? { "--bar": color } : {} },
    h("div", { class: "embed-text" },
      one.author && h("p", { class: "embed-author", dir: "auto" }, one.author.url ? link(one.author.url, one.author.name) : one.author.name),
      one.title && h("h3", { dir: "auto" }, one.url ? link(one.url, inline(one.title, names)) : inline(one.title, names)),
      one.description && h("div", { class: "content" }, markdown(one.description, names)),
      one.fields?.length > 0 && h("dl", { class: "fields" }, one.fields.map((field, index) =>
        h("div", { key: index, class: field.inline ? "inline" : null },
          h("dt", { dir: "auto" }, inline(field.name, names)), h("dd", { class: "content", dir: "auto" }, markdown(field.value, names)))))),
    one.thumbnail && picture(one.thumbnail.url, "", "thumbnail"),
    one.image && picture(one.image.url, "", "picture"),
    (one.footer || one.timestamp) && h("footer", null,
      one.footer && h("span", { dir: "auto" }, one.footer.text), one.footer && one.timestamp && " · ", one.timestamp && time(one.timestamp)));
}

/** A poll, to look at. */
export function poll(one) {
  return h("div", { class: "poll" }, h("strong", { dir: "auto" }, one.question.text),
    h("ul", null, one.answers.map((each) => h("li", { key: each.answer_id, dir: "auto" }, each.poll_media.text))));
}
