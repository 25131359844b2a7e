"""Plugins: found, ordered and loaded; one that fails says why and harms no other."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from frontdesk import (
    Announcement,
    Case,
    CaseRequest,
    Question,
    Tables,
    announcement_published,
    case_opened,
    gather,
    hookimpl,
    open_case,
    plugins,
    suggest_articles,
)
from frontdesk.plugin_order import order
from frontdesk.plugins import Plugins, PluginState, Stage, package_folder
from hypothesis import given
from hypothesis import strategies as st

from tests.core.plugin_house import Observed, Plugin, failed, install, load, running

names = st.sampled_from(["a", "b", "c", "d", "e", "f"])
declared = st.dictionaries(names, st.tuples(st.lists(names, max_size=2), st.lists(names, max_size=2)), max_size=6)


def classes(plugins: dict[str, tuple[list[str], list[str]]]) -> dict[str, type[Any]]:
    return {
        name: type(name, (Plugin,), {"requires": tuple(requires), "after": tuple(after)})
        for name, (requires, after) in plugins.items()
    }


@given(declared, st.randoms(use_true_random=False))
def test_the_order_is_the_same_whatever_the_metadata_say_first(
    plugins: dict[str, tuple[list[str], list[str]]], random: Any
) -> None:
    shuffled = list(plugins.items())
    random.shuffle(shuffled)
    assert order(classes(plugins)) == order(classes(dict(shuffled)))


@given(declared)
def test_everybody_comes_after_those_they_name(plugins: dict[str, tuple[list[str], list[str]]]) -> None:
    ordered, refused = order(classes(plugins))
    assert sorted([*ordered, *refused]) == sorted(plugins)
    for place, name in enumerate(ordered):
        requires, after = plugins[name]
        assert set(requires) <= set(ordered[:place])
        assert not set(after) & set(ordered[place:])


@given(declared)
def test_nobody_is_refused_without_a_reason(plugins: dict[str, tuple[list[str], list[str]]]) -> None:
    """Without requirements and with names that only point backwards, all run."""
    free: dict[str, tuple[list[str], list[str]]] = {
        name: ([], [other for other in after if other < name]) for name, (_, after) in plugins.items()
    }
    ordered, refused = order(classes(free))
    assert (sorted(ordered), refused) == (sorted(free), {})


def test_plugins_that_name_nobody_stand_in_alphabetical_order() -> None:
    assert order(classes({"c": ([], []), "a": ([], []), "b": ([], [])}))[0] == ["a", "b", "c"]


def test_a_missing_requirement_is_named_and_spreads() -> None:
    ordered, refused = order(classes({"a": (["x", "y"], []), "b": (["a"], []), "c": ([], ["x"])}), off={"x", "y"})
    assert ordered == ["c"]
    assert refused == {
        "a": "it requires 'x' and 'y', which are not on",
        "b": "it requires 'a', which failed",
    }


def test_why_a_requirement_is_missing_is_told() -> None:
    wanting = classes({"a": (["off", "gone", "broken"], []), "b": (["gone"], [])})
    _, refused = order(wanting, off={"off"}, failed={"broken"})
    assert refused == {
        "a": "it requires 'off', which is not on, 'gone', which is not installed, and 'broken', which failed",
        "b": "it requires 'gone', which is not installed",
    }


def test_a_circle_is_refused_with_those_that_need_it_and_the_rest_runs() -> None:
    ordered, refused = order(classes({"a": ([], ["b"]), "b": (["a"], []), "c": (["b"], []), "d": ([], ["a"])}))
    assert ordered == ["d"]
    assert refused == {
        "a": "'a' and 'b' each want to come after another",
        "b": "'a' and 'b' each want to come after another",
        "c": "it requires 'b', which failed",
    }


def test_a_plugin_cannot_come_after_itself() -> None:
    assert order(classes({"a": ([], ["a"])})) == ([], {"a": "it wants to come after itself"})


def test_a_requirement_that_cannot_be_imported_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    needy = type("Needy", (Plugin,), {"requires": ("bad",)})
    loaded = load(monkeypatch, {"bad": "no_such_module:Plugin", "needy": needy})
    assert failed(loaded)["needy"] == (Stage.REQUIRES, "it requires 'bad', which failed")
    loaded = load(monkeypatch, {"bad": Plugin, "needy": needy}, off="bad")
    assert failed(loaded)["needy"] == (Stage.REQUIRES, "it requires 'bad', which is not on")


def test_a_plugin_that_is_off_is_never_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load(monkeypatch, {"on": Plugin, "off": "no_such_module:Plugin"}, off="off")
    assert loaded.records["off"].state is PluginState.OFF
    assert running(loaded) == ["on"]


NEWS = Announcement(guild_id=1, channel_id=2, message_id=3, title="News", text="It is out.", source="moderator")


class OtherApi:
    api = "2.0"


class NewerApi:
    api = "1.99"


class OlderApi:
    api = "0.9"


class NoApi:
    pass


class OneName(Plugin):
    requires = "cases"  # a name, where a tuple of names belongs


class Raises(Plugin):
    def __init__(self) -> None:
        raise RuntimeError("no luck\ntoday")


class Leaves(Plugin):
    def __init__(self) -> None:
        raise SystemExit(3)


@pytest.mark.parametrize(
    ("plugin", "stage", "reason"),
    [
        ("no_such_module:Plugin", Stage.IMPORT, "no_such_module:Plugin cannot be imported: ModuleNotFoundError: No"),
        ("string:NoSuchName", Stage.IMPORT, "string:NoSuchName cannot be imported: AttributeError:"),
        ("ends_itself:Plugin", Stage.IMPORT, "ends_itself:Plugin cannot be imported: SystemExit: 2"),
        ("string:capwords", Stage.IMPORT, "string:capwords is not a class"),
        (OtherApi, Stage.API, "it was made for API 2.0, this Frontdesk has 1.0; install a newer Frontdesk"),
        (NewerApi, Stage.API, "it was made for API 1.99, this Frontdesk has 1.0; install a newer Frontdesk"),
        (OlderApi, Stage.API, "it was made for API 0.9, this Frontdesk has 1.0; install a newer version of the plugin"),
        (
            NoApi,
            Stage.API,
            'plugins_of_a_test:bad does not say which API it was made for; it needs a line: api = "1.0"',
        ),
        (OneName, Stage.REQUIRES, "requires of plugins_of_a_test:bad must be a tuple of plugin names"),
        (Raises, Stage.CREATE, "RuntimeError: no luck today"),
        (Leaves, Stage.CREATE, "SystemExit: 3"),
    ],
)
def test_a_bad_plugin_says_where_and_why_and_the_other_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, plugin: Any, stage: Stage, reason: str
) -> None:
    (tmp_path / "ends_itself.py").write_text("raise SystemExit(2)")
    monkeypatch.syspath_prepend(tmp_path)
    loaded = load(monkeypatch, {"bad": plugin, "good": Plugin})
    assert running(loaded) == ["good"]
    [(name, (where, why))] = failed(loaded).items()
    assert (name, where) == ("bad", stage)
    assert why.startswith(reason)


def test_withdrawing_cleans_up_once_and_takes_along_who_requires_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Needs(Plugin):
        requires = ("base",)

        @hookimpl(case_opened)
        async def case_opened(self, **_: object) -> None: ...

    class NeedsMore(Plugin):
        requires = ("needs",)

    loaded = load(monkeypatch, {"base": Plugin, "needs": Needs, "more": NeedsMore, "other": Plugin})
    cleaned: list[str] = []
    loaded.when_withdrawn(cleaned.append)
    assert [i.plugin for i in loaded.hooks.implementations(case_opened)] == ["needs"]
    loaded.withdraw("base", Stage.START, "it did not want to")
    loaded.withdraw("base", Stage.ROUTES, "again")
    assert cleaned == ["base", "needs", "more"]
    assert running(loaded) == ["other"]
    assert loaded.hooks.implementations(case_opened) == ()
    assert failed(loaded) == {
        "base": (Stage.START, "it did not want to"),
        "needs": (Stage.REQUIRES, "it requires 'base', which failed"),
        "more": (Stage.REQUIRES, "it requires 'needs', which failed"),
    }


def test_who_requires_a_plugin_that_cannot_be_created_is_not_created(monkeypatch: pytest.MonkeyPatch) -> None:
    created: list[str] = []

    class Needs(Plugin):
        requires = ("bad",)

        def __init__(self) -> None:
            created.append("needs")

    loaded = load(monkeypatch, {"bad": Raises, "needs": Needs})
    assert failed(loaded)["needs"] == (Stage.REQUIRES, "it requires 'bad', which failed")
    assert created == []


class MisspeltHook(Plugin):
    @hookimpl
    async def case_openend(self, **_: object) -> None: ...


class FarFromAnything(Plugin):
    @hookimpl
    async def zzzzzzzzzz(self, **_: object) -> None: ...


class WrongArgument(Plugin):
    @hookimpl
    async def open_case(self, reqest: CaseRequest) -> None: ...


class WrongKeyword(Plugin):
    @hookimpl
    async def case_changed(self, *, case: Case, changed: object) -> None: ...


@pytest.mark.parametrize(
    ("plugin", "reason"),
    [
        (MisspeltHook, "it implements a hook that does not exist: case_openend (did you mean case_opened?)"),
        (FarFromAnything, "it implements a hook that does not exist: zzzzzzzzzz"),
        (
            WrongArgument,
            "its open_case wants the argument reqest, which the hook does not give (did you mean request?)",
        ),
        (
            WrongKeyword,
            "its case_changed wants the argument changed, which the hook does not give (did you mean change?)",
        ),
    ],
)
def test_a_misspelt_hook_or_argument_withdraws_its_plugin(
    monkeypatch: pytest.MonkeyPatch, plugin: type[Any], reason: str
) -> None:
    loaded = load(monkeypatch, {"bad": plugin, "good": Plugin})
    assert failed(loaded) == {"bad": (Stage.HOOKS, reason)}
    assert running(loaded) == ["good"]


def own_hooks(monkeypatch: pytest.MonkeyPatch, source: str) -> ModuleType:
    module = ModuleType("hooks_of_a_test")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(source, module.__dict__)  # noqa: S102 - written in this file
    return module


ASKS_AROUND = """
from frontdesk import case_opened, gather  # what a module imports, it does not declare

