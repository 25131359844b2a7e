"""Every sentence that people read: gettext catalogs by language, the owner's own words over them."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import structlog
from babel import Locale, UnknownLocaleError

from frontdesk.catalogs import Sentence, SentenceError, command_text_problem, parse_sentence, read_catalog
from frontdesk.errors import Problem
from frontdesk.nearest import nearest
from frontdesk.toml_lines import Source

CORE = "core"
ENGLISH = "en"
AUTO = "auto"
BASE_LOCALE = "en-US"

# https://discord.com/developers/docs/reference#locales
DISCORD_LOCALES = (
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no",
    "pl", "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN",
    "ja", "zh-TW", "ko",
)  # fmt: skip


@dataclass(frozen=True)
class Say:
    """Says sentences of one domain (a plugin, or the core) to one person, in their language."""

    language: str
    locale: Locale
    _find: Callable[[str], Sentence | None] = field(repr=False, compare=False)
    _missing: Callable[[str], str] = field(repr=False, compare=False)

    @property
    def rtl(self) -> bool:
        """Is the language written from right to left?"""
        return self.locale.text_direction == "rtl"

    def __call__(self, sentence: str, /, **values: object) -> str:
        """A sentence with its values; `n` also chooses the plural form.

        Args:
            sentence: its id, such as "case-opened".
            values: what its placeholders stand for.
        """
        found = self._find(sentence)
        if found is None:
            return self._missing(f'There is no sentence "{sentence}".') or sentence
        try:
            return found.fill(values)
        except KeyError as error:
            self._missing(f'The sentence "{sentence}" needs a value for {error}.')
            return found.fill(_Placeholders(values))


def wrong_sentences(
    overrides: Mapping[str, Mapping[str, str]], source: Source, folders: Mapping[str, Path]
) -> list[Problem]:
    """Tell what is wrong with the owner's sentences, those of plugins that cannot run included.

    Args:
        overrides: as for `Words`.
        source: where they were written.
        folders: domain -> its catalogs; where these cannot be read, its sentences stay unchecked.
    """
    if not any(overrides.values()):
        return []
    words = Words(AUTO, overrides, {}, source=source)
    for domain, folder in folders.items():
        with suppress(SentenceError):  # told when the plugin is created
            words.add(domain, folder)
    return words.check_overrides()


class _Placeholders(dict[str, object]):
    """Leaves a value that was not given as it is written, so that the rest can be read."""

    def __missing__(self, name: str) -> object:
        return f"{{{name}}}"


class Words:
    """All catalogs, the owner's sentences, and the rule which language a person gets.

    Args:
        language: "auto" (each person's own) or one language for everybody.
        overrides: language -> sentence id with its domain ("helpdesk.case-opened") -> sentence.
        server_languages: Discord server -> "auto" or its one language.
        source: where the overrides were written, for `check_overrides`.
        strict: raise where a sentence or value is missing (tests); otherwise it is logged once.
    """

    def __init__(
        self,
        language: str,
        overrides: Mapping[str, Mapping[str, str]],
        server_languages: Mapping[int, str],
        *,
        source: Source | None = None,
        strict: bool = False,
    ) -> None:
        self._language = language
        self._overrides = overrides
        self._server_languages = server_languages
        self._source = source or Source("bot.toml")
        self._strict = strict
        self._catalogs: dict[str, dict[str, dict[str, Sentence]]] = {}  # domain -> language -> id
        self._own: dict[tuple[str, str, str], Sentence] = {}  # language, domain, id
        self._told: set[str] = set()
        self._log = structlog.get_logger("frontdesk.words")
        self.add(CORE, Path(__file__).parent / "locales")

    def add(self, domain: str, folder: Path) -> None:
        """Read the catalogs of a domain: one `<language>.po` each; en.po is what the others are held to.

        Raises:
            SentenceError: a catalog is not readable or a sentence malformed.
        """
        catalogs = {path.stem: read_catalog(path) for path in sorted(folder.glob("*.po"))}
        if ENGLISH not in catalogs:
            raise SentenceError(f"{folder} has no en.po.")
        self._catalogs[domain] = catalogs
        for language, sentences in self._overrides.items():
            for name, text in sentences.items():
                own_domain, _, sentence = name.partition(".")
                if own_domain == domain and not self._override_problem(domain, sentence, text):
                    self._own[language, domain, sentence] = parse_sentence(text)

    def remove(self, domain: str) -> None:
        """Forget a domain: its plugin was withdrawn."""
        self._catalogs.pop(domain, None)

    def say(self, domain: str, locale: str | None, guild_id: int | None = None) -> Say:
        """Who speaks to a person.

        Args:
            domain: whose sentences; the core's are found too.
            locale: the person's ("de", "en-GB"), None when unknown.
            guild_id: the Discord server where it is said, which may have one language for all.
        """
        language = self._language_for(locale, guild_id)
        return Say(
            language=language,
            locale=_locale(language, locale),
            _find=lambda sentence: self._find(domain, language, sentence),
            _missing=self._missing,
        )

    def localizations(self, domain: str, sentence: str, guild_id: int | None = None) -> Mapping[str, str]:
        """Discord locale -> text, for the names and descriptions of commands.

        en-US is always there: it is the text for everybody whose locale is not in the mapping. Where one
        language is set for all it stands alone, in that language: Discord has no Persian locale.
        """
        if self._fixed(guild_id) is not None:
            return {BASE_LOCALE: self.say(domain, None, guild_id)(sentence)}
        texts: dict[str, str] = {}
        for locale in DISCORD_LOCALES:
            language = locale.split("-")[0]
            if self._has(domain, language, sentence):
                texts[locale] = self.say(domain, locale)(sentence)
        return texts or {BASE_LOCALE: self.say(domain, None)(sentence)}

    def check_overrides(self) -> list[Problem]:
        """What is wrong with the owner's sentences. Call it when all plugins are loaded.

        Sentences of plugins that are not loaded stay unchecked: a plugin may be off, its words kept for later.
        """
        problems = []
        for language, sentences in self._overrides.items():
            for name, text in sentences.items():
                domain, _, sentence = name.partition(".")
                path = ("words", language, name)
                if domain not in self._catalogs:
                    continue
                if sentence not in self._catalogs[domain][ENGLISH]:
                    message = f'There is no sentence "{name}".'
                    suggestion = nearest(name, self._known())
                    problems.append(self._source.problem(path, message, suggestion=suggestion))
                elif problem := self._override_problem(domain, sentence, text):
                    problems.append(self._source.problem(path, problem))
        return sorted(problems, key=lambda problem: problem.line or 0)

    def _known(self) -> list[str]:
        return [f"{domain}.{name}" for domain, catalog in self._catalogs.items() for name in catalog[ENGLISH]]

    def _override_problem(self, domain: str, sentence: str, text: str) -> str:
        original = self._catalogs[domain][ENGLISH].get(sentence)
        if original is None:
            return ""
        try:
            own = parse_sentence(text)
        except SentenceError as error:
            return str(error)
        # Of a sentence with plural forms the number itself may be left out.
        required = original.placeholders - ({"n"} if len(original.forms) > 1 else set())
        wrong = sorted(own.placeholders - original.placeholders)
        lost = sorted(required - own.placeholders)
        if wrong:
            has = _braced(original.placeholders)
            return f'"{domain}.{sentence}" has no value {_braced(wrong)}; it has {has}.'
        if lost:
            return f'"{domain}.{sentence}" must keep {_braced(lost)}.'
        return command_text_problem(sentence, text)

    def _language_for(self, locale: str | None, guild_id: int | None) -> str:
        fixed = self._fixed(guild_id)
        if fixed is not None:
            return fixed
        wanted = (locale or ENGLISH).replace("_", "-").split("-")[0].lower()
        return wanted if wanted in self._catalogs[CORE] else ENGLISH

    def _fixed(self, guild_id: int | None) -> str | None:
        """The one language of a server or of everybody, None where each person has their own."""
        server = self._server_languages.get(guild_id) if guild_id is not None else None
        language = server or self._language
        return None if language == AUTO else language

    def _has(self, domain: str, language: str, sentence: str) -> bool:
        return (language, domain, sentence) in self._own or sentence in self._catalogs.get(domain, {}).get(language, {})

    def _find(self, domain: str, language: str, sentence: str) -> Sentence | None:
        for where in dict.fromkeys((domain, CORE)):
            catalogs = self._catalogs.get(where, {})
            for spoken in dict.fromkeys((language, ENGLISH)):
                own = self._own.get((spoken, where, sentence))
                if found := own or catalogs.get(spoken, {}).get(sentence):
                    return found
        return None

    def _missing(self, message: str) -> str:
        if self._strict:
            raise SentenceError(message)
        if message not in self._told:
            self._told.add(message)
            self._log.error("sentence", problem=message)
        return ""


def _braced(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "none"


@cache
def _locale(language: str, locale: str | None) -> Locale:
    """The person's own region where it belongs to the language that is spoken: dates differ."""
    try:
        found = Locale.parse(locale.replace("_", "-"), sep="-") if locale else None
    except (ValueError, UnknownLocaleError):
        found = None
    return found if found is not None and found.language == language else Locale.parse(language)
