"""The end in the domain: the summary, ratings, what goes on with what, and the transcript as a file."""

import html.parser
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import frontdesk_helpdesk
import pytest
from frontdesk import (
    Case,
    CaseStatus,
    Desk,
    HandoffState,
    Line,
    Pages,
    Person,
    Rating,
    Say,
    Speaker,
    Store,
)
from frontdesk.tables import CORE
from frontdesk.words import Words
from frontdesk_helpdesk import conversations
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.ending import EndingSettings, farewell
from frontdesk_helpdesk.history import Part, history, of_case
from frontdesk_helpdesk.news import Teller
from frontdesk_helpdesk.rating import RatingRefused, Ratings
from frontdesk_helpdesk.rich_text import to_html
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.tables import TABLES
from frontdesk_helpdesk.transcript import TEMPLATES, document
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
PERSON = Person(7_000_000_000_000_000_001, 9_000_000_000_000_000_001, "Mina", "en-US")
CASE = Case(1, PERSON.guild_id, "CASE-1001", "agent_request", "Gone", CaseStatus.OPEN, PERSON, "https://x", NOW)
LINES = (
    Line(Speaker.MEMBER, "Mina", "my lantern is gone", NOW),
    Line(Speaker.VIRTUAL_AGENT, "Virtual agent", "Look in the chest.", NOW + timedelta(minutes=1)),
    Line(Speaker.AGENT, "Amira", "Take mine.", NOW + timedelta(minutes=2)),
    Line(Speaker.AGENT, "Tomas", "Or mine.", NOW + timedelta(minutes=3)),
)
EVIL = '<script>alert(1)</script><img src=x onerror=y> "\'> [a](javascript:x) [b](https://e.x/"onmouseover=z) </main>'
HARMLESS = {
    *(
        "a",
        "bdi",
        "body",
        "code",
        "dd",
        "div",
        "dl",
        "dt",
        "footer",
        "h1",
        "h2",
        "head",
        "header",
        "html",
        "li",
        "main",
    ),
    *("meta", "ol", "p", "pre", "section", "span", "strong", "style", "time", "title"),
}


@pytest.fixture(scope="module")
def words() -> Words:
    words = Words("auto", {}, {}, strict=True)
    words.add("helpdesk", Path(frontdesk_helpdesk.__file__).parent / "locales")
    return words


@pytest.fixture
def say(words: Words) -> Say:
    return words.say("helpdesk", "en-US")


def conversation(**changes: Any) -> Conversation:
    begun = Conversation(
        id=1,
        person=PERSON,
        channel_id=5,
        identity="discord_x",
        state=HandoffState.ENDED,
        sid="CH1",
        case=CASE,
        question=None,
        agent="Amira",
        agent_identity="amira",
        requests=1,
        last_discord_id=0,
        last_index=-1,
        opened_at=NOW,
        ended_at=NOW + timedelta(minutes=12),
    )
    return replace(begun, **changes)


def test_the_summary_names_everybody_who_helped(say: Say) -> None:
    text = farewell(say, conversation(), LINES, EndingSettings(), now=NOW + timedelta(minutes=12))
    assert "You talked with **Amira** and **Tomas**, for 12 minutes." in text
    assert "CASE-1001" in text
    assert "within 1 day" in text


def test_the_summary_says_only_what_is_true(say: Say) -> None:
    off = EndingSettings(rating=False, reopen_within_hours=0)
    text = farewell(say, conversation(agent=None, case=None), LINES[:1], off, now=NOW)
    assert text == f"{say('conversation-ended')}\n{say('ended-begin-anew')}"
    by_bot = farewell(say, conversation(agent=None, case=None), LINES[:2], off, now=NOW + timedelta(hours=3))
    assert "virtual agent was there for you, for 3 hours" in by_bot


