"""A member who types /helpme twice at the same moment has one conversation."""

import asyncio

import pytest
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import OpenDesk


@pytest.mark.postgres
async def test_two_helpme_at_once_open_one_conversation(open_desk: OpenDesk, member: Member, postgres_url: str) -> None:
    desk = await open_desk(environ={"FRONTDESK_DATABASE_URL": postgres_url})
    asked = await asyncio.gather(*(member.command("/helpme") for _ in range(4)))
    answers = [(await interaction.response(10)).content for interaction in asked]
    assert sum("sent you a direct message" in answer for answer in answers) == 1, answers
    assert sum("open already" in answer for answer in answers) == 3, answers
    greetings = [message for message in member.dm if "Ask me anything" in message.content]
    assert len(greetings) == 1
    assert desk.bot.errors() == []
