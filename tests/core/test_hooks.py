"""Calling hooks: who is asked, in which order, with which arguments, and what becomes of those who fail."""

import asyncio
import sys
import time
from collections.abc import Iterable
from typing import Any

import pytest
from frontdesk import (
    Answer,
    Article,
    Person,
    Question,
    answer_question,
    contributes,
    first,
    gather,
    hookimpl,
    register_checks,
    register_tasks,
    start,
    stop,
    suggest_articles,
    tells,
)
from frontdesk.hooks import PROJECT, Hook, Hooks, NoAnswerError, lifecycle
from frontdesk.metrics import Metrics
from frontdesk.observers import HookMetrics
from frontdesk.plugins import Plugins, Stage
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.core.plugin_house import Observed, Plugin, failed, load, running

PERSON = Person(user_id=1, guild_id=2, name="Sam")
QUESTION = Question("How?", PERSON, "en")


def answering(answer: str | None, *, asked: list[str] | None = None, error: Exception | None = None) -> type[Any]:
    """A plugin class that answers, knows nothing (None), or raises."""

    class Answers(Plugin):
        @hookimpl(answer_question)
        async def answer_question(self, question: Question) -> Answer | None:
            if asked is not None:
                asked.append(answer or "nothing")
            if error is not None:
                raise error
            return None if answer is None else Answer(answer)

        @hookimpl(suggest_articles)
        async def suggest_articles(self, question: Question) -> list[Article] | None:
            if error is not None:
                raise error
            return None if answer is None else [Article(answer, answer, None, "", 1.0)]

    return Answers


async def test_first_stops_at_the_first_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    plugins = {name: answering(says, asked=asked) for name, says in (("a", None), ("b", "yes"), ("c", "no"))}
    hooks = load(monkeypatch, plugins).hooks
    assert await hooks.first(answer_question, question=QUESTION) == Answer("yes")
    assert asked == ["nothing", "yes"]


async def test_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = load(monkeypatch, {"a": answering(None), "b": Plugin}).hooks
    assert await hooks.first(answer_question, question=QUESTION) is None
    assert await hooks.gather(suggest_articles, question=QUESTION) == []


async def test_falsy_answers_are_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    class Suggests(Plugin):
        @hookimpl(suggest_articles)
        async def suggest_articles(self, question: Question) -> list[Article]:
            return []

    hooks = load(monkeypatch, {"a": Suggests}).hooks
    assert await hooks.gather(suggest_articles, question=QUESTION) == [[]]


@settings(deadline=None)
@given(st.lists(st.sampled_from(["answers", "knows nothing", "raises"]), max_size=6))
def test_who_raises_is_passed_over_and_named(behaviours: list[str]) -> None:
    plugins = {
        f"p{place}": answering(
            f"p{place}" if behaviour == "answers" else None, error=ValueError() if behaviour == "raises" else None
        )
        for place, behaviour in enumerate(behaviours)
    }
    able = [f"p{place}" for place, behaviour in enumerate(behaviours) if behaviour == "answers"]
    raising = [f"p{place}" for place, behaviour in enumerate(behaviours) if behaviour == "raises"]
    observed = Observed()

    async def ask(hooks: Hooks) -> None:
        assert await hooks.first(answer_question, question=QUESTION) == (Answer(able[0]) if able else None)
        observed.calls.clear()
        suggested = await hooks.gather(suggest_articles, question=QUESTION)
        assert [article.id for articles in suggested for article in articles] == able

    with pytest.MonkeyPatch.context() as patch, capture_logs() as logged:
        asyncio.run(ask(load(patch, plugins, observed=observed).hooks))
    assert [plugin for _, plugin, error in observed.calls if error is ValueError] == raising
    assert [line["plugin"] for line in logged if line["hook"] == "suggest_articles"] == raising
    assert {line["event"] for line in logged} <= {"hook failed"}


async def test_insisting_tells_nobody_knows_from_somebody_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    knows, knows_nothing, fails = answering("yes"), answering(None), answering(None, error=ValueError())
    hooks = load(monkeypatch, {"a": knows_nothing, "b": fails, "c": knows}).hooks
    assert await hooks.insist(answer_question, question=QUESTION) == Answer("yes")
    hooks = load(monkeypatch, {"a": knows_nothing}).hooks
    assert await hooks.insist(answer_question, question=QUESTION) is None
    hooks = load(monkeypatch, {"a": knows_nothing, "b": fails}).hooks
    with pytest.raises(NoAnswerError, match="answer_question failed in b"):
        await hooks.insist(answer_question, question=QUESTION)


@tells(since="0.1", deadline=5.0)
async def bell_rang(*, tower: str, times: int) -> None:
    """A bell rang."""


@first(since="0.1", deadline=0.05)
async def quick_guess(*, highest: int) -> int | None:
    """Guess quickly."""


