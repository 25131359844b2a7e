"""The [plugins.cases] table of bot.toml."""

from typing import Annotated

from frontdesk import OpeningHours, SettingsTable
from pydantic import Field, StringConstraints

from frontdesk_cases.assignment_rules import AssignmentRule
from frontdesk_cases.clocks import Promises
from frontdesk_cases.custom import CustomField
from frontdesk_cases.macros import Macro
from frontdesk_cases.notices import DirectSettings, NotifySettings
from frontdesk_cases.silence import Silence

Origin = Annotated[str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.\-*\[\]:]+$")]


class CasesSettings(SettingsTable):
    """How cases are numbered, and who may see their pages.

    Args:
        prefix: what stands before a case's number, as in CASE-1001.
        frame_ancestors: the web origins that may show a case in a frame: the panel beside a task in Twilio Flex.
        reopen_days: a closed case is opened again if the member writes within so many days; later, only if they ask.
        hours: when minutes count for the promises; always by default.
        promises: how soon cases are answered and resolved.
        silence: what becomes of cases that wait for the member.
        fields: fields of the owner's own.
        macros: several changes and an answer in one step.
        assignment: who gets which cases; the first rule that fits holds.
        notify: of which changes members are told.
        direct: how direct messages about cases look.
        feed_channel: a channel of the staff with one message a case, which changes as the case does; by its name or
            id, none by default.
        largest_file: bytes of a file that is kept with a case.
        keep_files_days: how long such files are kept; for ever by default.
    """

    prefix: str = Field("CASE-", max_length=12, pattern=r"^[^\s<>&\"']*$")
    frame_ancestors: tuple[Origin, ...] = ("https://flex.twilio.com",)
    reopen_days: int = Field(14, ge=0, le=3650)
    hours: OpeningHours = OpeningHours()
    promises: Promises = Promises()
    silence: Silence = Silence()
    fields: tuple[CustomField, ...] = ()
    macros: tuple[Macro, ...] = ()
    assignment: tuple[AssignmentRule, ...] = ()
    notify: NotifySettings = NotifySettings()
    direct: DirectSettings = DirectSettings()
    feed_channel: int | str | None = None
    largest_file: int = Field(25_000_000, ge=0, le=500_000_000)
    keep_files_days: int | None = Field(None, ge=1, le=3650)
