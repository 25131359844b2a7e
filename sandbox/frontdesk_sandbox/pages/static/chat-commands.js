// Slash commands: the list that a slash opens, and the chips in which options are filled in.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { avatar } from "./people.js";
import { entities } from "./chat-components.js";

const SELECT_OF = { 6: 5, 7: 8, 8: 6, 9: 7 };
const KINDS = {
  4: "a whole number", 5: "yes or no", 6: "a person", 7: "a channel", 8: "a role", 9: "a person or role", 10: "a number", 11: "a file",
};

/** Every command of a place that can be sent; subcommands count one by one. */
export function entries(place) {
  const leaves = (command, part, path, shown) => {
    const inner = part.options.filter((option) => option.type === 1 || option.type === 2);
    if (inner.length) return inner.flatMap((option) => leaves(command, option, [...path, option.name], `${shown} ${option.shown_name}`));
    return [{ id: command.id, path, shown, description: part.description, options: part.options }];
  };
  return place.commands.flatMap((command) => leaves(command, command, [], command.shown_name))
    .sort((one, other) => one.shown.localeCompare(other.shown));
}

/** Those that fit what was typed; the ones that begin with it come first. */
export function matching(all, text) {
  const wanted = text.slice(1).toLocaleLowerCase().trimStart();
  const begins = all.filter((each) => each.shown.toLocaleLowerCase().startsWith(wanted));
  const holds = all.filter((each) => !begins.includes(each) && each.shown.toLocaleLowerCase().includes(wanted));
  return [...begins, ...holds].slice(0, 12);
}

/** The list above the composer. */
export function picker(app, place, found) {
  return h("div", { class: "popover picker", key: "picker" },
    h("p", { class: "picker-head" }, avatar(app.screen.bot.name, app.screen.bot.color), `Commands of ${app.screen.bot.name}`),
    found.length ? h("ul", { id: "commands", role: "listbox", "aria-label": "Commands" }, found.map((each, index) => h("li", {
      key: each.shown, id: `command-${index}`, role: "option", "aria-selected": String(index === app.picked), class: index === app.picked && "picked",
      on: {
        pointerdown: (event) => (event.preventDefault(), pick(app, place, each)),
        pointermove: () => index !== app.picked && app.set({ picked: index }),
      },
    },
    h("strong", { dir: "auto" }, `/${each.shown}`),
    each.options.map((option) => h("span", {
      key: option.name, class: ["option-name", option.required && "required"], dir: "auto",
    }, option.shown_name)),
    h("span", { class: "description", dir: "auto" }, each.description))))
      : h("p", { class: "none" }, "There is no such command here."));
}

/** Begin to fill in a command. */
export function pick(app, place, entry) {
  const open = entry.options.filter((option) => option.required).map((option) => option.name);
  app.drafts[place.id] = "";
  app.set({ command: { place: place.id, entry, values: {}, files: {}, open, focus: open[0] ?? null, suggestions: null, names: {} } });
}

function leave(app, place) {
  app.set({ command: null });
  requestAnimationFrame(() => document.querySelector(".composer textarea")?.focus());
  app.drafts[place.id] = "";
}

/** The command that is being filled in. */
export function chips(app, place) {
  const { command } = app;
  const { entry } = command;
  const busy = app.busy.has("command");
  const shown = command.open.map((name) => entry.options.find((option) => option.name === name));
  const more = entry.options.filter((option) => !command.open.includes(option.name));
  const focused = entry.options.find((option) => option.name === command.focus);
  return h("form", {
    class: ["command", busy && "waiting"], key: "command", autocomplete: "off", "aria-label": `Command ${entry.shown}`,
    on: {
      submit: (event) => (event.preventDefault(), send(app, place)),
      keydown: (event) => event.key === "Escape" && (event.stopPropagation(), leave(app, place)),
    },
  },
  h("p", { class: "hint" },
    focused && h("strong", { dir: "auto" }, focused.shown_name),
    h("span", { dir: "auto" }, (focused ?? entry).description),
    focused && KINDS[focused.type] && h("small", null, KINDS[focused.type]),
    h("button", { type: "button", class: "plain", "aria-label": "Leave the command", on: { click: () => leave(app, place) } }, icon("close"))),
  suggestions(app, place),
  h("div", { class: "chips" },
    h("strong", { class: "command-name", dir: "auto" }, `/${entry.shown}`),
    shown.map((option) => h("label", { key: option.name, class: ["chip", option.name === command.focus && "focus"] },
      h("span", { dir: "auto" }, option.shown_name), field(app, place, option))),
    more.map((option) => h("button", {
      key: option.name, type: "button", class: "add", title: option.description,
      on: { click: () => app.set({ command: { ...command, open: [...command.open, option.name], focus: option.name } }) },
    }, icon("plus"), h("span", { dir: "auto" }, option.shown_name))),
    h("button", {
      class: "plain send", "aria-label": "Send the command", title: "Send", disabled: busy,
      init: (node) => !command.open.length && node.focus(),
    }, icon("send"))));
}

