"""The owner's own fields of a case, defined in bot.toml: what may stand in each. No Discord, no HTTP, no SQL."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal, Self

from frontdesk import SettingsTable
from pydantic import Field, model_validator

from frontdesk_cases.changes import CaseError, SetField

TEXT_LENGTH = 1000
LARGEST = 15  # digits before the point
NUMBER_LENGTH = 40
"""Characters of a number as it is written out."""


class CustomField(SettingsTable):
    """[[plugins.cases.fields]]: a field of the owner's own on every case.

    Args:
        name: how programs and macros call it: small letters, digits and underscores.
        label: how people read it.
        kind: what may stand in it: ``"text"``, ``"number"`` (1500.50), ``"date"`` (2026-12-31), ``"yes_no"``, or a
            ``"choice"``.
        choices: what can be chosen.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    label: str = Field(min_length=1, max_length=60)
    kind: Literal["text", "number", "date", "yes_no", "choice"] = "text"
    choices: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _choices_fit(self) -> Self:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError('"choices" belongs to a field of the kind "choice", which needs some')
        return self

    def change(self, text: str) -> SetField:
        """Make the change that fills the field in, or empties it.

        Args:
            text: as it was typed.

        Raises:
            CaseError: that may not stand in it.
        """
        return SetField(self.name, self._checked(text.strip()) if text.strip() else "")

    def _checked(self, text: str) -> str:
        if len(text) > TEXT_LENGTH:
            raise CaseError("field-long", field=self.label, length=str(TEXT_LENGTH))
        try:
            if self.kind == "number":
                return self._number(text)
            if self.kind == "date":
                return date.fromisoformat(text).isoformat()
        except ValueError:
            raise CaseError(f"field-{self.kind}", field=self.label) from None
        if self.kind == "yes_no" and text not in {"yes", "no"}:
            raise CaseError("field-choice", field=self.label, choices="yes, no")
        if self.kind == "choice" and text not in self.choices:
            raise CaseError("field-choice", field=self.label, choices=", ".join(self.choices))
        return text

    def _number(self, text: str) -> str:
        """Write a number in one way; what could mean two numbers, such as 1,000, is refused."""
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise ValueError(text) from None
        if not number.is_finite() or (number and number.adjusted() >= LARGEST):
            raise ValueError(text)
        # Few letters can stand for very many digits, as in 1e-3000; those are never written out.
        written = f"{number:f}" if number.adjusted() > -NUMBER_LENGTH else ""
        if not 0 < len(written) <= NUMBER_LENGTH:
            raise CaseError("field-long", field=self.label, length=str(NUMBER_LENGTH))
        return written


def field_named(fields: Sequence[CustomField], name: str) -> CustomField:
    """Find a field by its name.

    Raises:
        CaseError: the owner has defined no such field.
    """
    for field in fields:
        if field.name == name:
            return field
    raise CaseError("no-field", field=name)
