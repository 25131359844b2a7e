"""Where everything is required, a skipped test is a failed one."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
SKIPS = """
import pytest

def test_without_its_server():
    pytest.skip("no server")

@pytest.mark.skipif(True, reason="../shared/specs is not there")
def test_without_what_is_no_part_of_the_project(): ...

def test_that_runs(): ...
"""


def run(folder: Path, *, required: bool) -> dict[str, int]:
    """Run pytest in a folder beside which there is no `shared`; how many tests ended how."""
    (folder / "tests").mkdir()
    shutil.copy(CONFTEST, folder / "tests" / "conftest.py")
    (folder / "tests" / "test_skips.py").write_text(SKIPS)
    (folder / "pytest.ini").write_text("[pytest]\n")
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("FRONTDESK_", "PYTEST_"))}
    environ |= {"FRONTDESK_REQUIRE_ALL": "1"} if required else {}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto"]
    ended = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=60, check=False)
    words = ended.stdout.splitlines()[-1].partition(" in ")[0].split(", ")
    return {word.split()[1]: int(word.split()[0]) for word in words}


@pytest.mark.parametrize(
    ("required", "outcome"),
    [(True, {"failed": 1, "passed": 1, "skipped": 1}), (False, {"passed": 1, "skipped": 2})],
)
def test_a_skip_fails_only_where_everything_is_required(
    tmp_path: Path, required: bool, outcome: dict[str, int]
) -> None:
    (tmp_path / "main").mkdir()
    assert run(tmp_path / "main", required=required) == outcome


def test_what_ci_makes_can_be_made_and_is_named_in_contributing() -> None:
    root = CONFTEST.parents[1]
    made = re.findall(r"^make (\w+)", (root / ".ci" / "run").read_text(), re.MULTILINE)
    assert made == ["check", "test", "flex"]
    for target in made:
        assert f"\n{target}:" in (root / "Makefile").read_text()
        assert f"| `make {target}` |" in (root / "CONTRIBUTING.md").read_text()