@pytest.mark.parametrize("locale", ["en-US", "de", "fa"])
def test_every_language_has_the_summary_and_the_transcript(words: Words, locale: str) -> None:
    say = words.say("helpdesk", locale)
    assert farewell(say, conversation(), LINES, EndingSettings(), now=NOW + timedelta(hours=1))
    text = document(Pages(TEMPLATES), say, [Part(conversation(), LINES, None)], server="S").content.decode()
    assert f'lang="{say.language}" dir="{"rtl" if locale == "fa" else "ltr"}"' in text


# Ratings


@dataclass
class Told:
    """Hears of ratings, and stands in for what a desk offers besides the store, and for the teller."""

    store: Store
    time: datetime = NOW + timedelta(hours=1)
    ratings: list[Rating] = field(default_factory=list)
    settings: HelpdeskSettings = field(default_factory=HelpdeskSettings)

    async def write(self, session: AsyncSession, news: Rating) -> None:
        self.ratings.append(news)

    def now(self) -> datetime:
        return self.time

    def settings_for(self, guild_id: int) -> HelpdeskSettings:
        return self.settings


@pytest.fixture
async def told(store: Store) -> Told:
    await store.upgrade([CORE, TABLES])
    assert await store.differences(TABLES) == []
    return Told(store)


async def ended(store: Store, **more: Any) -> Conversation:
    async with store.begin() as session:
        begun = await conversations.create(session, PERSON, channel_id=5, last_discord_id=0, now=NOW, **more)
        await conversations.keep_case(session, begun.id, CASE)
        await conversations.add_line(session, begun, f"k{begun.id}", Line(Speaker.MEMBER, "Mina", f"{begun.id}", NOW))
        await conversations.change(session, begun.id, ended_at=NOW, state="ended", requests=1, agent="Amira")
        found = await conversations.find(session, number=begun.id)
    assert found is not None
    return found


def ratings_of(told: Told) -> Ratings:
    return Ratings(cast("Desk[HelpdeskSettings]", told), cast("Teller", told))


async def test_a_rating_is_one_a_conversation_and_told_when_it_changes(told: Told) -> None:
    ratings, one = ratings_of(told), await ended(told.store)
    for stars in (2, 2, 5):
        told.time += timedelta(seconds=1)
        await ratings.give(one.id, PERSON.user_id, stars)
    told.time += timedelta(seconds=1)
    await ratings.comment(one.id, PERSON.user_id, "  kind  ")
    await ratings.comment(one.id, PERSON.user_id, "kind")
    assert [(r.stars, r.before, r.comment) for r in told.ratings] == [(2, None, None), (5, 2, None), (5, 5, "kind")]
    assert len({r.key for r in told.ratings}) == 3
    assert told.ratings[-1].case == CASE
    assert told.ratings[-1].agent == "Amira"


async def test_a_rating_is_refused_to_others_too_early_and_too_late(told: Told) -> None:
    ratings, one = ratings_of(told), await ended(told.store)
    with pytest.raises(RatingRefused, match="rating-not-yours"):
        await ratings.give(one.id, 1, 5)
    with pytest.raises(RatingRefused, match="rating-not-yours"):
        await ratings.give(99, PERSON.user_id, 5)
    with pytest.raises(RatingRefused, match="rating-first"):
        await ratings.comment(one.id, PERSON.user_id, "hello")
    with pytest.raises(ValueError, match="1 to 5"):
        await ratings.give(one.id, PERSON.user_id, 6)
    await ratings.give(one.id, PERSON.user_id, 1)
    told.time = NOW + timedelta(hours=73)
    with pytest.raises(RatingRefused, match="rating-too-late"):
        await ratings.give(one.id, PERSON.user_id, 5)
    async with told.store.begin() as session:
        fresh = await conversations.create(session, PERSON, channel_id=5, last_discord_id=0, now=NOW)
    with pytest.raises(RatingRefused, match="rating-too-early"):
        await ratings.give(fresh.id, PERSON.user_id, 5)
    assert [rating.stars for rating in told.ratings] == [1]


# Going on


