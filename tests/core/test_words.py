"""Sentences: the language a person gets, plural forms, the owner's own words."""

import string
from pathlib import Path

import pytest
from frontdesk.catalogs import SentenceError, command_text_problem, parse_sentence
from frontdesk.settings import load_settings
from frontdesk.words import DISCORD_LOCALES, Words
from hypothesis import given
from hypothesis import strategies as st

HEADER = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural={};\\n"
"""
ENGLISH = """
msgid "hello"
msgstr "Hello {name}!"

msgid "tries"
msgid_plural "tries"
msgstr[0] "one try"
msgstr[1] "{n} tries"

msgid "only-english"
msgstr "Only English"

msgid "command.help.name"
msgstr "help"

msgid "command.help.description"
msgstr "Get help"
"""
PERSIAN = """
msgid "hello"
msgstr "سلام {name}!"

msgid "tries"
msgid_plural "tries"
msgstr[0] "یک بار یا هیچ: {n}"
msgstr[1] "{n} بار"

msgid "command.help.name"
msgstr "کمک"

msgid "command.help.description"
msgstr "کمک بگیرید"
"""
GERMAN = """
msgid "hello"
msgstr "Hallo {name}!"

msgid "tries"
msgid_plural "tries"
msgstr[0] "ein Versuch"
msgstr[1] "{n} Versuche"

msgid "command.help.name"
msgstr "hilfe"

msgid "command.help.description"
msgstr "Hilfe bekommen"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for language, text, plural in (("en", ENGLISH, "n != 1"), ("fa", PERSIAN, "n > 1"), ("de", GERMAN, "n != 1")):
        (tmp_path / f"{language}.po").write_text(HEADER.format(plural) + text, encoding="utf-8")
    return tmp_path


def words(
    folder: Path,
    language: str = "auto",
    *,
    overrides: dict[str, dict[str, str]] | None = None,
    servers: dict[int, str] | None = None,
    strict: bool = True,
) -> Words:
    made = Words(language, overrides or {}, servers or {}, strict=strict)
    made.add("desk", folder)
    return made


@pytest.mark.parametrize(
    ("language", "servers", "locale", "guild_id", "expected"),
    [
        ("auto", {}, "de", None, "Hallo Sam!"),
        ("auto", {}, "en-GB", None, "Hello Sam!"),
        ("auto", {}, "fa", None, "سلام Sam!"),
        ("auto", {}, "fa_IR", None, "سلام Sam!"),
        ("auto", {}, "ja", None, "Hello Sam!"),
        ("auto", {}, "nonsense!", None, "Hello Sam!"),
        ("auto", {}, None, None, "Hello Sam!"),
        ("fa", {}, "de", 1, "سلام Sam!"),
        ("fa", {1: "de"}, "en-US", 1, "Hallo Sam!"),
        ("fa", {1: "auto"}, "en-US", 1, "Hello Sam!"),
        ("auto", {1: "fa"}, "de", 2, "Hallo Sam!"),
    ],
)
def test_everyone_gets_their_language(  # noqa: PLR0917 - the columns of the table above
    folder: Path, language: str, servers: dict[int, str], locale: str | None, guild_id: int | None, expected: str
) -> None:
    assert words(folder, language, servers=servers).say("desk", locale, guild_id)("hello", name="Sam") == expected


@pytest.mark.parametrize(
    ("locale", "n", "expected"),
    [
        ("en-US", 0, "0 tries"),
        ("en-US", 1, "one try"),
        ("en-US", 2, "2 tries"),
        ("de", 1, "ein Versuch"),
        ("fa", 0, "یک بار یا هیچ: 0"),
        ("fa", 1, "یک بار یا هیچ: 1"),
        ("fa", 2, "2 بار"),
    ],
)
def test_plural_forms_follow_the_language(folder: Path, locale: str, n: int, expected: str) -> None:
    assert words(folder).say("desk", locale)("tries", n=n) == expected


def test_a_say_knows_its_direction_and_region(folder: Path) -> None:
    made = words(folder)
    assert made.say("desk", "fa").rtl
    assert not made.say("desk", "de").rtl
    assert str(made.say("desk", "en-GB").locale) == "en_GB"
    assert str(made.say("desk", "ja").locale) == "en"
    assert made.say("desk", "de").language == "de"


def test_a_missing_translation_is_said_in_english(folder: Path) -> None:
    assert words(folder).say("desk", "fa")("only-english") == "Only English"


def test_the_cores_sentences_are_there_for_all(folder: Path) -> None:
    assert words(folder).say("desk", "de")("missing-permission") == words(folder).say("core", "de")(
        "missing-permission"
    )


