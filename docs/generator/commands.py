"""The reference of the command line, from the commands themselves."""

import inspect
from collections.abc import Iterator

import typer
from frontdesk.cli import app

_HEAD = """\
<!-- Written by make docs from core/frontdesk/cli.py; change it there. -->

# Commands

`frontdesk` has these commands; each answers to `--help`. Exit codes: 0 all is well, 1 it could not be done (the
sentence says why), 2 the settings or the command line are wrong.
"""


def commands_page() -> str:
    """Write the page."""
    parts = [_HEAD]
    for path, command in _commands("frontdesk", typer.main.get_command(app)):
        parts.append(f"## {path}\n\n{inspect.cleandoc(command.help or '')}\n")
        parts += [_option(option) for option in command.params if isinstance(option, typer.core.TyperOption)]
        parts += [""] if parts[-1].startswith("-") else []
    return "\n".join(parts).rstrip() + "\n"


def _commands(path: str, command: object) -> Iterator[tuple[str, typer.core.TyperCommand]]:
    if isinstance(command, typer.core.TyperGroup):
        for name, inner in command.commands.items():
            yield from _commands(f"{path} {name}", inner)
    elif isinstance(command, typer.core.TyperCommand):
        arguments = [str(a.metavar) for a in command.params if isinstance(a, typer.core.TyperArgument)]
        yield " ".join([path, *arguments]), command


def _option(option: typer.core.TyperOption) -> str:
    named = ", ".join(f"`{name}`" for name in option.opts)
    value = f" {option.metavar}" if option.metavar else ""
    variable = f" Or the variable `{option.envvar}`." if option.envvar else ""
    return f"- {named}{value}: {option.help}{variable}"
