"""Declaring hooks, implementing them, and calling them: typed from end to end, and isolated."""

import asyncio
import inspect
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, overload

import pluggy
import structlog

from frontdesk.failures import FAILURES, as_exception, is_cancelled

PROJECT = "frontdesk"

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])

_mark_spec = pluggy.HookspecMarker(PROJECT)
_mark_impl = pluggy.HookimplMarker(PROJECT)


class Hook(Generic[P, R]):
    """A declared hook: its name, its arguments by name, and how long one implementation may take.

    Args:
        declaration: the function that declares it; its arguments are keyword-only.
        since: the first version of Frontdesk that has it.
        deadline: seconds that one asynchronous implementation may take.
    """

    kind = "hook"

    def __init__(self, declaration: Callable[P, R], since: str, deadline: float) -> None:
        self.name = declaration.__name__
        self.module = declaration.__module__
        self.since = since
        self.deadline = deadline
        self.signature = inspect.signature(declaration)
        self.__doc__ = declaration.__doc__
        positional = [p for p in self.signature.parameters.values() if p.kind is not p.KEYWORD_ONLY]
        if positional:
            raise TypeError(f"hook {self.name}: its arguments must be keyword-only, write a * before them")

    def for_pluggy(self) -> Callable[..., None]:
        """Give a function with the same argument names, in the form that pluggy understands."""

        def spec() -> None: ...

        names = tuple(self.signature.parameters)
        spec.__name__ = self.name
        # pluggy reads the names of arguments from the code object, and leaves out keyword-only ones.
        spec.__code__ = spec.__code__.replace(co_argcount=len(names), co_nlocals=len(names), co_varnames=names)
        return _mark_spec(spec)


class Contributes(Hook[P, T]):
    """Called once at start; gives the core something of the plugin's."""

    kind = "contributes"


class Lifecycle(Hook[P, Coroutine[Any, Any, None]]):
    """Called once per plugin, in the order of plugins; raising withdraws the plugin."""

    kind = "lifecycle"


class First(Hook[P, Coroutine[Any, Any, T | None]], Generic[P, T]):
    """Asks one plugin after the other until an answer is not None."""

    kind = "first"


class Gather(Hook[P, Coroutine[Any, Any, T | None]], Generic[P, T]):
    """Asks all plugins at once; answers that are not None, in the order of plugins."""

    kind = "gather"


class Tells(Hook[P, Coroutine[Any, Any, None]]):
    """Tells all plugins at once that something has happened."""

    kind = "tells"


def contributes(*, since: str) -> Callable[[Callable[P, T]], Contributes[P, T]]:
    """Declare a hook that contributes something once, at start."""
    return lambda declaration: Contributes(declaration, since, 0)


def lifecycle(*, since: str, deadline: float) -> Callable[[Callable[P, Coroutine[Any, Any, None]]], Lifecycle[P]]:
    """Declare a hook that is called once for each plugin when the bot starts or stops."""
    return lambda declaration: Lifecycle(declaration, since, deadline)


def first(*, since: str, deadline: float = 10.0) -> Callable[[Callable[P, Coroutine[Any, Any, T | None]]], First[P, T]]:
    """Declare a hook that asks until somebody answers."""
    return lambda declaration: First(declaration, since, deadline)


def gather(
    *, since: str, deadline: float = 10.0
) -> Callable[[Callable[P, Coroutine[Any, Any, T | None]]], Gather[P, T]]:
    """Declare a hook that asks everyone."""
    return lambda declaration: Gather(declaration, since, deadline)


def tells(*, since: str, deadline: float = 10.0) -> Callable[[Callable[P, Coroutine[Any, Any, None]]], Tells[P]]:
    """Declare a hook that tells everyone what has happened."""
    return lambda declaration: Tells(declaration, since, deadline)


@overload
def hookimpl(hook: Hook[P, R], /) -> Callable[[Callable[Concatenate[Any, P], R]], Callable[Concatenate[Any, P], R]]: ...
@overload
def hookimpl(hook: F, /) -> F: ...
def hookimpl(hook: Any, /) -> Any:
    """Mark a method as the implementation of a hook.

    ``@hookimpl(open_case)`` lets mypy check the arguments and the answer; a bare ``@hookimpl`` goes by the
    method's name.
    An implementation that needs only some of the arguments declares those and ``**_: object``.
    """
    if isinstance(hook, Hook):
        return _mark_impl(specname=hook.name)
    return _mark_impl(hook)


class NoAnswerError(Exception):
    """Nobody answered a hook, and somebody who might have failed."""