def test_a_missing_sentence_or_value_raises_in_tests(folder: Path) -> None:
    say = words(folder).say("desk", "en-US")
    with pytest.raises(SentenceError, match="helo"):
        say("helo")
    with pytest.raises(SentenceError, match="name"):
        say("hello")


def test_a_missing_sentence_or_value_does_not_stop_the_bot(folder: Path) -> None:
    say = words(folder, strict=False).say("desk", "en-US")
    assert say("helo") == "helo"
    assert say("hello") == "Hello {name}!"
    assert say("tries") == "{n} tries"


def test_values_are_never_read_as_sentences(folder: Path) -> None:
    assert words(folder).say("desk", None)("hello", name="{n} {0.__class__}") == "Hello {n} {0.__class__}!"


@pytest.mark.parametrize("text", ["{a.b}", "{a[0]}", "{a!r}", "{a:>9}", "{}", "{0}", "{a", "a}", "{a b}"])
def test_only_plain_names_stand_in_braces(text: str) -> None:
    with pytest.raises(SentenceError):
        parse_sentence(text)


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.text()), st.text())
def test_plain_sentences_fill_like_pythons_format(values: dict[str, str], text: str) -> None:
    sentence = text.replace("{", "{{").replace("}", "}}") + "".join(f"<{{{name}}}>" for name in values)
    assert parse_sentence(sentence).fill(values) == string.Formatter().vformat(sentence, (), values)


def test_command_texts_for_discord(folder: Path) -> None:
    assert words(folder).localizations("desk", "command.help.name") == {"en-US": "help", "en-GB": "help", "de": "hilfe"}
    assert words(folder, "fa").localizations("desk", "command.help.name") == {"en-US": "کمک"}
    assert words(folder, servers={7: "fa"}).localizations("desk", "command.help.name", 7) == {"en-US": "کمک"}


def test_discord_has_every_locale_that_hikari_knows() -> None:
    hikari = pytest.importorskip("hikari")
    assert set(DISCORD_LOCALES) == {str(locale.value) for locale in hikari.Locale}


def test_owners_say_it_in_their_own_words(folder: Path) -> None:
    own = {"en": {"desk.hello": "Hi, {name}", "desk.tries": "some tries"}, "de": {"core.missing-permission": "Nein."}}
    made = words(folder, overrides=own)
    assert made.check_overrides() == []
    assert made.say("desk", "en-US")("hello", name="Sam") == "Hi, Sam"
    assert made.say("desk", "en-US")("tries", n=4) == "some tries"
    assert made.say("desk", "de")("hello", name="Sam") == "Hallo Sam!"
    assert made.say("desk", "de")("missing-permission") == "Nein."


def test_wrong_words_of_owners_are_told_with_their_lines(folder: Path, tmp_path: Path) -> None:
    bot_toml = tmp_path / "bot.toml"
    bot_toml.write_text(
        "[words.en]\n"
        '"desk.helo" = "x"\n'
        'desk.hello = "Hi {nam}"\n'
        '"desk.only-english" = "{"\n'
        'desk.command.help.name = "Help Me"\n'
        '[words.fa]\n"desk.hello" = "x"\n"later.hello" = "{name}"\n'
    )
    settings = load_settings(bot_toml, {}, known_plugins=("desk", "later"))
    made = Words("auto", settings.words.overrides, {}, source=settings.source, strict=True)
    made.add("desk", folder)
    found = made.check_overrides()
    assert [problem.line for problem in found] == [2, 3, 4, 5, 7]
    assert found[0].suggestion == "desk.hello"
    assert "no value {nam}" in found[1].message
    assert "must keep {name}" in found[4].message
    # What is wrong is not said; the catalog's sentence stays.
    assert made.say("desk", None)("hello", name="Sam") == "Hello Sam!"


@pytest.mark.parametrize(
    ("sentence", "text", "good"),
    [
        ("command.help.name", "کمک", True),
        ("command.help.name", "get_help-2", True),
        ("command.help.name", "Help", False),
        ("command.help.name", "get help", False),
        ("command.help.name", "x" * 33, False),
        ("command.help.description", "x" * 101, False),
        ("command.help.option.text.name", "Text", False),
        ("greeting.name", "Any Thing", True),
    ],
)
def test_what_discord_takes_as_a_command_text(sentence: str, text: str, *, good: bool) -> None:
    assert (command_text_problem(sentence, text) == "") is good


def test_a_broken_catalog_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "en.po").write_text('msgid "a"\nmsgstr "{a.b}"\n')
    with pytest.raises(SentenceError, match="plain names"):
        words(tmp_path)
    (tmp_path / "en.po").write_text("this is no catalog\n")
    with pytest.raises(SentenceError, match="cannot be read"):
        words(tmp_path)
    (tmp_path / "en.po").unlink()
    with pytest.raises(SentenceError, match=r"no en\.po"):
        words(tmp_path)
