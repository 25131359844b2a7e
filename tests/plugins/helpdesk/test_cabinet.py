"""Copies of files go when they are old, and when their message was deleted."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from frontdesk import Desk, Person
from frontdesk.store import Store
from frontdesk_helpdesk import conversations, files
from frontdesk_helpdesk.cabinet import Cabinet
from frontdesk_helpdesk.files import GivenFile, Source
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.tables import TABLES

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SAM = Person(user_id=2, guild_id=1, name="Sam")


async def test_a_sweep_leaves_what_is_young_and_known(store: Store, tmp_path: Path) -> None:
    await store.upgrade([TABLES])
    services = SimpleNamespace(data_folder=tmp_path)
    desk = SimpleNamespace(store=store, now=lambda: NOW, settings=HelpdeskSettings(), services=services)
    cabinet = Cabinet(cast("Desk[HelpdeskSettings]", desk))
    given = [GivenFile(Source.DISCORD, "1/2", "a.png", "image/png", 3, "https://cdn.example/a.png")]
    paths = {}
    async with store.begin() as session:
        conversation = await conversations.create(session, SAM, channel_id=3, last_discord_id=4, now=NOW)
        for line, days in (("young", 1), ("old", 3650), ("deleted", 1)):
            at = NOW - timedelta(days=days)
            (file,) = await files.register(session, conversation, line, given, lambda id_: f"/files/{id_}", now=at)
            paths[line] = cabinet.path(file.id)
    await cabinet.sweep()  # there is no folder yet
    for path in paths.values():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"png")
    unfinished = paths["young"].with_name("abc.part")
    unfinished.write_bytes(b"p")
    async with store.begin() as session:
        await files.forget(session, [paths["deleted"].name])
    await cabinet.sweep()
    assert {line for line, path in paths.items() if path.exists()} == {"young"}
    assert unfinished.exists()
