"""Buttons and modals find their plugin by the custom_id, and every way of failing is answered."""

import asyncio
from typing import Any, cast
from unittest.mock import AsyncMock, create_autospec

import hikari
import pytest
from frontdesk import Component, ComponentContext, Declined, Modal, ModalContext
from frontdesk.interactions import Interactions
from frontdesk.words import Words
from structlog.testing import capture_logs


@pytest.fixture
def interactions() -> Interactions:
    return Interactions(Words("auto", {}, {}))


def press(custom_id: str, locale: str = "en-US") -> Any:
    """Somebody presses a button."""
    interaction = create_autospec(hikari.ComponentInteraction, instance=True)
    interaction.custom_id, interaction.locale, interaction.guild_id = custom_id, hikari.Locale(locale), None
    return interaction


def submission(custom_id: str) -> Any:
    """Somebody submits a modal."""
    interaction = create_autospec(hikari.ModalInteraction, instance=True)
    interaction.custom_id, interaction.locale, interaction.guild_id = custom_id, hikari.Locale.EN_US, None
    return interaction


async def handled(interactions: Interactions, interaction: Any) -> None:
    event = create_autospec(hikari.InteractionCreateEvent, instance=True)
    event.interaction = interaction
    await interactions.handle(event)


def told(interaction: Any) -> str:
    """What the person behind the interaction reads; only they."""
    (call,) = interaction.create_initial_response.await_args_list
    assert call.kwargs["flags"] is hikari.MessageFlag.EPHEMERAL
    return cast("str", call.args[1])


async def test_the_custom_id_says_which_plugin_what_and_with_which_data(interactions: Interactions) -> None:
    heard: list[str] = []

    async def pressed(context: ComponentContext) -> None:
        heard.append(context.data)
        await context.respond("Done.")

    interactions.add("one", Component("vote", pressed))
    interactions.add("two", Component("vote", AsyncMock()))
    interaction = press("one:vote:7:up")
    await handled(interactions, interaction)
    assert heard == ["7:up"]
    assert told(interaction) == "Done."


@pytest.mark.parametrize("custom_id", ["one:gone", "nobody:vote:7", "vote", "", ":::", "one:form:3"])
async def test_what_nobody_answers_any_more_is_said_to_be_gone(interactions: Interactions, custom_id: str) -> None:
    interactions.add("one", Component("vote", AsyncMock()))
    interactions.add("one", Modal("form", AsyncMock()))
    interaction = press(custom_id)
    await handled(interactions, interaction)
    assert told(interaction) == "This is no longer available."


async def test_the_buttons_of_a_withdrawn_plugin_say_so_in_the_persons_language(interactions: Interactions) -> None:
    interactions.add("one", Component("vote", AsyncMock()))
    interactions.add("two", Modal("vote", AsyncMock()))
    interactions.withdraw("one")
    interaction = press("one:vote:7", locale="de")
    await handled(interactions, interaction)
    assert not told(interaction).startswith("This is")
    still = submission("two:vote:7")
    await handled(interactions, still)
    still.create_initial_response.assert_not_awaited()


async def test_a_refusal_is_told_to_the_person_alone(interactions: Interactions) -> None:
    interactions.add("one", Component("vote", AsyncMock(side_effect=Declined("Only once."))))
    interaction = press("one:vote")
    with capture_logs() as logs:
        await handled(interactions, interaction)
    assert told(interaction) == "Only once."
    assert logs == []


async def test_an_error_is_an_apology_with_the_number_in_the_log(interactions: Interactions) -> None:
    interactions.add("one", Modal("form", AsyncMock(side_effect=RuntimeError("broken"))))
    interaction = submission("one:form:3")
    with capture_logs() as logs:
        await handled(interactions, interaction)
    (line,) = logs
    assert (line["plugin"], line["action"], line["log_level"]) == ("one", "form", "error")
    assert line["error_id"] in told(interaction)
    assert "broken" not in told(interaction)


@pytest.mark.parametrize("error", [SystemExit(2), asyncio.CancelledError()], ids=repr)
async def test_who_would_end_the_bot_is_apologised_for(interactions: Interactions, error: BaseException) -> None:
    interactions.add("one", Component("vote", AsyncMock(side_effect=error)))
    interaction = press("one:vote")
    with capture_logs() as logs:
        await handled(interactions, interaction)
    assert logs[0]["error_id"] in told(interaction)


async def test_after_a_promise_the_apology_is_a_follow_up(interactions: Interactions) -> None:
    async def late(context: ModalContext) -> None:
        await context.defer()
        raise RuntimeError

    interactions.add("one", Modal("form", late))
    interaction = submission("one:form")
    with capture_logs():
        await handled(interactions, interaction)
    (first,) = interaction.create_initial_response.await_args_list
    assert first.args == (hikari.ResponseType.DEFERRED_MESSAGE_CREATE,)
    (second,) = interaction.execute.await_args_list
    assert "that did not work" in second.args[0]
    assert second.kwargs["flags"] is hikari.MessageFlag.EPHEMERAL


async def test_an_apology_that_cannot_be_given_harms_nobody(interactions: Interactions) -> None:
    interactions.add("one", Component("vote", AsyncMock(side_effect=RuntimeError)))
    interaction = press("one:vote")
    interaction.create_initial_response.side_effect = hikari.NotFoundError("u", {}, "", "Unknown interaction", 10062)
    with capture_logs() as logs:
        await handled(interactions, interaction)
    assert [line["event"] for line in logs] == ["interaction failed", "an interaction could not be answered"]


async def test_commands_are_not_its_business(interactions: Interactions) -> None:
    interaction = create_autospec(hikari.CommandInteraction, instance=True)
    await handled(interactions, interaction)
    interaction.create_initial_response.assert_not_called()


def test_an_action_is_registered_once_and_without_colons(interactions: Interactions) -> None:
    interactions.add("one", Component("vote", AsyncMock()))
    interactions.add("one", Modal("vote", AsyncMock()))
    with pytest.raises(ValueError, match="'vote' is registered twice"):
        interactions.add("one", Component("vote", AsyncMock()))
    with pytest.raises(ValueError, match="must not contain a colon"):
        interactions.add("one", Modal("a:b", AsyncMock()))