async def test_a_conversation_goes_on_with_case_question_and_all_that_was_said(told: Told) -> None:
    first = await ended(told.store)
    second = await ended(told.store, continues=first)
    third = await ended(told.store, continues=second)
    other = await ended(told.store)
    assert conversations.case_key(first) == conversations.case_key(second) == conversations.case_key(third)
    assert conversations.case_key(other) != conversations.case_key(first)
    async with told.store.read() as session:
        assert [line.text for line in await conversations.transcript(session, third.id)] == [
            str(each.id) for each in (first, second, third)
        ]
        assert [line.text for line in await conversations.said_in(session, third.id)] == [str(third.id)]
        parts = await history(session, third)
        assert [part.conversation.id for part in parts] == [first.id, second.id, third.id]
        for number in ("CASE-1001", "case-1001 ", "1001"):
            found = await of_case(session, PERSON.guild_id, number)
            assert found is not None
            assert found.id == other.id
        for number in ("CASE-001", "001", "CASE-11001", "%", "", "CASE"):
            assert await of_case(session, PERSON.guild_id, number) is None, number
        assert await of_case(session, 1, "1001") is None
        newest = await conversations.newly_ended(session, since=NOW)
        assert [each.id for each in newest] == [other.id]
        assert await conversations.newly_ended(session, since=NOW + timedelta(seconds=1)) == []


# The file


class Elements(html.parser.HTMLParser):
    """Lists what a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def unsafe(self) -> Iterator[str]:
        """Name what could run, load, or lead somewhere else than the web."""
        for tag, attributes in self.found:
            if tag not in HARMLESS:
                yield tag
            for name, value in attributes.items():
                if name.startswith("on") or name in {"src", "style"}:
                    yield f"{tag} {name}"
                if name == "href" and not str(value).startswith(("https://", "http://")):
                    yield f"{tag} {value}"


def test_the_file_stands_for_itself_and_nothing_in_it_runs(say: Say) -> None:
    evil = replace(PERSON, name=EVIL)
    lines = tuple(replace(line, text=EVIL, name=EVIL) for line in LINES)
    rated = Rating(1, evil, CASE, "Amira", 4, EVIL, None, NOW)
    part = Part(conversation(person=evil, agent=EVIL), lines, rated)
    written = document(Pages(TEMPLATES), say, [part], server=EVIL)
    text = written.content.decode()
    assert written.name == "transcript-CASE-1001.html"
    assert written.lines == 4
    assert list(Elements(text).unsafe()) == []
    assert "url(" not in text
    assert "@import" not in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert "Rated 4 of 5" in text


def test_a_file_that_would_be_too_large_says_what_is_missing(say: Say) -> None:
    lines = tuple(Line(Speaker.MEMBER, "Mina", f"line {n} " + "x" * 500, NOW) for n in range(200))
    written = document(Pages(TEMPLATES), say, [Part(conversation(), lines, None)], server="S", limit=60_000)
    text = written.content.decode()
    assert len(written.content) <= 60_000
    assert 0 < written.lines < 200
    assert f"{200 - written.lines} older lines are left out" in text
    assert "line 199 " in text


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("**bold** and `x<y`", '<strong>bold</strong> and <code dir="ltr">x&lt;y</code>'),
        ("```py\na < b\n```", '<pre dir="ltr"><code>a &lt; b</code></pre>'),
        ("see https://e.x/a?b=1&c=2.", 'see <a href="https://e.x/a?b=1&amp;c=2" dir="ltr" rel="noopener noreferrer">https://e.x/a?b=1&amp;c=2</a>.'),
        ("[here](https://e.x)", '<a href="https://e.x" title="https://e.x" rel="noopener noreferrer">here</a>'),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("2 ** 3 ** 4 * `", "2 <strong> 3 </strong> 4 * `"),
    ],
)  # fmt: skip
def test_markdown_becomes_harmless_html(typed: str, shown: str) -> None:
    assert to_html(typed) == shown


@given(st.text(alphabet=st.sampled_from("ab <>\"'`*[]()&\n:/h") | st.characters(), max_size=300))
def test_no_text_makes_unsafe_html(text: str) -> None:
    page = to_html(f"{text} https://e.x/{text} [{text}](https://e.x/{text})")
    assert list(Elements(str(page)).unsafe()) == []
