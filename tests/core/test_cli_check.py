"""What `frontdesk check` finds, against a small Discord on this machine."""

import base64
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import hikari
import pytest
from aiohttp import web
from frontdesk.check import Check, CheckState
from frontdesk.check_discord import Needs, check_discord, intents_check, permission_checks
from frontdesk.check_services import check_database, check_public_url, check_twilio, is_running
from frontdesk.cli_check import plugin_check
from frontdesk.intents import OptionalIntents
from frontdesk.plugins import PluginRecord, PluginState, Stage
from frontdesk.settings import PluginSettings, Settings, SettingsTable, load_settings
from frontdesk.store import Store
from frontdesk.tables import CORE

TOKEN = base64.b64encode(b"1234").decode().rstrip("=") + ".secret.token"
NEEDS = Needs(
    intents={"helpdesk": hikari.Intents.MESSAGE_CONTENT, "cases": hikari.Intents.NONE},
    permissions={"announcements": hikari.Permissions.SEND_MESSAGES | hikari.Permissions.MANAGE_MESSAGES},
)
CONTENT_FLAG = 1 << 19  # the limited grant, as small bots have it


@dataclass
class World:
    """A Discord, and a bot's own address, that answer as a test wants."""

    address: str = ""
    flags: int = CONTENT_FLAG
    servers: list[dict[str, Any]] = field(default_factory=list)
    health: int | None = None
    redirect_uris: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    seen: list[str] = field(default_factory=list)

    async def me(self, request: web.Request) -> web.Response:
        self.seen.append(request.headers["Authorization"])
        if request.headers["Authorization"] != f"Bot {TOKEN}":
            return web.json_response({"message": "401: Unauthorized"}, status=401)
        return web.json_response({"id": "1234", "username": "desk"})

    async def application(self, _request: web.Request) -> web.Response:
        return web.json_response({"id": "99", "flags": self.flags, "redirect_uris": self.redirect_uris})

    async def guilds(self, request: web.Request) -> web.Response:
        after = int(request.query["after"])
        return web.json_response([server for server in self.servers if int(server["id"]) > after][:200])

    async def guild_roles(self, _request: web.Request) -> web.Response:
        return web.json_response([{"id": str(700 + number), "name": name} for number, name in enumerate(self.roles)])

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        good = (form["client_id"], form["client_secret"]) == ("99", "good-secret")
        return web.json_response({}, status=200 if good else 401)

    async def say_health(self, _request: web.Request) -> web.Response:
        if self.health is None:
            return web.Response(text="It works!", content_type="text/html")
        return web.json_response({}, status=self.health)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    app = web.Application()
    app.router.add_get("/users/@me", made.me)
    app.router.add_get("/oauth2/applications/@me", made.application)
    app.router.add_get("/users/@me/guilds", made.guilds)
    app.router.add_get("/guilds/{id}/roles", made.guild_roles)
    app.router.add_post("/oauth2/token", made.token)
    app.router.add_get("/health", made.say_health)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as made:
        yield made


def settings(folder: Path, text: str = "", **environ: str) -> Settings:
    path = folder / "bot.toml"
    path.write_text(text)
    return load_settings(path, environ, known_plugins=())


def discord(folder: Path, world: World, text: str = "", token: str = TOKEN) -> Settings:
    return settings(folder, text, FRONTDESK_DISCORD_URL=world.address, FRONTDESK_DISCORD_TOKEN=token)


def states(checks: list[Check]) -> list[tuple[str, str]]:
    return [(check.name, check.state.value) for check in checks]


async def test_all_is_well(tmp_path: Path, world: World, session: aiohttp.ClientSession) -> None:
    world.servers = [{"id": "5", "name": "Brand", "permissions": str(int(hikari.Permissions.all_permissions()))}]
    checks = await check_discord(session, discord(tmp_path, world, "[servers.5]"), NEEDS)
    assert states(checks) == [
        ("Discord token", "ok"),
        ("Discord intents", "ok"),
        ("Discord permissions: Brand", "ok"),
        ("Staff sign-in", "skipped"),
        ("Staff roles", "ok"),
    ]


async def staff_checks(
    folder: Path, world: World, session: aiohttp.ClientSession, text: str = "", secret: str = "good-secret"
) -> list[Check]:
    world.servers = [{"id": "5", "name": "Brand", "permissions": "8"}]
    world.roles = ("Moderator", "Lead")
    environ = {
        "FRONTDESK_DISCORD_URL": world.address,
        "FRONTDESK_DISCORD_TOKEN": TOKEN,
        "FRONTDESK_DISCORD_CLIENT_SECRET": secret,
    }
    text = f'[web]\npublic_url = "https://desk.example.com"\n{text}'
    return (await check_discord(session, settings(folder, text, **environ), NEEDS))[-2:]


