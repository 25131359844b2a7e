"""Who has left the server: only Discord's word for it counts."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import hikari
import pytest
import structlog
from frontdesk import Desk, Person
from frontdesk.store import Store
from frontdesk_helpdesk import conversations
from frontdesk_helpdesk.attendance import Attendance
from frontdesk_helpdesk.bridge import Bridge
from frontdesk_helpdesk.outbox import Outbox
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.tables import TABLES

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SAM = Person(user_id=2, guild_id=1, name="Sam")


class Watcher(Attendance):
    """Notes who has left instead of telling it."""

    left: tuple[int, ...] = ()

    async def has_left(self, conversation_id: int) -> None:
        self.left = (*self.left, conversation_id)


@pytest.mark.parametrize(
    ("code", "has_left"), [(10007, True), (10013, True), (10004, False), (0, False), (None, False)]
)
async def test_a_member_has_left_if_discord_does_not_know_them(store: Store, code: int | None, has_left: bool) -> None:
    async def fetch_member(_guild_id: int, _user_id: int) -> None:
        if code is not None:
            raise hikari.NotFoundError(url="", headers={}, raw_body=b"", message="Unknown", code=code)

    await store.upgrade([TABLES])
    async with store.begin() as session:
        conversation = await conversations.create(session, SAM, channel_id=3, last_discord_id=4, now=NOW)
        await conversations.change(session, conversation.id, state="active")
    desk = SimpleNamespace(
        store=store, settings=HelpdeskSettings(), rest=SimpleNamespace(fetch_member=fetch_member),
        log=structlog.get_logger(),
    )  # fmt: skip
    watcher = Watcher(cast("Desk[HelpdeskSettings]", desk), cast("Bridge", None), cast("Outbox", None))
    await watcher.look()
    assert watcher.left == ((conversation.id,) if has_left else ())
