"""The hook reference: every hook has an entry, and a test that names it."""

import re
from pathlib import Path

import pytest
from frontdesk import hookspecs
from frontdesk.hooks import Hook

from docs.generator.hooks import declared, hooks_page

TESTS = Path(__file__).parents[1]
HOOKS = declared()


def names() -> list[str]:
    return [hook.name for hook in HOOKS]


@pytest.mark.parametrize("hook", HOOKS, ids=names())
def test_every_hook_has_an_entry(hook: Hook[..., object]) -> None:
    entry = hooks_page().partition(f"\n### {hook.name}\n")[2].partition("\n### ")[0]
    assert f"@hookimpl({hook.name})" in entry
    assert f"Since {hook.since}" in entry
    for argument in hook.signature.parameters:
        assert f"- `{argument}`: " in entry, f"{hook.name} does not say what {argument} is"


@pytest.mark.parametrize("hook", HOOKS, ids=names())
def test_every_hook_has_a_test(hook: Hook[..., object]) -> None:
    """It is implemented or called by name in some test, other than in this one and in those of its types."""
    apart = {Path(__file__).name, "test_typed_hooks.py"}
    code = "\n".join(path.read_text() for path in TESTS.rglob("*.py") if path.name not in apart)
    used = rf"@hookimpl\({hook.name}\)|def {hook.name}\(|\.(first|gather|tell|run)\((\"\w+\", )?{hook.name}\b"
    assert re.search(used, code), f"no test implements or calls the hook {hook.name}"


def test_questions_and_news_are_asynchronous_and_contributions_are_not() -> None:
    for hook in HOOKS:
        assert (hook.kind == "contributes") == hook.name.startswith("register_")


def test_the_page_names_nothing_else() -> None:
    assert re.findall(r"^### (\w+)$", hooks_page(), re.MULTILINE) == [
        hook.name
        for kind in ("contributes", "lifecycle", "first", "gather", "tells")
        for hook in HOOKS
        if hook.kind == kind
    ]
    assert all(value.module == hookspecs.__name__ for value in HOOKS)