async def test_staff_can_sign_in(tmp_path: Path, world: World, session: aiohttp.ClientSession) -> None:
    world.redirect_uris = ("https://desk.example.com/staff/sign-in/discord/callback",)
    own = '[servers.5.staff]\nsupervisor = ["Lead"]'
    text = f'[staff]\nagent = ["Moderator"]\nviewer = [701]\n{own}'
    assert [check.state.value for check in await staff_checks(tmp_path, world, session, text)] == ["ok", "ok"]


async def test_a_wrong_client_secret_is_told(tmp_path: Path, world: World, session: aiohttp.ClientSession) -> None:
    sign_in, _ = await staff_checks(tmp_path, world, session, secret="not-a-good-one")
    assert sign_in.detail == "Discord refuses the client secret."
    assert "applications/99/oauth2" in sign_in.mend
    assert "not-a-good-one" not in str(sign_in)


async def test_an_unlisted_way_back_is_told(tmp_path: Path, world: World, session: aiohttp.ClientSession) -> None:
    sign_in, _ = await staff_checks(tmp_path, world, session)
    assert sign_in.state is CheckState.PROBLEM
    assert "Add https://desk.example.com/staff/sign-in/discord/callback" in sign_in.mend


async def test_misspelt_staff_roles_are_told(tmp_path: Path, world: World, session: aiohttp.ClientSession) -> None:
    text = '[staff]\nagent = ["Moderators"]\n[servers.5.staff]\nviewer = [9]'
    _, roles = await staff_checks(tmp_path, world, session, text)
    assert roles.detail == 'There is no role "9" in Brand; "Moderators" (did you mean "Moderator"?).'


async def test_a_missing_token_skips_the_rest(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    checks = await check_discord(session, settings(tmp_path), NEEDS)
    assert [check.state.value for check in checks] == ["problem", "skipped", "skipped"]
    assert "FRONTDESK_DISCORD_TOKEN is not set" in checks[0].detail


async def test_a_refused_token_is_told_without_showing_it(
    tmp_path: Path, world: World, session: aiohttp.ClientSession
) -> None:
    checks = await check_discord(session, discord(tmp_path, world, token="wrong-token"), NEEDS)
    assert checks[0].detail == "Discord refuses the token."
    assert world.seen == ["Bot wrong-token"]
    assert "wrong-token" not in str(checks)


async def test_an_unreachable_discord_is_a_problem(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    world = World(address=f"http://127.0.0.1:{free_port()}")
    checks = await check_discord(session, discord(tmp_path, world), NEEDS)
    assert states(checks)[0] == ("Discord token", "problem")
    assert "cannot be reached" in checks[0].detail


async def test_all_servers_are_looked_at(tmp_path: Path, world: World, session: aiohttp.ClientSession) -> None:
    world.servers = [{"id": str(number), "name": f"S{number}", "permissions": "8"} for number in range(1, 402)]
    checks = await check_discord(session, discord(tmp_path, world), NEEDS)
    assert len(checks) == 2 + 401 + 2


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.mark.parametrize(("flags", "good"), [(1 << 18, True), (1 << 19, True), (1 << 14, False), (0, False)])
def test_intents(flags: int, *, good: bool) -> None:
    check = intents_check(flags, NEEDS)
    assert (check.state is CheckState.OK) is good
    if not good:
        assert "Message Content Intent is off, needed by helpdesk" in check.detail


@pytest.mark.parametrize(("flags", "said"), [(CONTENT_FLAG, False), (0, True)])
def test_intents_that_a_plugin_would_use_are_no_problem_and_are_told(flags: int, *, said: bool) -> None:
    class Table(SettingsTable):
        reads: bool = True

    class Reader:
        @staticmethod
        def optional_intents(settings: Table) -> OptionalIntents | None:
            return OptionalIntents(hikari.Intents.MESSAGE_CONTENT, "reads nothing") if settings.reads else None

    own_settings = {
        "anywhere": PluginSettings(Table(reads=False), {5: Table()}),
        "nowhere": PluginSettings(Table(reads=False)),
    }
    check = intents_check(flags, Needs.of(dict.fromkeys(own_settings, Reader), own_settings))
    assert check.state is CheckState.OK
    tail = "; Message Content Intent is off, so anywhere reads nothing." if said else "."
    assert check.detail == f"All that the plugins need are granted{tail}"


def test_lacking_permissions_name_who_needs_them_and_how_to_mend() -> None:
    has = str(int(hikari.Permissions.SEND_MESSAGES))
    lacking, absent = permission_checks(
        [{"id": "5", "name": "Brand", "permissions": has}], NEEDS.permissions, [6], "99"
    )
    assert lacking.detail == "announcements lacks Manage Messages."
    assert "client_id=99" in lacking.mend
    assert absent.detail == "The bot is not in server 6."


def test_needs_are_read_from_plugin_classes() -> None:
    class Plugin:
        intents = hikari.Intents.DM_MESSAGES
        permissions = hikari.Permissions.SEND_MESSAGES

    needs = Needs.of({"a": Plugin, "b": object}, dict.fromkeys("ab", PluginSettings(SettingsTable())))
    assert needs.intents == {"a": hikari.Intents.DM_MESSAGES, "b": hikari.Intents.NONE}
    assert needs.permissions["a"] == hikari.Permissions.SEND_MESSAGES


def test_intents_may_depend_on_the_settings_of_any_server() -> None:
    class Table(SettingsTable):
        reads: bool = False

    class Plugin:
        @staticmethod
        def intents(settings: Table) -> hikari.Intents:
            return hikari.Intents.MESSAGE_CONTENT if settings.reads else hikari.Intents.GUILDS

    nowhere, somewhere = PluginSettings(Table()), PluginSettings(Table(), {5: Table(reads=True)})
    assert Needs.of({"a": Plugin}, {"a": nowhere}).intents["a"] == hikari.Intents.GUILDS
    both = hikari.Intents.GUILDS | hikari.Intents.MESSAGE_CONTENT
    assert Needs.of({"a": Plugin}, {"a": somewhere}).intents["a"] == both


async def test_twilio_needs_both_or_none(tmp_path: Path) -> None:
    assert (await check_twilio(settings(tmp_path))).state is CheckState.SKIPPED
    half = await check_twilio(settings(tmp_path, FRONTDESK_TWILIO_AUTH_TOKEN="x"))
    assert (half.state, half.detail) == (CheckState.PROBLEM, "[twilio] account_sid is not set.")


REAL = f'[twilio]\naccount_sid = "AC{"0" * 32}"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (REAL, "Twilio cannot reach http://127.0.0.1:8080."),
        (f'{REAL}[web]\npublic_url = "https://10.0.0.1"', "Twilio cannot reach"),
        ('[web]\npublic_url = "http://desk.example.com"', "is not encrypted"),
    ],
)
async def test_public_addresses_that_cannot_work(
    tmp_path: Path, session: aiohttp.ClientSession, text: str, words: str
) -> None:
    check = await check_public_url(session, settings(tmp_path, text), running=True)
    assert check.state is CheckState.PROBLEM
    assert words in check.detail
    assert check.mend


