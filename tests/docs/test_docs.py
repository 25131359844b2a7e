"""What is written for people is true where a machine can tell: links, commands, variables, generated pages."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from frontdesk.settings import load_settings, plugin_settings
from frontdesk_cases.settings import CasesSettings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from docs.generator.__main__ import PAGES, stale
from docs.generator.settings import SHIPPED, plugin_tables

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT, *(ROOT / name for name in ("core", "sandbox", "docs", "plugins")))
LINK = re.compile(r"(?<!`)\[[^\]`]*\]\(([^)\s]+)\)")


def written() -> list[Path]:
    """All Markdown files that people read: those of the root, and all in the folders of code and docs."""
    nested = (path for folder in FOLDERS[1:] for path in folder.rglob("*.md") if "articles" not in path.parts)
    return [*ROOT.glob("*.md"), ROOT / "flex" / "README.md", *nested]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", written(), ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name_of(page)} links to {link}"
        assert not anchor or anchor in anchors(target), f"{name_of(page)} links to {link}"


@pytest.mark.parametrize("page", PAGES)
def test_generated_pages_are_up_to_date(page: str) -> None:
    assert page not in stale(), "run make docs"


def test_a_page_that_was_changed_by_hand_is_stale(tmp_path: Path) -> None:
    for name, page in PAGES.items():
        (tmp_path / name).write_text(page())
    assert stale(tmp_path) == []
    (tmp_path / "hooks.md").write_text("something else")
    assert stale(tmp_path) == ["hooks.md"]


def test_every_variable_is_named_in_the_setup() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "core" / "frontdesk").glob("*.py"))
    variables = set(re.findall(r"\"(FRONTDESK_[A-Z_]*[A-Z])\"", code))
    assert {"FRONTDESK_DISCORD_TOKEN", "FRONTDESK_CONFIG"} <= variables
    setup = (ROOT / "docs" / "owners" / "setup.md").read_text()
    assert {name for name in variables if f"`{name}`" not in setup} == set()


def test_commands_in_the_pages_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    reference = PAGES["commands.md"]()
    for page in written():
        text = page.read_text()
        for target in re.findall(r"`?make ([a-z]+)\b(?= ARGS| ONLY| PYTHON|`|$)", text, re.MULTILINE):
            assert f"\n{target}:" in makefile, f"{name_of(page)}: make {target}"
        for command in re.findall(r"`frontdesk ([a-z]+)", text):
            assert f"## frontdesk {command}" in reference, f"{name_of(page)}: frontdesk {command}"


def test_the_shipped_bot_toml_is_valid_and_complete() -> None:
    settings = load_settings(ROOT / "bot.toml", {})
    assert settings.enabled_plugins() == sorted(SHIPPED)
    for name, model in plugin_tables().items():
        plugin_settings(settings, name, model)
    articles = ROOT / settings.plugins["knowledge"].values["articles"]
    assert len(list(articles.glob("*.md"))) >= 2


@pytest.mark.parametrize("plugin", SHIPPED)
def test_every_plugin_describes_its_settings(plugin: str) -> None:
    readme = (ROOT / "plugins" / plugin / "README.md").read_text()
    missing = [key for key in plugin_tables()[plugin].model_fields if key not in readme]
    assert missing == []


def distributions() -> Iterator[Path]:
    yield from (ROOT / "core", ROOT / "sandbox", *sorted((ROOT / "plugins").iterdir()))


def dependencies() -> set[str]:
    """Everything that some part of the workspace asks for by name."""
    named = []
    for folder in distributions():
        named += tomllib.loads((folder / "pyproject.toml").read_text())["project"]["dependencies"]
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        if line and not line.startswith(("#", "-")):
            named.append(line)
    ours = {tomllib.loads((folder / "pyproject.toml").read_text())["project"]["name"] for folder in distributions()}
    return {str(canonicalize_name(Requirement(line).name)) for line in named} - ours


def test_everything_is_pinned_exactly() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.\-]+==[\w.]+", line) for line in lines)
    assert dependencies() <= {canonicalize_name(line.partition("==")[0]) for line in lines}


def test_the_workspace_and_the_requirements_name_the_same_parts() -> None:
    editable = re.findall(r"^-e (.+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert {ROOT / part for part in editable} == set(distributions())
    workspace = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = {tomllib.loads((folder / "pyproject.toml").read_text())["project"]["name"] for folder in distributions()}
    assert workspace["tool"]["uv"]["sources"].keys() == names
    assert names <= set(workspace["dependency-groups"]["dev"])


def test_every_dependency_has_its_reason() -> None:
    for folder in distributions():
        table = (folder / "pyproject.toml").read_text().partition("dependencies = [\n")[2].partition("\n]")[0]
        assert [line for line in table.splitlines() if "  # " not in line and " # " not in line] == [], folder.name


def test_no_file_names_an_index() -> None:
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.fail("the tests run in a git checkout")
    words = re.compile(r"index-url|extra-index|find-links|\[\[tool\.uv\.index\]\]|//[\w.]*pypi")
    for name in listed.stdout.split("\0"):
        path = ROOT / name
        if path.suffix in {".txt", ".toml", ".cfg", ".ini", ""} and path.is_file() and path != Path(__file__):
            assert not words.search(path.read_text(errors="replace")), name


def test_the_owners_examples_of_cases_are_valid() -> None:
    page = (ROOT / "docs" / "owners" / "cases.md").read_text()
    blocks = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)]
    tables = [block["plugins"]["cases"] for block in blocks if "plugins" in block]
    assert {key for table in tables for key in table} == {
        "hours", "promises", "silence", "assignment", "fields", "macros",
    }  # fmt: skip
    for table in tables:
        CasesSettings.model_validate(table)
