"""The public API: what a plugin can import from frontdesk, for people and for mypy alike."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import frontdesk
import pytest
from frontdesk import hookspecs
from frontdesk.hooks import Hook


def imported_for_mypy() -> dict[str, str]:
    """Name -> module of the imports that only type checkers see."""
    tree = ast.parse(inspect.getsource(frontdesk))
    [block] = [node for node in tree.body if isinstance(node, ast.If)]
    found = {}
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        for alias in node.names:
            assert alias.asname == alias.name, "mypy exports a name again only if it is imported as itself"
            found[alias.name] = str(node.module)
    return found


def test_mypy_sees_the_names_that_there_are() -> None:
    assert imported_for_mypy() == {name: f"frontdesk.{module}" for name, module in frontdesk._HOME.items()}
    assert frontdesk.__all__ == sorted(imported_for_mypy())


@pytest.mark.parametrize("name", frontdesk.__all__)
def test_every_name_can_be_imported(name: str) -> None:
    found = getattr(frontdesk, name)
    assert found is not None
    if inspect.isclass(found) or inspect.isfunction(found):
        assert found.__doc__, f"{name} does not say what it is"


def test_every_hook_is_public() -> None:
    hooks = {value.name for value in vars(hookspecs).values() if isinstance(value, Hook)}
    assert hooks <= set(frontdesk.__all__)


def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Frontdesk'"):
        _ = frontdesk.Frontdesk


def test_importing_frontdesk_imports_nothing_else_of_it() -> None:
    code = "import sys, frontdesk; print([name for name in sys.modules if name.startswith('frontdesk.')])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout.strip() == "[]"


def test_types_are_shipped() -> None:
    assert (Path(inspect.getfile(frontdesk)).parent / "py.typed").is_file()
