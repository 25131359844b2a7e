"""The hook reference, from core/frontdesk/hookspecs.py."""

import ast
import inspect
from typing import Any

from frontdesk import docstrings, hookspecs
from frontdesk.hooks import Hook

_HEAD = """\
<!-- Written by make docs from core/frontdesk/hookspecs.py; change it there. -->

# Hooks

Everything that a plugin can contribute, be asked and be told. [Writing a plugin](../writing-a-plugin.md) shows how to
implement one. Arguments go by name; an implementation may declare only those that it needs, and `**_: object`.
"""

_KINDS = {
    "contributes": (
        "Contributions",
        "Plain methods, called once when the bot starts. One that raises withdraws its plugin; the others run.",
    ),
    "lifecycle": ("Lifecycle", "Called once for each plugin, in the order of plugins (`stop`: in reverse)."),
    "first": (
        "Questions: the first answer counts",
        (
            "Asked with `await desk.hooks.first(...)`: one after the other until an answer is not None. A plugin "
            "that raises or does not answer in time is passed over."
        ),
    ),
    "gather": (
        "Questions: all answers count",
        (
            "Asked with `await desk.hooks.gather(...)`: all plugins at once, answers in the order of plugins without "
            "None. A plugin that raises or does not answer in time is left out."
        ),
    ),
    "tells": (
        "News",
        "Told with `await desk.hooks.tell(...)`: all plugins at once; nobody answers, and who raises harms nobody.",
    ),
}


def declared() -> list[Hook[..., Any]]:
    """List the core's hooks in the order of their declarations."""
    return [hook for hook in vars(hookspecs).values() if isinstance(hook, Hook)]


def hooks_page() -> str:
    """Write the page."""
    parts, source = [_HEAD], _source()
    for kind, (title, text) in _KINDS.items():
        parts.append(f"## {title}\n\n{text}\n")
        parts += [_entry(hook, *source[hook.name]) for hook in declared() if hook.kind == kind]
    return "\n".join(parts)


def _entry(hook: Hook[..., Any], declaration: ast.arguments, answer: str) -> str:
    doc = docstrings.read(hook.__doc__)
    lines = [f"### {hook.name}", "", f"```python\n{_implementation(hook, declaration, answer)}\n```", "", doc.text, ""]
    lines += [f"- `{name}`: {meaning}" for name, meaning in doc.arguments.items()]
    if doc.returns:
        lines.append(f"- Returns: {doc.returns}")
    deadline = f", at most {hook.deadline:g} s" if hook.deadline else ""
    return "\n".join([*lines, f"- Since {hook.since}{deadline}.", ""])


def _implementation(hook: Hook[..., Any], declaration: ast.arguments, answer: str) -> str:
    """The first line of a method that implements it."""
    arguments = "".join(f", {ast.unparse(argument)}" for argument in declaration.kwonlyargs)
    awaited = "" if hook.kind == "contributes" else "async "
    return f"@hookimpl({hook.name})\n{awaited}def {hook.name}(self{arguments}) -> {answer}: ..."


def _source() -> dict[str, tuple[ast.arguments, str]]:
    """Each declaration's arguments and answer, as they are written: the names of types are those to import."""
    tree = ast.parse(inspect.getsource(hookspecs))
    return {
        node.name: (node.args, ast.unparse(node.returns) if node.returns else "None")
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
