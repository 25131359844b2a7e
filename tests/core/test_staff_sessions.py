"""Sessions, tokens and the record, on both databases; the clock is the test's."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from frontdesk.staff import Role, Staff
from frontdesk.staff_door import StaffDoor
from frontdesk.staff_members import RolesUnknown
from frontdesk.staff_rows import Attempt, EventKind, Reason, StaffRows, hashed
from frontdesk.staff_sessions import Arrival
from frontdesk.staff_tokens import TokenWish
from frontdesk.store import Store
from frontdesk.tables import staff_events, staff_sessions, staff_tokens
from starlette.requests import Request

from tests.staff_door import Town, make_door

MINA, TARIQ, JONAS = 100, 200, 300
NET = "198.51.100.0/24"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def goes(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def town() -> Town:
    return Town(people={MINA: {1: Role.SUPERVISOR}, TARIQ: {1: Role.AGENT}, JONAS: {2: Role.SUPERVISOR}})


@pytest.fixture
def door(store: Store, town: Town, clock: Clock) -> StaffDoor:
    return make_door(store, town, clock)


def member(user_id: int, name: str) -> Arrival:
    return Arrival(f"discord:{user_id}", name, "discord")


async def come_in(door: StaffDoor, arrival: Arrival) -> tuple[str, Staff]:
    begun = await door.sessions.begin(arrival, NET)
    assert begun is not None
    staff = await door.sessions.find(begun[0])
    assert staff is not None
    return begun[0], staff


async def test_a_session_knows_who_and_what_they_may_now(door: StaffDoor, town: Town) -> None:
    secret, staff = await come_in(door, member(MINA, "Mina"))
    assert staff == Staff("discord:100", "Mina", {1: Role.SUPERVISOR}, "discord")
    town.people[MINA] = {1: Role.VIEWER}
    later = await door.sessions.find(secret)
    assert later is not None
    assert later.role_in(1) is Role.VIEWER
    town.people[MINA] = {}
    gone = await door.sessions.find(secret)
    assert gone is not None
    assert gone.roles == {}
    town.silent = True
    with pytest.raises(RolesUnknown):
        await door.sessions.find(secret)


async def test_only_hashes_are_kept(door: StaffDoor, store: Store) -> None:
    secret, mina = await come_in(door, member(MINA, "Mina"))
    token = await door.tokens.make(mina, TokenWish("Reports", Role.VIEWER, 1), NET)
    async with store.read() as db:
        rows = [*(await db.execute(sa.select(staff_sessions))), *(await db.execute(sa.select(staff_tokens)))]
    assert len(secret) >= 43
    assert secret not in str(rows)
    assert token not in str(rows)


@pytest.mark.parametrize("wrong", ["", "x", "é", "0" * 43])
async def test_other_secrets_open_nothing(door: StaffDoor, wrong: str) -> None:
    await come_in(door, member(MINA, "Mina"))
    assert await door.sessions.find(wrong) is None


async def test_a_session_ends_by_age_and_by_idleness(door: StaffDoor, clock: Clock) -> None:
    secret, _ = await come_in(door, member(MINA, "Mina"))
    for _ in range(14):
        clock.goes(minutes=50)
        assert await door.sessions.find(secret) is not None
    clock.goes(minutes=50)
    assert await door.sessions.find(secret) is None, "12 hours"
    secret, _ = await come_in(door, member(MINA, "Mina"))
    clock.goes(minutes=61)
    assert await door.sessions.find(secret) is None, "an hour without a page"


async def test_what_comes_by_itself_keeps_no_session_alive(door: StaffDoor, clock: Clock) -> None:
    secret, _ = await come_in(door, member(MINA, "Mina"))
    cookie = f"{door.cookies.session_name}={secret}"

    async def may_be_here(**headers: str) -> bool:
        sent = [(name.encode(), value.encode()) for name, value in {"cookie": cookie, **headers}.items()]
        request = Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": sent})
        found = await door.find(request) is not None
        assert await door.still(request, Role.VIEWER) is found
        return found

    for minutes in (20, 20, 19):
        clock.goes(minutes=minutes)
        assert await may_be_here(accept="text/event-stream")
        assert await may_be_here(**{"x-frontdesk-background": "1"})
    clock.goes(minutes=2)
    assert not await may_be_here(accept="text/event-stream")
    assert not await may_be_here(), "an hour without the person"
    secret, _ = await come_in(door, member(MINA, "Mina"))
    cookie = f"{door.cookies.session_name}={secret}"
    for _ in range(3):
        clock.goes(minutes=50)
        assert await may_be_here()


async def test_who_has_no_role_gets_no_session(door: StaffDoor, clock: Clock) -> None:
    assert await door.sessions.begin(member(404, "Sam"), NET) is None
    assert await door.sessions.begin(Arrival("flex:x", "x", "flex"), NET) is None
    late = Arrival("flex:y", "y", "flex", Role.AGENT, clock.now)
    assert await door.sessions.begin(late, NET) is None
    _, mina = await come_in(door, member(MINA, "Mina"))
    record = await door.sessions.record_for(mina)
    assert [(event.name, event.kind, event.detail) for event in record] == [
        ("Mina", EventKind.SIGNED_IN, ""),
        ("y", EventKind.REFUSED, Reason.EXPIRED.value),
        ("x", EventKind.REFUSED, Reason.NO_ROLE.value),
        ("Sam", EventKind.REFUSED, Reason.NO_ROLE.value),
    ]


async def test_who_works_in_flex_works_in_every_server_while_flex_vouches(
    door: StaffDoor, town: Town, clock: Clock
) -> None:
    arrival = Arrival("flex:amira", "amira", "flex", Role.AGENT, clock.now + timedelta(minutes=30))
    secret, amira = await come_in(door, arrival)
    assert amira.roles == {1: Role.AGENT, 2: Role.AGENT}
    town.names[3] = "New"
    later = await door.sessions.find(secret)
    assert later is not None
    assert later.role_in(3) is Role.AGENT
    clock.goes(minutes=31)
    assert await door.sessions.find(secret) is None


async def test_colleagues_are_those_who_have_signed_in_and_may_work_there(
    door: StaffDoor, town: Town, clock: Clock
) -> None:
    assert await door.colleagues(1) == []
    town.people[400] = {1: Role.VIEWER}
    _, tariq = await come_in(door, member(TARIQ, "Tariq before"))
    for arrival in (
        member(MINA, "Mina"), member(JONAS, "Jonas"), member(400, "Watcher"), member(TARIQ, "Tariq"),
        Arrival("flex:amira", "Amira", "flex", Role.AGENT), Arrival("flex:guest", "Guest", "flex", Role.VIEWER),
    ):  # fmt: skip
        await come_in(door, arrival)
    await door.sessions.sign_out(tariq, NET)
    clock.goes(days=2)
    assert [each.name for each in await door.colleagues(1)] == ["Amira", "Mina", "Tariq"]
    assert [each.name for each in await door.colleagues(1, Role.VIEWER)] == [
        "Amira", "Guest", "Mina", "Tariq", "Watcher",
    ]  # fmt: skip
    assert [each.name for each in await door.colleagues(1, Role.SUPERVISOR)] == ["Mina"]
    assert [each.name for each in await door.colleagues(2)] == ["Amira", "Jonas"]
    town.people[TARIQ] = {}
    assert [each.id for each in await door.colleagues(1)] == ["flex:amira", f"discord:{MINA}"]


async def test_colleagues_of_whom_discord_does_not_tell_at_once_are_left_out(
    door: StaffDoor, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for arrival in (member(MINA, "Mina"), Arrival("flex:amira", "Amira", "flex", Role.AGENT)):
        await come_in(door, arrival)
    town.silent = True
    assert [each.name for each in await door.colleagues(1)] == ["Amira"]
    town.silent = False

    async def never(_user_id: int, *, fresh: float) -> dict[int, Role]:
        await asyncio.Event().wait()
        raise AssertionError(fresh)

    monkeypatch.setattr(town, "roles_of", never)
    monkeypatch.setattr("frontdesk.staff_sessions._PATIENCE", 0.01)
    assert [each.name for each in await door.colleagues(1)] == ["Amira"]


async def test_supervisors_see_and_end_sessions_of_their_servers_only(door: StaffDoor) -> None:
    _, mina = await come_in(door, member(MINA, "Mina"))
    jonas_secret, jonas = await come_in(door, member(JONAS, "Jonas"))
    tariq_secret, tariq = await come_in(door, member(TARIQ, "Tariq"))
    await come_in(door, Arrival("flex:amira", "amira", "flex", Role.AGENT))

    async def seen_by(staff: Staff) -> set[str]:
        return {session.name for session in await door.sessions.visible_to(staff)}

    assert await seen_by(mina) == {"Mina", "Tariq", "amira"}
    assert await seen_by(jonas) == {"Jonas", "amira"}
    assert await seen_by(tariq) == {"Tariq"}
    assert jonas.session_id is not None
    assert tariq.session_id is not None
    assert not await door.sessions.revoke(mina, jonas.session_id, NET)
    assert await door.sessions.find(jonas_secret) is not None
    assert await door.sessions.revoke(mina, tariq.session_id, NET)
    assert not await door.sessions.revoke(mina, tariq.session_id, NET), "once"
    assert await door.sessions.find(tariq_secret) is None
    assert {event.name for event in await door.sessions.record_for(jonas)} == {"Jonas", "amira"}
    assert await door.sessions.record_for(tariq) == []
    [ended] = [event for event in await door.sessions.record_for(mina) if event.kind is EventKind.REVOKED]
    assert (ended.name, ended.detail, ended.address) == ("Mina", "Tariq", NET)


async def test_much_of_another_server_hides_nothing(door: StaffDoor, town: Town, clock: Clock, store: Store) -> None:
    town.people[MINA] = {12: Role.SUPERVISOR}
    _, mina = await come_in(door, member(MINA, "Mina"))
    line = {
        "at": clock.now,
        "kind": EventKind.REFUSED.value,
        "staff_id": "",
        "via": "discord",
        "address": "",
        "detail": "",
    }
    async with store.begin() as db:  # the digits of the one number stand in the other
        await db.execute(sa.insert(staff_events), [{**line, "name": "Sam", "guilds": ["123"]} for _ in range(1100)])
    assert [event.name for event in await door.sessions.record_for(mina)] == ["Mina"]
    clock.goes(minutes=1)
    values = {
        "name": "Jonas", "staff_id": "discord:300", "via": "discord", "guilds": ["123"], "address": NET,
        "created_at": clock.now, "seen_at": clock.now, "expires_at": clock.now + timedelta(hours=1),
    }  # fmt: skip
    async with store.begin() as db:
        await db.execute(sa.insert(staff_sessions), [{**values, "token_hash": f"{number}"} for number in range(250)])
    assert [session.name for session in await door.sessions.visible_to(mina)] == ["Mina"]
    assert mina.session_id is not None
    assert await door.sessions.revoke(mina, mina.session_id, NET)


async def test_a_session_is_ended_however_many_are_newer(
    door: StaffDoor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontdesk.staff_rows._MOST_LISTED", 2)
    _, mina = await come_in(door, member(MINA, "Mina"))
    secret, oldest = await come_in(door, member(TARIQ, "Tariq"))
    clock.goes(minutes=1)
    for _ in range(3):
        await door.sessions.begin(member(TARIQ, "Tariq"), NET)
    assert oldest.session_id is not None
    assert await door.sessions.revoke(mina, oldest.session_id, NET)
    assert await door.sessions.find(secret) is None


async def test_signing_out_ends_the_session(door: StaffDoor) -> None:
    secret, mina = await come_in(door, member(MINA, "Mina"))
    other, _ = await come_in(door, member(MINA, "Mina"))
    await door.sessions.sign_out(mina, NET)
    assert await door.sessions.find(secret) is None
    assert await door.sessions.find(other) is not None


async def test_tokens_open_one_server_until_they_end(door: StaffDoor, clock: Clock) -> None:
    _, mina = await come_in(door, member(MINA, "Mina"))
    secret = await door.tokens.make(mina, TokenWish("Reports", Role.AGENT, 1, days=2), NET)
    program = await door.tokens.find(secret, NET)
    assert program is not None
    assert (program.name, program.roles, program.via) == ("Reports", {1: Role.AGENT}, "token")
    clock.goes(hours=1)
    await door.tokens.find(secret, NET)
    kinds = [event.kind for event in await door.sessions.record_for(mina)]
    assert kinds == [EventKind.TOKEN_USED, EventKind.TOKEN_MADE, EventKind.SIGNED_IN]
    [kept] = await door.tokens.visible_to(mina)
    assert kept.used_at == clock.now
    clock.goes(days=2)
    assert await door.tokens.find(secret, NET) is None
    with pytest.raises(PermissionError):
        await door.tokens.make(mina, TokenWish("Reports", Role.VIEWER, 2), NET)


async def test_tokens_are_revoked_by_supervisors_of_their_server(door: StaffDoor) -> None:
    _, mina = await come_in(door, member(MINA, "Mina"))
    _, jonas = await come_in(door, member(JONAS, "Jonas"))
    secret = await door.tokens.make(mina, TokenWish("Reports", Role.AGENT, 1), NET)
    [kept] = await door.tokens.visible_to(mina)
    assert await door.tokens.visible_to(jonas) == []
    assert not await door.tokens.revoke(jonas, kept.id, NET)
    assert await door.tokens.revoke(mina, kept.id, NET)
    assert await door.tokens.find(secret, NET) is None
    assert await door.tokens.find("fd_" + "0" * 43, NET) is None


async def test_a_sign_in_under_way_is_taken_once(store: Store, clock: Clock) -> None:
    rows = StaffRows(store, keep=timedelta(days=1))
    first = Attempt(hashed("a"), hashed("browser"), "verifier", "/cases/", clock.now + timedelta(minutes=10))
    await rows.add_attempt(first, clock.now)
    assert await rows.take_attempt("b", clock.now) is None
    assert await rows.take_attempt("a", clock.now) == first
    assert await rows.take_attempt("a", clock.now) is None
    await rows.add_attempt(first, clock.now)
    clock.goes(minutes=10)
    assert await rows.take_attempt("a", clock.now) is None, "too late"


async def test_what_is_old_is_swept(door: StaffDoor, store: Store, clock: Clock) -> None:
    await come_in(door, member(MINA, "Mina"))
    clock.goes(days=31)
    _, mina = await come_in(door, member(MINA, "Mina"))
    async with store.read() as db:
        assert (await db.execute(sa.select(sa.func.count()).select_from(staff_sessions))).scalar_one() == 1
    assert len(await door.sessions.record_for(mina)) == 1
