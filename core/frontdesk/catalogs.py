"""Sentences as the catalogs hold them: .po files, plural forms, placeholders, what Discord allows."""

import gettext
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from babel import UnknownLocaleError
from babel.messages.pofile import PoFileError, read_po

from frontdesk.errors import FrontdeskError


class SentenceError(FrontdeskError):
    """A sentence is missing, malformed, or lacks a value."""


@dataclass(frozen=True)
class Sentence:
    """One sentence of one language in its plural forms, each cut into text and names of values."""

    forms: tuple[tuple[tuple[str, str | None], ...], ...]
    plural: Callable[[int], int] = field(compare=False)

    @property
    def placeholders(self) -> frozenset[str]:
        """The names of the values that any form inserts."""
        return frozenset(name for form in self.forms for _, name in form if name is not None)

    def fill(self, values: Mapping[str, object]) -> str:
        """The sentence with its values.

        Raises:
            KeyError: a value is missing.
        """
        form = self.forms[0]
        if len(self.forms) > 1:
            count = values["n"]
            index = self.plural(count) if isinstance(count, int) else len(self.forms) - 1
            form = self.forms[min(index, len(self.forms) - 1)]
        return "".join(text if name is None else f"{text}{values[name]}" for text, name in form)


def parse_sentence(*texts: str, plural: Callable[[int], int] = int) -> Sentence:
    """Cut a sentence's forms. Only plain names may stand in braces: no attributes, indexes or formats.

    Raises:
        SentenceError: something else stands there, or a brace is open.
    """
    return Sentence(tuple(tuple(_pieces(text)) for text in texts), plural)


def _pieces(text: str) -> Iterator[tuple[str, str | None]]:
    try:
        parsed = list(string.Formatter().parse(text))
    except ValueError as error:
        raise SentenceError(f'"{text}" has a brace that is not closed or opened ({error}).') from None
    for literal, name, form, conversion in parsed:
        if name is not None and (not name.isidentifier() or form or conversion):
            raise SentenceError(f'"{text}" may have only plain names in braces, such as {{name}}.')
        yield literal, name


def read_catalog(path: Path) -> dict[str, Sentence]:
    """The sentences of one .po file by their ids; those without a text are left out.

    Its header must say Plural-Forms where a sentence has such forms.

    Raises:
        SentenceError: it is not readable, or a sentence is malformed.
    """
    try:
        with path.open("rb") as file:
            catalog = read_po(file, locale=path.stem, abort_invalid=True)
    except (OSError, ValueError, PoFileError, UnknownLocaleError) as error:
        raise SentenceError(f"The catalog {path} cannot be read: {error}.") from error
    plural = gettext.c2py(catalog.plural_expr)
    sentences = {}
    for message in catalog:
        name = message.id if isinstance(message.id, str) else message.id[0]
        texts = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if name and texts and all(texts):
            sentences[name] = parse_sentence(*texts, plural=plural)
    return sentences


_LONGEST = {"name": 32, "description": 100}  # characters; Discord's limits for commands and options


def command_text_problem(sentence: str, text: str) -> str:
    """What Discord would refuse in a command's name or description; "" for nothing."""
    kind = sentence.rpartition(".")[2]
    if not sentence.startswith("command.") or kind not in _LONGEST:
        return ""
    if len(text) > _LONGEST[kind] or not text:
        return f'"{text}" must have 1 to {_LONGEST[kind]} characters: it is the {kind} of a command.'
    if kind == "name" and (text != text.lower() or not all(_fits_name(sign) for sign in text)):
        return f'"{text}" cannot be the name of a command: small letters, digits, - and _ only, no spaces.'
    return ""


def _fits_name(sign: str) -> bool:
    devanagari, thai = "\u0900" <= sign <= "\u097f", "\u0e00" <= sign <= "\u0e7f"
    return sign.isalnum() or sign in "-_'" or devanagari or thai
