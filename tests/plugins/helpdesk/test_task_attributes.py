"""The attributes of a task are never larger than Flex takes, whatever a member is called and writes."""

import json
from datetime import UTC, datetime

from frontdesk import Article, Line, Person, Speaker
from frontdesk_helpdesk.briefing import TASK_LIMIT, Briefing, task_attributes
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = st.text(min_size=1, max_size=32)  # Discord's limits, here and below
LONG = st.text('a😀م"', max_size=4000)


@given(
    name=NAMES,
    server=st.text("a😀", min_size=2, max_size=100),
    question=LONG,
    roles=st.lists(st.text("😀b", min_size=1, max_size=100), max_size=30),
    answers=st.dictionaries(st.text(max_size=45), LONG, max_size=5),
    said=st.lists(LONG, max_size=25),
)
def test_the_attributes_fit_and_say_who_it_is(
    *, name: str, server: str, question: str, roles: list[str], answers: dict[str, str], said: list[str]
) -> None:
    person = Person(guild_id=2**63, user_id=2**62, name=name, locale="pt-BR", roles=tuple(roles), joined_at=NOW)
    briefing = Briefing(
        conversation_id=7,
        conversation_sid="CH" + "0" * 32,
        identity="discord_" + "0" * 24,
        request=3,
        person=person,
        server=server,
        question=question,
        category="😀" * 80,
        answers=answers,
        articles=[Article("a", "😀" * 100, "https://help.example/" + "a" * 200, "", 0.5)] * 3,
        transcript=[Line(Speaker.MEMBER, name, text, NOW) for text in said],
    )
    attributes = task_attributes(briefing)
    assert len(json.dumps(attributes)) <= TASK_LIMIT
    assert (attributes["name"], attributes["discord_user_id"]) == (name, str(person.user_id))
    assert attributes["frontdesk_conversation"] == 7
    assert question.startswith(attributes["question"])


def test_what_fits_is_whole() -> None:
    person = Person(guild_id=1, user_id=2, name="Ana", roles=("VIP", "Beta"))
    briefing = Briefing(7, None, "discord_x", 1, person, "Game", question="Where is my key?" * 10)
    attributes = task_attributes(briefing)
    assert attributes["question"] == "Where is my key?" * 10
    assert attributes["roles"] == "VIP, Beta"
    assert attributes["discord_server"] == "Game"
