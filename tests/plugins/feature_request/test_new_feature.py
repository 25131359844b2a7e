"""/new_feature in front of members, with a real bot on the loopback Discord."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from frontdesk import Case, CaseRequest, CaseStatus, Person, hookimpl, open_case
from frontdesk_feature_request import FeatureRequests
from frontdesk_feature_request.idea import Idea

from tests.plugins.one_bot import Room, open_room, run_bot

PLUGINS: dict[str, type[Any]] = {"feature_request": FeatureRequests}
ANSWERS: dict[str, Any] = {"title": "Night mode", "idea": "A dark map for the night", "benefit": "My eyes"}


class CaseKeeper:
    """Opens cases as the cases plugin would."""

    def __init__(self) -> None:
        self.requests: list[CaseRequest] = []

    @hookimpl(open_case)
    async def open_case(self, request: CaseRequest) -> Case | None:
        self.requests.append(request)
        return Case(
            1, request.person.guild_id, "CASE-8", request.kind, request.title, CaseStatus.OPEN, request.person,
            "http://desk/cases/8", datetime.now(UTC),
        )  # fmt: skip


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as room:
        yield room


async def test_an_idea_is_posted_with_votes_and_a_case(room: Room) -> None:
    room.discord.world.create_channel(room.guild, "feature-request")
    mina, omid, cases = room.member("Mina"), room.member("Omid"), CaseKeeper()
    async with run_bot(room, PLUGINS, others=(cases,)):
        await mina.command("/new_feature")
        answer = await (await mina.submit(**ANSWERS)).response()
        post = await omid.sees("A dark map for the night", "#feature-request")
        await omid.react(post, "👍")
    assert "CASE-8" in answer.content
    assert f"/{post.channel_id}/{post.id}" in answer.content
    assert post.embeds[0]["fields"] == [{"name": "Why it would help", "value": "My eyes", "inline": False}]
    assert list(post.reactions) == ["👍", "👎"]
    assert cases.requests[0].kind == "feature"
    assert cases.requests[0].description == "A dark map for the night"


async def test_cases_can_be_left_out(room: Room) -> None:
    room.discord.world.create_channel(room.guild, "ideas")
    mina, cases = room.member("Mina"), CaseKeeper()
    settings = {"feature_request": {"channel": "#ideas", "open_case": False, "votes": ()}}
    async with run_bot(room, PLUGINS, settings=settings, others=(cases,)):
        await mina.command("/new_feature")
        answer = await (await mina.submit(title="Night mode", idea="A dark map")).response()
    assert "others can vote" in answer.content
    assert cases.requests == []
    assert room.texts("ideas") == ["Night mode"]


async def test_an_idea_that_cannot_be_posted_is_given_back(room: Room) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS):
        await mina.command("/new_feature")
        answer = await (await mina.submit(**ANSWERS)).response()
    assert "could not be posted" in answer.content
    assert "A dark map for the night" in answer.content


def test_an_empty_benefit_is_left_out_of_the_case() -> None:
    idea = Idea.filled_in("5", Person(1, 2, "Mina"), {"title": " Night ", "idea": "dark", "benefit": "  "})
    request = idea.case_request(str)
    assert (request.key, request.title, request.fields) == ("feature_request:5", "Night", {})