function field(app, place, option) {
  const { command } = app;
  const change = (value) => (app.command.values[option.name] = value);
  const common = {
    name: option.name, required: option.required, dir: "auto",
    init: (node) => command.focus === option.name && node.focus(),
  };
  const on = {
    focus: () => app.command && app.set({ command: { ...app.command, focus: option.name, suggestions: null } }),
    keydown: (event) => fieldKeys(app, place, option, event),
  };
  const choices = choicesOf(app, place, option);
  if (choices) {
    return h("select", { ...common, on: { ...on, change: ({ target }) => change(target.value) } },
      h("option", { value: "" }, "choose…"),
      choices.map((each) => h("option", { key: String(each.value), value: String(each.value) }, each.label)));
  }
  if (option.type === 11) {
    return h("input", { ...common, type: "file", on: { ...on, change: ({ target }) => (app.command.files[option.name] = target.files[0]) } });
  }
  const number = option.type === 4 || option.type === 10;
  return h("input", {
    ...common, type: number && !option.autocomplete ? "number" : "text", step: option.type === 10 ? "any" : null,
    min: option.min_value, max: option.max_value, minlength: option.min_length, maxlength: option.max_length, autocomplete: "off",
    on: { ...on, input: ({ target }) => typed(app, place, option, target) },
  });
}

function choicesOf(app, place, option) {
  if (option.choices?.length) return option.choices.map((each) => ({ value: each.value, label: each.name }));
  if (option.type === 5) return [{ value: "true", label: "Yes" }, { value: "false", label: "No" }];
  if (!SELECT_OF[option.type]) return null;
  return entities(app, place, { type: SELECT_OF[option.type] }).map((each) => ({ value: each.value, label: each.label }));
}

function fieldKeys(app, place, option, event) {
  const found = app.command.suggestions;
  if (found?.choices.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    found.picked = (found.picked + step + found.choices.length) % found.choices.length;
    app.redraw();
  } else if (found?.choices.length && found.picked >= 0 && event.key === "Enter") {
    event.preventDefault();
    choose(app, option, found.choices[found.picked]);
  } else if (event.key === "Backspace" && event.target.tagName === "INPUT" && !event.target.value && !option.required) {
    event.preventDefault();
    delete app.command.values[option.name];
    app.set({ command: { ...app.command, open: app.command.open.filter((name) => name !== option.name), focus: null } });
  } else if (event.key === "Backspace" && event.target.tagName === "INPUT" && !event.target.value && app.command.open[0] === option.name) {
    event.preventDefault();
    leave(app, place);
  }
}

let waiting = 0;

function typed(app, place, option, input) {
  app.command.values[option.name] = input.value;
  if (!option.autocomplete) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => suggest(app, place, option, input), 150);
}

async function suggest(app, place, option, input) {
  const { command } = app;
  const given = Object.entries(command.values).filter(([name, value]) => value !== "" && name !== option.name);
  const options = Object.fromEntries([...given, [option.name, input.value]]);
  const answer = await app.act("suggest", { place: place.id, command: command.entry.id, path: command.entry.path.join(" "), options });
  if (!answer || app.command?.focus !== option.name || command.values[option.name] !== input.value) return;
  app.command.suggestions = { option: option.name, choices: answer.choices, picked: answer.choices.length ? 0 : -1 };
  app.redraw();
}

function suggestions(app) {
  const found = app.command.suggestions;
  const option = found && app.command.entry.options.find((each) => each.name === found.option);
  return option && h("ul", { class: "popover suggestions", role: "listbox", "aria-label": "Suggestions" },
    found.choices.map((each, index) => h("li", {
      key: String(each.value), role: "option", dir: "auto",
      "aria-selected": String(index === found.picked), class: index === found.picked && "picked",
      on: { pointerdown: (event) => (event.preventDefault(), choose(app, option, each)) },
    }, each.name)),
    !found.choices.length && h("li", { class: "none" }, "Nothing fits."));
}

function choose(app, option, choice) {
  app.command.values[option.name] = choice.value;
  app.command.suggestions = null;
  const input = document.querySelector(`.command [name="${CSS.escape(option.name)}"]`);
  input.value = choice.name;
  app.redraw();
}

async function send(app, place) {
  const { command } = app;
  if (app.busy.has("command")) return;
  const options = Object.fromEntries(Object.entries(command.values).filter(([, value]) => value !== ""));
  const files = Object.entries(command.files).filter(([, file]) => file).map(([name, file]) => [`option.${name}`, file]);
  const values = { place: place.id, command: command.entry.id, path: command.entry.path.join(" "), options };
  const sent = app.act("command", values, { files });
  if (await sent && app.command === command) leave(app, place);
}
