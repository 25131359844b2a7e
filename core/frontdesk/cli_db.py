"""The commands `frontdesk db upgrade` and `frontdesk db current`."""

import asyncio

from rich.text import Text

from frontdesk.app import collect_tables
from frontdesk.cli_output import console, table
from frontdesk.log import configure_logging
from frontdesk.schema import SchemaState
from frontdesk.settings import Settings
from frontdesk.store import Store


def upgrade_database(settings: Settings) -> None:
    """Bring all tables up to date and say what they are now.

    Raises:
        StartError: the database cannot be reached, is in use, or is newer than this Frontdesk.
    """
    _show(asyncio.run(_states(settings, upgrade=True)))


def show_current(settings: Settings) -> None:
    """Say which version the tables have; nothing is changed.

    Raises:
        StartError: the database cannot be reached or is in use.
    """
    _show(asyncio.run(_states(settings, upgrade=False)))


async def _states(settings: Settings, *, upgrade: bool) -> list[SchemaState]:
    configure_logging("warning")
    tables = collect_tables(settings)
    store = Store(settings.store.url.get_secret_value(), durable=settings.store.durable)
    await store.connect()
    try:
        if upgrade:
            await store.upgrade(tables)
        return await store.current(tables)
    finally:
        await store.close()


def _show(states: list[SchemaState]) -> None:
    rows = [(state.prefix, state.current or "none", state.head or "none", _text(state)) for state in states]
    console().print(table(("Tables", "Version", "Newest", "State"), rows))


def _text(state: SchemaState) -> Text:
    if state.is_newer:
        return Text("newer than this Frontdesk", "red")
    return Text("current", "green") if state.is_current else Text("to be upgraded", "yellow")
