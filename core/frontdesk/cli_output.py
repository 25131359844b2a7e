"""How the command line shows things: tables and problems, as readable in a log file as on a terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from frontdesk.errors import FrontdeskError, Problem
from frontdesk.nearest import nearest

_WIDTH_OF_FILES = 10_000  # characters: where there is no terminal to ask, what belongs together stays on one line


class UnknownPluginError(FrontdeskError):
    """The owner named a plugin that is not installed."""

    exit_code = 2


def console(*, stderr: bool = False) -> Console:
    """A console that takes every text literally."""
    found = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not found.is_terminal:
        found.width = _WIDTH_OF_FILES
    return found


def table(columns: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> Table:
    """A plain table: a heading, then rows."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for index, column in enumerate(columns):
        made.add_column(column, no_wrap=index == 0)
    for row in rows:
        made.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return made


def show_problems(problems: Sequence[Problem]) -> None:
    """Print what is wrong with the settings on standard error."""
    out = console(stderr=True)
    for problem in problems:
        out.print(problem_text(problem), soft_wrap=True)
    count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
    out.print(f"{count} in the settings; nothing was done.", soft_wrap=True)


def problem_text(problem: Problem) -> Text:
    """A problem with its place and what to write instead standing out."""
    text = Text.assemble((problem.place, "bold"), ": ", (problem.message, "red"))
    if problem.expected:
        text.append(f"\n    Expected: {problem.expected}.")
    if problem.suggestion:
        text.append("\n    Did you mean ").append(f'"{problem.suggestion}"', "bold green").append("?")
    return text


def refuse_unknown(name: str, known: Iterable[str]) -> None:
    """Make sure that a plugin is installed.

    Raises:
        UnknownPluginError: it is not; the nearest name is suggested.
    """
    names = sorted(known)
    if name in names:
        return
    close = nearest(name, names)
    hint = f' Did you mean "{close}"?' if close else f" Installed: {', '.join(names) or 'none'}."
    raise UnknownPluginError(f'There is no plugin "{name}".{hint}')
