"""An idea: what the form asks for, and the idea as others read it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from frontdesk import CaseRequest, Person

TITLE_LIMIT = 100
IDEA_LIMIT = 2000
BENEFIT_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Idea:
    """What a member wishes for.

    Args:
        key: names the idea; the same key is never taken twice.
        person: whose it is.
        title: one line.
        text: the idea.
        benefit: why it would help; may be empty.
    """

    key: str
    person: Person
    title: str
    text: str
    benefit: str = ""

    @classmethod
    def filled_in(cls, key: str, person: Person, answers: Mapping[str, str]) -> "Idea":
        """Read the answers of the form."""
        title, text, benefit = (answers.get(name, "").strip() for name in ("title", "idea", "benefit"))
        return cls(key, person, title, text, benefit)

    def case_request(self, label: Callable[[str], str]) -> CaseRequest:
        """Ask for a case.

        Args:
            label: gives the sentence of an id.
        """
        return CaseRequest(
            key=f"feature_request:{self.key}",
            kind="feature",
            title=self.title,
            description=self.text,
            person=self.person,
            fields={label("form.benefit"): self.benefit} if self.benefit else {},
        )
