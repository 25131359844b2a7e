"""Every sentence is there in every language, as the code says it; nothing is left that nobody says."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from frontdesk.catalogs import Sentence, command_text_problem, parse_sentence, read_catalog

ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "fa", "de")
SENTENCE = re.compile(r"@?(?:[a-z_]+:)?([a-z0-9][A-Za-z0-9._-]*)")
# In templates: say('id'), say("id"), and say('prefix-' ~ value).
IN_TEMPLATES = re.compile(r"""\bsay\(\s*(['"])([^'"]+)\1\s*(~?)""")


def packages() -> list[Path]:
    found = [ROOT / "core" / "frontdesk"]
    for folder in sorted((ROOT / "plugins").iterdir()):
        found += sorted(path.parent for path in folder.glob("*/__init__.py"))
    return found


PACKAGES = packages()
CORE = PACKAGES[0]


@dataclass
class Uses:
    """What the code of a package says.

    Args:
        said: ids that are said for certain, with the place of each.
        begun: beginnings of ids that are put together from a beginning and something else.
        texts: every text in the code; an id among them may be said in a roundabout way.
    """

    said: dict[str, str] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)

    def mentions(self, name: str) -> bool:
        return name in self.said or name in self.texts or any(name.startswith(start) for start in self.begun)


def uses(package: Path) -> Uses:
    found = Uses()
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                note_text(node.value, place, package, found)
            elif isinstance(node, ast.Call) and says(node.func) and node.args:
                for argument in choices(node.args[0]):
                    note_said(argument, place, found)
    for path in sorted(package.rglob("*.html")):
        for _, name, joined in IN_TEMPLATES.findall(path.read_text(encoding="utf-8")):
            if joined:
                found.begun.add(name)
            else:
                found.said.setdefault(name, str(path.relative_to(ROOT)))
    return found


def note_text(text: str, place: str, package: Path, found: Uses) -> None:
    """A text that names a sentence of this package ("cases:command.case.name") is as good as said."""
    domain = package.parent.name if package != CORE else "core"
    name = SENTENCE.fullmatch(text)
    if name and text.startswith((f"{domain}:", "@")):
        found.said.setdefault(name[1], place)
    found.texts.add(text)


def note_said(argument: ast.expr, place: str, found: Uses) -> None:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        found.said.setdefault(argument.value, place)
    elif isinstance(argument, ast.JoinedStr) and isinstance(argument.values[0], ast.Constant):
        found.begun.add(str(argument.values[0].value))


def says(function: ast.expr) -> bool:
    """`say(…)`, `context.say(…)`, `self._say(…)`, and `desk.say(locale)(…)`."""
    if isinstance(function, ast.Call):
        return says(function.func) or chooses_speaker(function.func)
    return called(function) in {"say", "_say"} and not chooses_speaker(function)


def chooses_speaker(function: ast.expr) -> bool:
    """`words.say(domain, …)` and `desk.say_to(…)` only choose who speaks."""
    if called(function) == "say_to":
        return True
    return isinstance(function, ast.Attribute) and called(function.value) in {"words", "_words"}


def called(expression: ast.expr) -> str:
    return expression.attr if isinstance(expression, ast.Attribute) else getattr(expression, "id", "")


def choices(argument: ast.expr) -> Iterator[ast.expr]:
    """Both sides of `say("a" if x else "b")`."""
    if isinstance(argument, ast.IfExp):
        yield from choices(argument.body)
        yield from choices(argument.orelse)
    else:
        yield argument


def catalog(package: Path, language: str) -> dict[str, Sentence]:
    return read_catalog(package / "locales" / f"{language}.po")


def speaks(package: Path) -> bool:
    return (package / "locales").is_dir()


SPEAKING = [package for package in PACKAGES if speaks(package)]
each_package = pytest.mark.parametrize("package", SPEAKING, ids=lambda path: path.name)


def test_there_is_something_to_look_at() -> None:
    assert CORE in SPEAKING
    assert len(PACKAGES) >= 7


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_who_says_something_has_catalogs(package: Path) -> None:
    if not speaks(package):
        assert uses(package).said.keys() <= catalog(CORE, "en").keys()


@each_package
def test_every_language_has_every_sentence(package: Path) -> None:
    english = catalog(package, "en")
    for language in LANGUAGES[1:]:
        assert catalog(package, language).keys() == english.keys(), language


@each_package
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty_unsure_or_obsolete(package: Path, language: str) -> None:
    with (package / "locales" / f"{language}.po").open("rb") as file:
        read = read_po(file, locale=language, abort_invalid=True)
    assert not read.obsolete
    for message in read:
        if not message.id:
            continue
        texts = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        assert texts, message.id
        assert all(text and text == text.strip() for text in texts), message.id
        assert not message.fuzzy, message.id
        assert len(texts) == (read.num_plurals if message.pluralizable else 1), message.id


@each_package
def test_every_language_inserts_the_same_values(package: Path) -> None:
    english = catalog(package, "en")
    for language in LANGUAGES[1:]:
        for name, sentence in catalog(package, language).items():
            # A plural form may leave the number out: "one try".
            counted = {"n"} if len(sentence.forms) > 1 else set()
            assert sentence.placeholders | counted == english[name].placeholders | counted, f"{language} {name}"


@each_package
@pytest.mark.parametrize("language", LANGUAGES)
def test_discord_takes_every_command_text(package: Path, language: str) -> None:
    for name, sentence in catalog(package, language).items():
        text = "".join(part for part, _ in sentence.forms[0])
        assert command_text_problem(name, text) == "", name
        if name.startswith("command."):
            assert not sentence.placeholders, name


@each_package
def test_every_sentence_that_the_code_says_exists(package: Path) -> None:
    known = catalog(package, "en").keys() | catalog(CORE, "en").keys()
    used = uses(package)
    assert {name: place for name, place in used.said.items() if name not in known} == {}
    for start in used.begun:
        assert any(name.startswith(start) for name in known), start


@each_package
def test_every_sentence_is_said_somewhere(package: Path) -> None:
    used = uses(package)
    assert [name for name in catalog(package, "en") if not used.mentions(name)] == []


def test_the_finder_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "plugins" / "cases" / "frontdesk_cases"
    package.mkdir(parents=True)
    code = """
say("a"); context.say("b", n=1); desk.say(locale)("c"); self.desk.say(x, y)("d" if z else "e"); desk.say_to(i)("f")
self._words.say("core", None)("k")
say(f"state.{x}"); name = "cases:command.case.name"; other("not-a-sentence"); names = {"g": 1}
"""
    (package / "code.py").write_text(code)
    (package / "page.html").write_text("""{{ say('h') }} {{ say("i", n=1) }} {{ say('kind-' ~ kind) }}""")
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    used = uses(package)
    assert set(used.said) == {"a", "b", "c", "d", "e", "f", "h", "i", "k", "command.case.name"}
    assert used.begun == {"state.", "kind-"}
    assert used.mentions("g")
    assert used.mentions("state.open")
    assert not used.mentions("j")


def test_placeholders_of_all_forms_count() -> None:
    assert parse_sentence("one {thing}", "{n} {thing}s").placeholders == {"thing", "n"}