@gather(since="0.1", deadline=0.05)
async def quick_guesses(*, highest: int) -> int | None:
    """Guess quickly, everyone."""


@contributes(since="0.1")
def names() -> Iterable[str]:  # type: ignore[empty-body]  # a declaration
    """Contribute names."""


@lifecycle(since="0.1", deadline=0.05)
async def wake() -> None:
    """Wake up."""


THIS_MODULE = sys.modules[__name__]


class Declares(Plugin):
    """Brings the hooks of this module."""

    hooks = (THIS_MODULE,)


async def test_everyone_hears_news_also_when_somebody_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    def hears(name: str, error: Exception | None = None) -> type[Any]:
        class Hears(Plugin):
            @hookimpl(bell_rang)
            async def bell_rang(self, *, tower: str, times: int) -> None:
                if error is not None:
                    raise error
                heard.append(f"{name}: {tower} {times}")

        return Hears

    observed = Observed()
    plugins = {"a": hears("a"), "b": hears("b", RuntimeError("deaf")), "c": hears("c"), "declares": Declares}
    hooks = load(monkeypatch, plugins, observed=observed).hooks
    await hooks.tell(bell_rang, tower="north", times=3)
    assert sorted(heard) == ["a: north 3", "c: north 3"]
    assert sorted(observed.calls, key=str) == [
        ("bell_rang", "a", None), ("bell_rang", "b", RuntimeError), ("bell_rang", "c", None),
    ]  # fmt: skip


async def test_all_are_asked_and_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each waits for all the others: one after the other they would wait for ever."""
    together = asyncio.Barrier(3)

    class Meets(Plugin):
        @hookimpl(bell_rang)
        async def bell_rang(self, **_: object) -> None:
            await together.wait()

    loaded = load(monkeypatch, {"a": Meets, "b": Meets, "c": Meets, "declares": Declares})
    async with asyncio.timeout(5):
        await loaded.hooks.tell(bell_rang, tower="south", times=1)


async def test_only_declared_arguments_are_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, object]] = []

    class One(Plugin):
        @hookimpl
        async def bell_rang(self, times: int) -> None:
            seen.append({"times": times})

    class NoneAtAll(Plugin):
        @hookimpl
        async def bell_rang(self) -> None:
            seen.append({})

    class Rest(Plugin):
        @hookimpl
        async def bell_rang(self, tower: str, **rest: object) -> None:
            seen.append({"tower": tower, **rest})

    class Default(Plugin):
        @hookimpl
        async def bell_rang(self, times: int, louder: bool = False) -> None:
            seen.append({"times": times, "louder": louder})

    loaded = load(monkeypatch, {"a": One, "b": NoneAtAll, "c": Rest, "d": Default, "declares": Declares})
    assert failed(loaded) == {}
    await loaded.hooks.tell(bell_rang, tower="north", times=3)
    assert seen == [{"times": 3}, {}, {"tower": "north", "times": 3}, {"times": 3, "louder": False}]


class Hangs(Plugin):
    """Never comes back."""

    @hookimpl(quick_guess)
    async def quick_guess(self, **_: object) -> int:
        await asyncio.Event().wait()
        return 1

    @hookimpl(quick_guesses)
    async def quick_guesses(self, **_: object) -> int:
        await asyncio.Event().wait()
        return 1

    @hookimpl(wake)
    async def wake(self) -> None:
        await asyncio.Event().wait()


class Guesses(Plugin):
    """Comes back at once."""

    @hookimpl(quick_guess)
    async def quick_guess(self, highest: int, **_: object) -> int:
        return highest

    @hookimpl(quick_guesses)
    async def quick_guesses(self, highest: int, **_: object) -> int:
        return highest


async def test_who_hangs_is_left_behind_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    observed = Observed()
    plugins = {"a": Hangs, "b": Guesses, "declares": Declares}
    hooks = load(monkeypatch, plugins, observed=observed).hooks
    started = time.monotonic()
    assert await hooks.first(quick_guess, highest=6) == 6
    assert await hooks.gather(quick_guesses, highest=7) == [7]
    assert time.monotonic() - started >= 0.05
    assert ("quick_guess", "a", TimeoutError) in observed.calls
    assert ("quick_guesses", "a", TimeoutError) in observed.calls


async def test_a_lifecycle_hook_raises_to_the_one_who_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    class Falls(Plugin):
        @hookimpl(start)
        async def start(self) -> None:
            raise OSError("out of bed")

    stopped: list[str] = []

    class Stops(Plugin):
        @hookimpl(stop)
        async def stop(self) -> None:
            stopped.append("stops")

    hooks = load(monkeypatch, {"falls": Falls, "hangs": Hangs, "stops": Stops, "declares": Declares}).hooks
    with pytest.raises(OSError, match="out of bed"):
        await hooks.run("falls", start)
    with pytest.raises(TimeoutError):
        await hooks.run("hangs", wake)
    await hooks.run("stops", start)  # it has none
    await hooks.run("stops", stop)
    assert stopped == ["stops"]


async def test_who_gives_up_waiting_takes_the_call_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cancelled caller is no failure of the plugin, and is not answered."""
    entered, left = asyncio.Event(), asyncio.Event()

    class Waits(Plugin):
        @hookimpl(bell_rang)
        async def bell_rang(self, **_: object) -> None:
            entered.set()
            try:
                await asyncio.Event().wait()
            finally:
                left.set()

    hooks = load(monkeypatch, {"waits": Waits, "declares": Declares}).hooks
    call = asyncio.create_task(hooks.tell(bell_rang, tower="north", times=1))
    await entered.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert left.is_set()


