"""Why something cannot be done to a case, in a sentence for who wanted it."""

from collections.abc import Iterator
from contextlib import contextmanager

from frontdesk import Declined, Say

from frontdesk_cases.changes import CaseError
from frontdesk_cases.plain import escaped

_SENTENCES = frozenset({"no-case", "merged", "not-allowed", "empty", "no-title", "taken"})


@contextmanager
def declined(say: Say) -> Iterator[None]:
    """Tell the person why it is not possible.

    Args:
        say: their language.

    Raises:
        Declined: in place of a `CaseError`.
    """
    try:
        yield
    except CaseError as error:
        details = {name: escaped(value) for name, value in error.details.items()}
        name = error.problem if error.problem in _SENTENCES else "other"
        raise Declined(say(f"cannot-{name}", **details)) from error
