"""Who may open a conversation: age of the account and of the membership, roles, a pause, the block list.

No Discord, no SQL in here; time is passed in.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from frontdesk import SettingsTable

from frontdesk_helpdesk.durations import Duration, parse


class EligibilitySettings(SettingsTable):
    """Who may open a conversation; nothing is asked for unless it is set.

    Args:
        account_age: how old the Discord account must be, such as ``"3d"``.
        membership_age: how long they must have been in the server, such as ``"1h"``.
        required_roles: names or ids; one of them is needed. Empty: none is.
        refused_roles: names or ids; nobody with one of them is let in.
        cooldown: how long after the end of a conversation the next one may be opened, such as ``"10m"``.
    """

    account_age: Duration = "0"
    membership_age: Duration = "0"
    required_roles: tuple[int | str, ...] = ()
    refused_roles: tuple[int | str, ...] = ()
    cooldown: Duration = "0"


class Reason(StrEnum):
    """Why somebody is not let in; the value ends the name of the sentence that tells them."""

    BLOCKED = "blocked"
    BLOCKED_UNTIL = "blocked-until"
    ROLE_REFUSED = "role-refused"
    ROLE_MISSING = "role-missing"
    ACCOUNT_TOO_NEW = "account-too-new"
    MEMBER_TOO_NEW = "member-too-new"
    COOLDOWN = "cooldown"


@dataclass(frozen=True, slots=True)
class Block:
    """An entry of a server's block list.

    Args:
        guild_id: the server.
        user_id: who is blocked.
        name: theirs, as it was then.
        until: when it ends (UTC); None for never.
        note: why, for the team; empty if nobody said.
        by: the name of who did it.
        since: when (UTC).
    """

    guild_id: int
    user_id: int
    name: str
    until: datetime | None
    note: str
    by: str
    since: datetime

    def holds(self, now: datetime) -> bool:
        """Tell whether it has not ended yet."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Applicant:
    """What counts of a person who wants to come in.

    Args:
        account_created: when the account was made (UTC).
        joined_at: when they joined the server (UTC); None if Discord does not tell, which counts as just now.
        roles: the names and the ids, as text, of their roles.
        last_end: when their last conversation in this server ended (UTC).
        block: their entry in the block list.
    """

    account_created: datetime
    joined_at: datetime | None
    roles: Collection[str] = ()
    last_end: datetime | None = None
    block: Block | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody is not let in.

    Args:
        reason: which rule.
        until: from when on the rule lets them in (UTC), where time will tell.
        roles: the roles of which one is needed.
    """

    reason: Reason
    until: datetime | None = None
    roles: tuple[str, ...] = ()


def refusal(rules: EligibilitySettings, applicant: Applicant, now: datetime) -> Refusal | None:
    """Tell why somebody may not open a conversation now.

    Args:
        rules: of the server.
        applicant: who wants to.
        now: the time (UTC).

    Returns:
        The first rule that speaks against it; None if they may.
    """
    if applicant.block is not None and applicant.block.holds(now):
        until = applicant.block.until
        return Refusal(Reason.BLOCKED) if until is None else Refusal(Reason.BLOCKED_UNTIL, until)
    return _by_roles(rules, applicant) or _by_time(rules, applicant, now)


def _by_roles(rules: EligibilitySettings, applicant: Applicant) -> Refusal | None:
    has = {role.casefold() for role in applicant.roles}
    if has & {str(role).casefold() for role in rules.refused_roles}:
        return Refusal(Reason.ROLE_REFUSED)
    required = tuple(str(role) for role in rules.required_roles)
    if required and not has & {role.casefold() for role in required}:
        return Refusal(Reason.ROLE_MISSING, roles=required)
    return None


def _by_time(rules: EligibilitySettings, applicant: Applicant, now: datetime) -> Refusal | None:
    grown = applicant.account_created + parse(rules.account_age)
    if now < grown:
        return Refusal(Reason.ACCOUNT_TOO_NEW, grown)
    settled = (applicant.joined_at or now) + parse(rules.membership_age)
    if now < settled:
        return Refusal(Reason.MEMBER_TOO_NEW, settled)
    if applicant.last_end is not None and now < (free := applicant.last_end + parse(rules.cooldown)):
        return Refusal(Reason.COOLDOWN, free)
    return None
