"""Where the next page of a list begins, as a word that is handed out and comes back. No Discord, no HTTP, no SQL."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from frontdesk_cases.changes import CaseError

Key = int | datetime

_LONGEST = 400
_BIGGEST = 2**63
_URGENT: list[type] = [int, str, int]
_OTHERS: list[type] = [str, int]


@dataclass(frozen=True, slots=True)
class Cursor:
    """The end of a page.

    Args:
        order: of the list.
        keys: of the last case on the page, by which the list is sorted.
        total: how many cases were counted on the first page.
        more: whether there were more.
    """

    order: str
    keys: Sequence[Key]
    total: int
    more: bool

    def written(self) -> str:
        """Give it as a word for an address."""
        keys = [key.isoformat() if isinstance(key, datetime) else key for key in self.keys]
        return base64.urlsafe_b64encode(json.dumps([self.order, keys, self.total, self.more]).encode()).decode()

    @classmethod
    def read(cls, word: str, order: str) -> Self:
        """Read what `written` gave.

        Args:
            word: as it came back.
            order: of the list that is asked for now.

        Raises:
            CaseError: it is something else, or of a list in another order.
        """
        try:
            its_order, keys, total, more = json.loads(base64.urlsafe_b64decode(word[:_LONGEST].encode("ascii")))
            shape = [type(key) for key in keys]
            if its_order != order or shape != (_URGENT if order == "priority" else _OTHERS) or type(total) is not int:
                raise CaseError("no-page")
            read = [_key(key) for key in keys]
        except (ValueError, TypeError, RecursionError, OverflowError) as error:
            raise CaseError("no-page") from error
        return cls(order, read, total, more is True)


def _key(written: str | int) -> Key:
    if isinstance(written, int):
        if abs(written) >= _BIGGEST:
            raise ValueError(written)
        return written
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError(written)
    return moment.astimezone(UTC)