class HookObserver(Protocol):
    """Hears how each call of an implementation went, for metrics and for /health."""

    def called(self, hook: str, plugin: str, seconds: float, error: BaseException | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Implementation:
    """One plugin's implementation of a hook, and the names of the arguments that it wants (None: all)."""

    plugin: str
    function: Callable[..., Any]
    wants: frozenset[str] | None

    def arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        """Pick what the implementation declares out of what the caller gave."""
        if self.wants is None:
            return given
        return {name: value for name, value in given.items() if name in self.wants}


def _wanted(function: Callable[..., Any]) -> frozenset[str] | None:
    parameters = inspect.signature(function).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return None
    return frozenset(p.name for p in parameters)


class Hooks:
    """The one place where hooks are called: attributes errors to plugins, and sets deadlines.

    Args:
        manager: pluggy's manager, with the plugins registered in reverse order (pluggy calls the last one first).
        observer: hears how each call went.
    """

    def __init__(self, manager: pluggy.PluginManager, observer: HookObserver) -> None:
        self._manager = manager
        self._observer = observer
        self._known: dict[str, tuple[Implementation, ...]] = {}
        self._log = structlog.get_logger("frontdesk.hooks")

    def forget(self) -> None:
        """Look the implementations up anew; to be called when a plugin came or went."""
        self._known.clear()

    def implementations(self, hook: Hook[..., Any]) -> tuple[Implementation, ...]:
        """List a hook's implementations in the order of plugins."""
        known = self._known.get(hook.name)
        if known is None:
            caller = getattr(self._manager.hook, hook.name, None)
            if caller is None or not caller.has_spec():
                raise LookupError(f"no such hook: {hook.name}; a plugin's own hooks are named in its `hooks`")
            known = self._known[hook.name] = tuple(
                Implementation(impl.plugin_name, impl.function, _wanted(impl.function))
                for impl in reversed(caller.get_hookimpls())
            )
        return known

    def contributions(self, hook: Contributes[P, T], *args: P.args, **kwargs: P.kwargs) -> Iterator[tuple[str, T]]:
        """Yield each plugin's name and contribution.

        Raises:
            Exception: whatever an implementation raises; ask per plugin with `contribution` to attribute it.
        """
        del args
        for implementation in self.implementations(hook):
            yield implementation.plugin, implementation.function(**implementation.arguments(kwargs))

    def contribution(self, plugin: str, hook: Contributes[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Take one plugin's contribution, or None if it does not implement the hook."""
        del args
        for implementation in self.implementations(hook):
            if implementation.plugin == plugin:
                contributed: T = implementation.function(**implementation.arguments(kwargs))
                return contributed
        return None

    async def run(self, plugin: str, hook: Lifecycle[P], *args: P.args, **kwargs: P.kwargs) -> None:
        """Call a lifecycle hook of one plugin.

        Raises:
            Exception: whatever the plugin raises, or TimeoutError.
        """
        del args
        for implementation in self.implementations(hook):
            if implementation.plugin == plugin:
                async with asyncio.timeout(hook.deadline):
                    await implementation.function(**implementation.arguments(kwargs))

    async def first(self, hook: First[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Ask one plugin after the other; the first answer that is not None counts."""
        del args
        for implementation in self.implementations(hook):
            answer: T | None = await self._call(hook, implementation, kwargs)
            if answer is not None:
                return answer
        return None

    async def insist(self, hook: First[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Ask as `first` does, but tell "nobody has an answer" apart from "who might have one failed".

        Raises:
            NoAnswerError: if nobody answered and an implementation failed: asking again may help.
        """
        del args
        failed: list[tuple[str, Exception]] = []
        for implementation in self.implementations(hook):
            answer: T | None = await self._call(hook, implementation, kwargs, failed)
            if answer is not None:
                return answer
        if failed:
            raise NoAnswerError(f"{hook.name} failed in {', '.join(plugin for plugin, _ in failed)}")
        return None

    async def gather(self, hook: Gather[P, T], *args: P.args, **kwargs: P.kwargs) -> list[T]:
        """Ask all plugins at once; their answers that are not None, in the order of plugins."""
        del args
        calls = (self._call(hook, implementation, kwargs) for implementation in self.implementations(hook))
        return [answer for answer in await asyncio.gather(*calls) if answer is not None]

    async def tell(self, hook: Tells[P], *args: P.args, **kwargs: P.kwargs) -> None:
        """Tell all plugins at once; returns when everyone has heard it or has failed to."""
        await self.try_telling(hook, *args, **kwargs)

    async def try_telling(self, hook: Tells[P], *args: P.args, **kwargs: P.kwargs) -> list[Exception]:
        """Tell as `tell` does, for who might tell again.

        Returns:
            What those have raised who failed to hear it.
        """
        del args
        failed: list[tuple[str, Exception]] = []
        await asyncio.gather(
            *(self._call(hook, implementation, kwargs, failed) for implementation in self.implementations(hook))
        )
        return [error for _, error in failed]

    async def _call(
        self,
        hook: Hook[..., Any],
        implementation: Implementation,
        given: dict[str, Any],
        failed: list[tuple[str, Exception]] | None = None,
    ) -> Any:
        started = time.perf_counter()
        error: BaseException | None = None
        try:
            async with asyncio.timeout(hook.deadline):
                return await implementation.function(**implementation.arguments(given))
        except FAILURES as raised:  # isolation is the purpose: attributed, counted and logged
            error = raised
            if is_cancelled(raised):
                raise
            if failed is not None:
                failed.append((implementation.plugin, as_exception(raised)))
            self._log.error("hook failed", hook=hook.name, plugin=implementation.plugin, exc_info=raised)
            return None
        finally:
            elapsed = time.perf_counter() - started
            self._observer.called(hook.name, implementation.plugin, elapsed, error)
