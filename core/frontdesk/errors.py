"""Errors whose message is one clear sentence for the owner, and the exit codes they lead to."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


class FrontdeskError(Exception):
    """Something an owner can understand and mend; the message is one plain sentence."""

    exit_code: ClassVar[int] = 1


class StoreUnavailable(FrontdeskError):
    """The database does not answer just now; nothing is known to be wrong with what was asked."""


class StartError(FrontdeskError):
    """The bot cannot start: a busy port, a refused token, an unreachable database."""


@dataclass(frozen=True)
class Problem:
    """One wrong place in the settings.

    Args:
        file: the file's path as the owner gave it, or "environment".
        line: line number from 1, or None where a line means nothing.
        key: dotted key ("web.port") or the environment variable's name.
        message: what is wrong, one sentence.
        expected: what would have been right, without full stop ("a whole number").
        suggestion: the nearest valid name, for a misspelling.
    """

    file: str
    line: int | None
    key: str
    message: str
    expected: str = ""
    suggestion: str = ""

    @property
    def place(self) -> str:
        """The file with its line, in the form that editors and terminals open."""
        return self.file if self.line is None else f"{self.file}:{self.line}"

    def __str__(self) -> str:
        parts = [f"{self.place}: {self.message}"]
        if self.expected:
            parts.append(f"Expected: {self.expected}.")
        if self.suggestion:
            parts.append(f'Did you mean "{self.suggestion}"?')
        return " ".join(parts)


class SettingsError(FrontdeskError):
    """Wrong settings, with every problem that was found."""

    exit_code: ClassVar[int] = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def new_error_id() -> str:
    """Make a short id that a person is shown and the log carries, so that the two can be brought together."""
    return secrets.token_hex(4)
