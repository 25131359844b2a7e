"""Discord knows the commands, in the languages that it has and in Persian where the owner wants it."""

from typing import Any

import pytest
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk

from tests.journeys.stories import stopped_cleanly


def told_to_discord(desk: TestDesk) -> dict[str, dict[str, Any]]:
    """The slash commands that the loopback Discord offers in the server, by name."""
    return {command["name"]: command for command in desk.house.moderator.commands(desk.house.general)}


async def test_names_and_descriptions_are_in_english_and_german(desk: TestDesk) -> None:
    commands = told_to_discord(desk)
    assert set(commands) == {
        "announce",
        "bug",
        "new_feature",
        "helpme",
        "helpdesk",
        "transcript",
        "articles",
        "case",
        "cases",
    }
    for command in commands.values():
        for texts in ("name_localizations", "description_localizations"):
            assert "de" in command[texts], (command["name"], texts)
    helpme = commands["helpme"]
    assert helpme["description"] == "Get help from our team in a direct message."
    assert helpme["name_localizations"]["de"] == "hilfe"
    (note,) = helpme["options"]
    assert note["name"] == "note"
    assert "de" in note["description_localizations"]


@pytest.mark.desk(settings={"words": {"language": "fa"}})
async def test_with_persian_for_everybody_the_names_are_persian(desk: TestDesk) -> None:
    commands = told_to_discord(desk)
    assert "کمک" in commands
    assert all(not str(command["description"]).isascii() for command in commands.values())
    assert all("de" not in (command["name_localizations"] or ()) for command in commands.values())


@pytest.mark.desk(settings={"words": {"en": {"helpdesk.greeting": "Welcome to the Lantern Inn, {name}."}}})
async def test_an_owner_says_it_in_their_own_words(desk: TestDesk) -> None:
    await desk.house.sam.command("/helpme")
    await desk.house.sam.sees("Welcome to the Lantern Inn, Sam.", "dm")


async def test_a_command_that_is_off_after_a_restart_is_gone_from_discord(open_desk: OpenDesk) -> None:
    desk = await open_desk(plugins={"announcements": True, "bug_report": True})
    assert set(told_to_discord(desk)) == {"announce", "bug"}
    await stopped_cleanly(desk.bot)
    fewer = await open_desk(plugins={"announcements": True})
    assert set(told_to_discord(fewer)) == {"announce"}
    await stopped_cleanly(fewer.bot)
