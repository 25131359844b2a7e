"""Cost of one hook call with six implementations, metrics and deadlines included."""

import time
from collections.abc import Awaitable, Callable

import pluggy
from frontdesk import Person, Question, answer_question, hookimpl, suggest_articles
from frontdesk import hookspecs as specs
from frontdesk.hooks import PROJECT, Hooks
from frontdesk.metrics import Metrics
from frontdesk.observers import HookMetrics
from frontdesk.plugins import add_hooks

from benchmarks.figures import Report, Sample
from benchmarks.runner import Parameters

DEFAULTS: Parameters = {"rounds": 60, "calls": 100}
PLUGINS = 6


class Plugin:
    """Implements one hook of each kind that asks, and does nothing in it."""

    @hookimpl(answer_question)
    async def answer_question(self, *, question: Question) -> None:
        """Know nothing."""

    @hookimpl(suggest_articles)
    async def suggest_articles(self, *, question: Question) -> None:
        """Suggest nothing."""


async def measure(given: Parameters) -> Report:
    """Call hooks and await the same coroutines plainly, in turns."""
    plugins = [Plugin() for _ in range(PLUGINS)]
    manager = pluggy.PluginManager(PROJECT)
    add_hooks(manager, specs)
    for number, plugin in enumerate(plugins):
        manager.register(plugin, f"plugin{number}")
    hooks = Hooks(manager, HookMetrics(Metrics()))
    question = Question("How?", Person(user_id=1, guild_id=2, name="Sam"), "en")

    async def first() -> None:
        await hooks.first(answer_question, question=question)

    async def gather() -> None:
        await hooks.gather(suggest_articles, question=question)

    async def plain() -> None:
        for plugin in plugins:
            await plugin.answer_question(question=question)

    ways: dict[str, Callable[[], Awaitable[None]]] = {"first": first, "gather": gather, "plain": plain}
    took: dict[str, list[float]] = {name: [] for name in ways}
    calls = int(given["calls"])
    for turn in range(int(given["rounds"]) + 5):
        for name, way in ways.items():
            microseconds = await _time(way, calls)
            if turn >= 5:
                took[name].append(microseconds)
    theirs = ("awaiting the six coroutines", Sample.of(took["plain"]))
    report = Report(notes=[f"medians of rounds of {calls} calls, no plugin answers; five rounds are warm-up"])
    report.compare("one call, asking one after the other", "µs", Sample.of(took["first"]), theirs)
    report.compare("one call, asking all at once", "µs", Sample.of(took["gather"]), theirs)
    return report


async def _time(way: Callable[[], Awaitable[None]], calls: int) -> float:
    began = time.perf_counter()
    for _ in range(calls):
        await way()
    return (time.perf_counter() - began) / calls * 1e6