async def test_the_public_address_must_lead_to_a_bot(
    tmp_path: Path, world: World, session: aiohttp.ClientSession
) -> None:
    own = settings(tmp_path, f"[web]\nport = {world.address.rpartition(':')[2]}")
    assert not await is_running(session, own)
    check = await check_public_url(session, own, running=True)
    assert "something else than a bot answers" in check.detail
    for status in (200, 503):
        world.health = status
        assert await is_running(session, own)
        assert (await check_public_url(session, own, running=True)).state is CheckState.OK
    assert (await check_public_url(session, own, running=False)).state is CheckState.SKIPPED


async def test_the_database(tmp_path: Path) -> None:
    own = settings(tmp_path)
    url = own.store.url.get_secret_value()
    fresh = await check_database(own, [CORE], running=False)
    assert (fresh.state, "will be created" in fresh.detail) == (CheckState.OK, True)
    assert not own.folder.exists()
    store = Store(url)
    await store.connect()
    assert (await check_database(own, [CORE], running=True)).state is CheckState.SKIPPED
    assert (await check_database(own, [CORE], running=False)).state is CheckState.PROBLEM
    await store.close()
    assert "upgraded at the next start: core" in (await check_database(own, [CORE], running=False)).detail
    await store.connect()
    await store.upgrade([CORE])
    await store.close()
    assert "All tables are current" in (await check_database(own, [CORE], running=False)).detail


async def test_an_unreachable_database_is_told_without_its_password(tmp_path: Path) -> None:
    own = settings(tmp_path, FRONTDESK_DATABASE_URL=f"postgresql://me:hunter2@127.0.0.1:{free_port()}/desk")
    check = await check_database(own, [CORE], running=False)
    assert check.state is CheckState.PROBLEM
    assert "hunter2" not in str(check)


def test_plugins_have_a_line_each() -> None:
    failed = PluginRecord("cases", "1", PluginState.FAILED, "it broke", Stage.IMPORT)
    assert plugin_check(failed).mend.endswith("frontdesk plugins disable cases")
    assert plugin_check(PluginRecord("cases", "1", PluginState.OFF)).state is CheckState.SKIPPED
    assert plugin_check(PluginRecord("cases", "1", PluginState.ON)).detail == "Version 1."
