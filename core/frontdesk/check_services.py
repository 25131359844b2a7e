"""Checks of what the bot stands on: Twilio, its public address, its database."""

import ipaddress
import os
from collections.abc import Sequence
from urllib.parse import urlsplit

import aiohttp

from frontdesk.check import Check, CheckState
from frontdesk.errors import FrontdeskError
from frontdesk.schema import Tables
from frontdesk.settings import Settings, own_address
from frontdesk.settings_secrets import TWILIO_AUTH_TOKEN
from frontdesk.settings_values import sqlite_path
from frontdesk.store import Store
from frontdesk.twilio import Twilio

_TWILIO, _PUBLIC, _DATABASE = "Twilio account", "Public address", "Database"
_CONSOLE = "https://console.twilio.com"


async def check_twilio(settings: Settings) -> Check:
    """Ask Twilio whether the credentials are good."""
    sid, token = settings.twilio.account_sid, settings.secrets.twilio_auth_token
    if sid is None and token is None:
        return Check(_TWILIO, CheckState.SKIPPED, "No account is set; conversations with agents need one.")
    if sid is None or token is None:
        lacking = TWILIO_AUTH_TOKEN if sid else "[twilio] account_sid"
        return Check(_TWILIO, CheckState.PROBLEM, f"{lacking} is not set.", f"Both stand at {_CONSOLE}, Account Info.")
    twilio = Twilio(sid, token.get_secret_value(), base_url=settings.twilio.base_url)
    try:
        await twilio.open()
        await twilio.check()
    except FrontdeskError as error:
        mend = f"Compare [twilio] account_sid and {TWILIO_AUTH_TOKEN} with {_CONSOLE}, Account Info."
        return Check(_TWILIO, CheckState.PROBLEM, str(error), mend)
    finally:
        await twilio.close()
    return Check(_TWILIO, CheckState.OK, f"The credentials of {sid} are good.")


async def is_running(session: aiohttp.ClientSession, settings: Settings) -> bool:
    """Does a bot answer at the address where this one listens?"""
    return await _health(session, own_address(settings.web)) in {200, 503}


async def _health(session: aiohttp.ClientSession, address: str) -> int | str:
    """The status of /health, or why there is none."""
    try:
        async with session.get(f"{address}/health", allow_redirects=False) as response:
            if response.status in {200, 503} and "json" not in response.content_type:
                return "something else than a bot answers there"
            return response.status
    except (aiohttp.ClientError, TimeoutError) as error:
        return f"no answer: {str(error) or type(error).__name__}"


async def check_public_url(session: aiohttp.ClientSession, settings: Settings, *, running: bool) -> Check:
    """Look whether the public address is fit for Twilio and people, and leads to this bot.

    Args:
        session: with a time limit.
        settings: for the address.
        running: whether the bot runs on this machine; else nothing can answer.
    """
    address = settings.web.public_url
    parts = urlsplit(address)
    for_real = settings.twilio.account_sid is not None and settings.twilio.base_url is None
    if _is_local(parts.hostname or "") and for_real:
        mend = "Set public_url under [web] to the https address at which the world reaches the bot."
        return Check(_PUBLIC, CheckState.PROBLEM, f"Twilio cannot reach {address}.", mend)
    if parts.scheme != "https" and not _is_local(parts.hostname or ""):
        mend = "Put a reverse proxy with a certificate before the bot and write https:// in [web] public_url."
        return Check(_PUBLIC, CheckState.PROBLEM, f"{address} is not encrypted.", mend)
    if not running:
        return Check(_PUBLIC, CheckState.SKIPPED, "The bot is not running here; check again while it runs.")
    answer = await _health(session, address)
    if answer == 200:
        return Check(_PUBLIC, CheckState.OK, f"{address} leads to the bot.")
    if answer == 503:
        return Check(_PUBLIC, CheckState.OK, f"{address} leads to the bot, which reports a problem at /health.")
    reason = f"it answers with {answer}" if isinstance(answer, int) else answer
    mend = f"Have the proxy or tunnel pass {address} on to {own_address(settings.web)}."
    return Check(_PUBLIC, CheckState.PROBLEM, f"{address} does not lead to the bot ({reason}).", mend)


def _is_local(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local"))
    return not address.is_global


async def check_database(settings: Settings, tables: Sequence[Tables], *, running: bool) -> Check:
    """Look whether the database can be reached and knows our tables; nothing is changed.

    Args:
        settings: for its address.
        tables: of the core and the plugins.
        running: whether the bot runs on this machine; it alone may then open a SQLite file.
    """
    url = settings.store.url.get_secret_value()
    file = sqlite_path(url)
    if file is not None and running:
        return Check(_DATABASE, CheckState.SKIPPED, f"{file} is in use by the running bot.")
    if file is not None and not file.exists():
        folder = next(parent for parent in file.parents if parent.exists())
        if os.access(folder, os.W_OK):
            return Check(_DATABASE, CheckState.OK, f"{file} will be created at the first start.")
        return Check(_DATABASE, CheckState.PROBLEM, f"{file} cannot be created.", f"Make {folder} writable.")
    store = Store(url, durable=settings.store.durable)
    try:
        await store.connect()
        states = await store.current(tables)
    except FrontdeskError as error:
        return Check(_DATABASE, CheckState.PROBLEM, str(error), "Look at [store] url or FRONTDESK_DATABASE_URL.")
    finally:
        await store.close()
    newer = [state.prefix for state in states if state.is_newer]
    older = [state.prefix for state in states if not state.is_current]
    if newer:
        mend = "Install the Frontdesk that wrote it, or restore a backup."
        return Check(_DATABASE, CheckState.PROBLEM, f"Newer than this Frontdesk: {', '.join(newer)}.", mend)
    detail = f"Will be upgraded at the next start: {', '.join(older)}." if older else "All tables are current."
    return Check(_DATABASE, CheckState.OK, detail)
