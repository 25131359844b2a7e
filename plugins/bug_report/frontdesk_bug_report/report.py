"""A bug report: what the form asks for, and the report as others read it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from frontdesk import CaseFile, CaseRequest, Person


class Length(Enum):
    """How much room an answer gets."""

    LINE = "line"
    PARAGRAPH = "paragraph"


@dataclass(frozen=True, slots=True)
class Blank:
    """One question of the form; Discord allows five.

    Args:
        name: of the answer; ``form.<name>`` is its label in the catalogs.
        length: a line or a paragraph.
        limit: characters; all five together fit into one embed (6,000).
        required: False if it may stay empty.
    """

    name: str
    length: Length
    limit: int
    required: bool = True


FORM = (
    Blank("summary", Length.LINE, 100),
    Blank("happened", Length.PARAGRAPH, 1500),
    Blank("steps", Length.PARAGRAPH, 1000, required=False),
    Blank("expected", Length.PARAGRAPH, 800, required=False),
    Blank("platform", Length.LINE, 100, required=False),
)


@dataclass(frozen=True, slots=True)
class BugReport:
    """What a member reports.

    Args:
        key: names the report; the same key is never taken twice.
        person: who reports it.
        summary: one line.
        happened: what went wrong.
        steps: how to make it happen again; may be empty.
        expected: what should have happened; may be empty.
        platform: version, device; may be empty.
    """

    key: str
    person: Person
    summary: str
    happened: str
    steps: str = ""
    expected: str = ""
    platform: str = ""

    @classmethod
    def filled_in(cls, key: str, person: Person, answers: Mapping[str, str]) -> "BugReport":
        """Read the answers to `FORM`."""
        return cls(key, person, **{blank.name: answers.get(blank.name, "").strip() for blank in FORM})

    def details(self, label: Callable[[str], str]) -> dict[str, str]:
        """Give the optional answers that were given, by their labels, in reading order.

        Args:
            label: gives the sentence of an id.
        """
        given = {"steps": self.steps, "expected": self.expected, "platform": self.platform}
        return {label(f"form.{name}"): text for name, text in given.items() if text}

    def case_request(self, label: Callable[[str], str], files: Sequence[CaseFile] = ()) -> CaseRequest:
        """Ask for a case.

        Args:
            label: gives the sentence of an id.
            files: what came with the report.
        """
        return CaseRequest(
            key=f"bug_report:{self.key}",
            kind="bug",
            title=self.summary,
            description=self.happened,
            person=self.person,
            fields=self.details(label),
            files=tuple(files),
        )