@pytest.mark.parametrize("error", [SystemExit(2), asyncio.CancelledError()], ids=repr)
async def test_who_would_end_more_than_itself_only_fails(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    class Leaves(Plugin):
        @hookimpl(quick_guess)
        async def quick_guess(self, **_: object) -> int:
            raise error

        @hookimpl(quick_guesses)
        async def quick_guesses(self, **_: object) -> int:
            raise error

        @hookimpl(bell_rang)
        async def bell_rang(self, **_: object) -> None:
            raise error

    observed = Observed()
    plugins = {"a": Leaves, "b": Guesses, "declares": Declares}
    hooks = load(monkeypatch, plugins, observed=observed).hooks
    with capture_logs() as logged:
        assert await hooks.first(quick_guess, highest=6) == 6
        assert await hooks.gather(quick_guesses, highest=7) == [7]
        (failure,) = await hooks.try_telling(bell_rang, tower="north", times=1)
    assert str(failure).startswith(type(error).__name__)
    assert [line["plugin"] for line in logged] == ["a", "a", "a"]
    assert [call[2] for call in observed.calls if call[1] == "a"] == [type(error)] * 3


def contributing(monkeypatch: pytest.MonkeyPatch) -> Plugins:
    class Names(Plugin):
        @hookimpl(names)
        def names(self) -> list[str]:
            return ["Sam", "Robin"]

    class Fails(Plugin):
        @hookimpl(names)
        def names(self) -> list[str]:
            raise KeyError("no names")

        @hookimpl(register_tasks)
        def register_tasks(self) -> list[Any]:
            return []

        @hookimpl(register_checks)
        def register_checks(self) -> list[Any]:
            return []

    return load(monkeypatch, {"a": Names, "b": Fails, "declares": Declares})


def test_contributions_are_taken_plugin_by_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = contributing(monkeypatch).hooks
    assert hooks.contribution("a", names) == ["Sam", "Robin"]
    assert hooks.contribution("declares", names) is None
    with pytest.raises(KeyError):
        hooks.contribution("b", names)


def test_contributions_of_all_say_whose_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = contributing(monkeypatch)
    loaded.withdraw("b", Stage.HOOKS, "it fails")
    assert dict(loaded.hooks.contributions(names)) == {"a": ["Sam", "Robin"]}
    assert running(loaded) == ["a", "declares"]


def test_arguments_of_hooks_are_named() -> None:
    with pytest.raises(TypeError, match=r"hook guess: its arguments must be keyword-only, write a \* before them"):

        @tells(since="0.1")
        async def guess(highest: int) -> None: ...


def test_a_hook_knows_what_it_is() -> None:
    kinds: list[tuple[Hook[..., Any], str, float]] = [
        (bell_rang, "tells", 5.0),
        (quick_guess, "first", 0.05),
        (quick_guesses, "gather", 0.05),
        (names, "contributes", 0),
        (wake, "lifecycle", 0.05),
    ]
    for hook, kind, deadline in kinds:
        assert (hook.kind, hook.deadline, hook.since) == (kind, deadline, "0.1")
    assert bell_rang.__doc__ == "A bell rang."
    assert bell_rang.name == "bell_rang"


def test_calls_are_counted_by_outcome() -> None:
    metrics = Metrics()
    observer = HookMetrics(metrics)
    observer.called("bell_rang", "a", 0.1, None)
    observer.called("bell_rang", "a", 0.1, TimeoutError())
    observer.called("bell_rang", "b", 0.1, ValueError())
    shown = metrics.render().decode()
    for plugin, outcome in (("a", "ok"), ("a", "timeout"), ("b", "error")):
        assert f'frontdesk_hook_calls_total{{hook="bell_rang",outcome="{outcome}",plugin="{plugin}"}} 1.0' in shown


def test_hooks_of_an_unknown_manager_are_refused() -> None:
    import pluggy

    empty = Hooks(pluggy.PluginManager(PROJECT), Observed())
    with pytest.raises(LookupError, match="no such hook: answer_question"):
        empty.implementations(answer_question)