@gather(since="1.0")
async def guess_number(*, highest: int) -> int | None:
    '''Guess.'''
"""


async def test_a_plugin_brings_hooks_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    module = own_hooks(monkeypatch, ASKS_AROUND)

    class Asks(Plugin):
        hooks = (module,)

    class Guesses(Plugin):
        @hookimpl
        async def guess_number(self, highest: int) -> int:
            return highest - 1

    loaded = load(monkeypatch, {"asks": Asks, "guesses": Guesses})
    assert failed(loaded) == {}
    assert await loaded.hooks.gather(module.guess_number, highest=8) == [7]


async def test_a_plugins_own_hook_is_unknown_while_it_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    @gather(since="1.0")
    async def guess_number(*, highest: int) -> int | None: ...

    loaded = load(monkeypatch, {"other": Plugin})
    with pytest.raises(LookupError, match="no such hook: guess_number"):
        await loaded.hooks.gather(guess_number, highest=8)


@pytest.mark.parametrize("source", [ASKS_AROUND, "", "hooks = 3"])
def test_bad_hooks_of_its_own_withdraw_a_plugin(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """The first has a hook with a name that another plugin took before."""
    module = own_hooks(monkeypatch, source)

    class Takes(Plugin):
        hooks = (own_hooks(monkeypatch, ASKS_AROUND),)

    class TakesAgain(Plugin):
        hooks = (module,)

    loaded = load(monkeypatch, {"a": Takes, "b": TakesAgain})
    assert running(loaded) == ["a"]
    [(name, (stage, reason))] = failed(loaded).items()
    assert (name, stage) == ("b", Stage.HOOKS)
    assert reason.startswith("its own hooks cannot be used: ValueError:")


async def test_two_bots_in_one_process_do_not_share_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counts(Plugin):
        def __init__(self) -> None:
            self.heard = 0

        @hookimpl(announcement_published)
        async def announcement_published(self, **_: object) -> None:
            self.heard += 1

    one, other = load(monkeypatch, {"counts": Counts}), load(monkeypatch, {"counts": Counts})
    await one.hooks.tell(announcement_published, announcement=NEWS)
    assert [b.records["counts"].instance.heard for b in (one, other)] == [1, 0]


def test_implementations_stand_in_the_order_of_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    class Answers(Plugin):
        @hookimpl(open_case)
        async def open_case(self, request: CaseRequest) -> Case | None: ...

        @hookimpl(suggest_articles)
        async def suggest_articles(self, question: Question) -> None: ...

    late = type("Late", (Answers,), {"after": ("z",)})
    loaded = load(monkeypatch, {"z": Answers, "b": Answers, "a": late})
    for hook in (open_case, suggest_articles):
        assert [i.plugin for i in loaded.hooks.implementations(hook)] == ["b", "z", "a"]


def test_what_is_on_but_not_installed_is_left_to_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, {"here": Plugin})
    loaded = Plugins(["here", "elsewhere"], Observed())
    loaded.import_enabled()
    assert running(loaded) == ["here"]


def test_a_plugins_folder_is_where_its_class_is() -> None:
    assert package_folder(Raises).name == "core"


@pytest.mark.parametrize("tables", [sa.MetaData(), 3, Tables], ids=repr)
def test_tables_of_the_wrong_type_withdraw_their_plugin(monkeypatch: pytest.MonkeyPatch, tables: object) -> None:
    bad = type("Bad", (Plugin,), {"tables": tables})
    loaded = load(monkeypatch, {"bad": bad, "good": Plugin})
    assert failed(loaded) == {"bad": (Stage.TABLES, "tables of plugins_of_a_test:bad must be a frontdesk.Tables")}
    assert running(loaded) == ["good"]


def test_tables_that_are_not_plainly_the_plugins_own_withdraw_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def owning(prefix: str, *names: str) -> type[Any]:
        metadata = sa.MetaData()
        for name in names:
            sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True))

        class Owns(Plugin):
            tables = Tables(prefix, metadata, tmp_path)

        return Owns

    loaded = load(
        monkeypatch,
        {
            "shop": owning("shop", "shop_cart_item"),
            "shop_cart": owning("shop_cart", "shop_cart_item"),
            "intruder": owning("core", "core_x"),
        },
    )
    assert failed(loaded) == {
        "shop_cart": (Stage.TABLES, "its table 'shop_cart_item' is already there, from the plugin 'shop'"),
        "intruder": (Stage.TABLES, "its tables begin with 'core_'; they must begin with its own name, 'intruder_'"),
    }


def test_a_name_that_two_packages_have_or_frontdesk_itself_is_no_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fine(Plugin):
        """Has a name of its own."""

    def entry(name: str, package: str) -> Any:
        return SimpleNamespace(name=name, value="x:P", dist=SimpleNamespace(name=package))

    found = [entry("twice", "one_package"), entry("twice", "another"), entry("fine", "a_third")]
    monkeypatch.setattr(plugins, "entry_points", lambda **_: found)
    loaded = load(monkeypatch, {"twice": Fine, "core": Fine, "fine": Fine})
    reasons = failed(loaded)
    assert reasons.keys() == {"twice", "core"}
    assert "another, one_package; uninstall all but one" in reasons["twice"][1]
    assert "belongs to Frontdesk itself" in reasons["core"][1]
    assert running(loaded) == ["fine"]
