"""A rating is told to every plugin, also when one of them fails to hear it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from frontdesk import Person, Rating, hookimpl, rating_given

from tests.core.plugin_house import Plugin, load

RATING = Rating(
    conversation_id=7,
    person=Person(user_id=1, guild_id=2, name="Sam"),
    case=None,
    agent="Amira",
    stars=4,
    comment="kind",
    before=None,
    given_at=datetime(2026, 1, 1, tzinfo=UTC),
)


async def test_everyone_hears_of_a_rating(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Rating] = []

    def hearing(error: Exception | None) -> type[Any]:
        class Hears(Plugin):
            @hookimpl(rating_given)
            async def rating_given(self, rating: Rating) -> None:
                if error is not None:
                    raise error
                heard.append(rating)

        return Hears

    hooks = load(monkeypatch, {"a": hearing(ValueError("deaf")), "b": hearing(None)}).hooks
    await hooks.tell(rating_given, rating=RATING)
    assert heard == [RATING]
