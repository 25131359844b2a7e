"""The application commands that the bot has registered, and Discord's rules for them."""

import re
from collections.abc import Iterator
from enum import IntEnum

from frontdesk_sandbox.discord.errors import ApiError, invalid, too_long, unknown
from frontdesk_sandbox.discord.model import Json
from frontdesk_sandbox.discord.snowflakes import Snowflakes


class OptionKind(IntEnum):
    """Types of command options."""

    SUBCOMMAND = 1
    GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


SLASH, USER_MENU, MESSAGE_MENU = 1, 2, 3
LOCALES = frozenset(
    {
        "ar",
        "bg",
        "cs",
        "da",
        "de",
        "el",
        "en-GB",
        "en-US",
        "es-419",
        "es-ES",
        "fi",
        "fr",
        "he",
        "hi",
        "hr",
        "hu",
        "id",
        "it",
        "ja",
        "ko",
        "lt",
        "nl",
        "no",
        "pl",
        "pt-BR",
        "ro",
        "ru",
        "sv-SE",
        "th",
        "tr",
        "uk",
        "vi",
        "zh-CN",
        "zh-TW",
    }
)
"""The locales that a Discord client can be set to."""
_MOST = {SLASH: 100, USER_MENU: 15, MESSAGE_MENU: 15}
_NAME = re.compile(r"[-_'\w]{1,32}")
_KEPT = (
    "min_value", "max_value", "min_length", "max_length", "channel_types", "autocomplete", "required",
)  # fmt: skip


class Commands:
    """Registered commands, by scope (a server's id, or None for global ones) and id."""

    def __init__(self, application_id: int, snowflakes: Snowflakes) -> None:
        self._application_id = application_id
        self._snowflakes = snowflakes
        self._scopes: dict[int | None, dict[int, Json]] = {}

    def all(self, scope: int | None) -> list[Json]:
        """The commands of one scope."""
        return list(self._scopes.get(scope, {}).values())

    def usable_in(self, guild_id: int | None) -> Iterator[Json]:
        """The commands that the client offers in a server, or (None) in the bot's DM."""
        if guild_id is not None:
            yield from self.all(guild_id)
        context = 0 if guild_id is not None else 1
        for command in self.all(None):
            contexts = command["contexts"]
            if contexts is None or context in contexts:
                yield command

    def get(self, scope: int | None, id_: int) -> Json:
        """One command; ApiError 10063 if there is none."""
        command = self._scopes.get(scope, {}).get(id_)
        if command is None:
            raise unknown("application command")
        return command

    def replace(self, scope: int | None, commands: list[Json]) -> list[Json]:
        """Make these the only commands of a scope; one of the same name and type keeps its id."""
        cleaned = [clean(command, str(index)) for index, command in enumerate(commands)]
        keys = [(command["type"], command["name"]) for command in cleaned]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                raise invalid(
                    f"{index}.name", "Application command names must be unique",
                    "APPLICATION_COMMANDS_DUPLICATE_NAME",
                )  # fmt: skip
        for kind, most in _MOST.items():
            if sum(key[0] == kind for key in keys) > most:
                raise ApiError(400, 30032, f"Maximum number of application commands reached ({most})")
        old = {(command["type"], command["name"]): command for command in self.all(scope)}
        self._scopes[scope] = {}
        return [self._keep(scope, new, old.get(key)) for key, new in zip(keys, cleaned, strict=True)]

    def add(self, scope: int | None, command: Json) -> Json:
        """Add a command; one of the same name and type is replaced."""
        new = clean(command, "")
        for old in self.all(scope):
            if (old["type"], old["name"]) == (new["type"], new["name"]):
                return self._keep(scope, new, old)
        return self._keep(scope, new, None)

    def change(self, scope: int | None, id_: int, part: Json) -> Json:
        """Change some properties of a command."""
        old = self.get(scope, id_)
        return self._keep(scope, clean({**old, **part}, ""), old)

    def remove(self, scope: int | None, id_: int) -> None:
        """Remove a command."""
        self.get(scope, id_)
        del self._scopes[scope][id_]

    def _keep(self, scope: int | None, new: Json, old: Json | None) -> Json:
        same = old is not None and {**old, **new} == old and set(old) - set(new) <= _OURS
        id_ = old["id"] if old else str(self._snowflakes.next())
        version = old["version"] if old and same else str(self._snowflakes.next())
        kept = new | {"id": id_, "application_id": str(self._application_id), "version": version}
        if scope is not None:
            kept["guild_id"] = str(scope)
        self._scopes.setdefault(scope, {})[int(id_)] = kept
        return kept


_OURS = frozenset({"id", "application_id", "version", "guild_id"})


def clean(command: Json, path: str) -> Json:
    """A command as Discord keeps it, after a look at the rules.

    Raises:
        ApiError: 50035 with the field.
    """
    prefix = f"{path}." if path else ""
    kind = command.get("type") or SLASH
    kept: Json = {"type": kind}
    if kind == SLASH:
        kept |= _named(command, prefix)
        if options := command.get("options"):
            kept["options"] = _options(options, f"{prefix}options")
    else:
        if not 1 <= len(command["name"]) <= 32:
            raise invalid(f"{prefix}name", "Must be between 1 and 32 in length.", "BASE_TYPE_BAD_LENGTH")
        kept |= {"name": command["name"], "description": "", "description_localizations": None}
        kept["name_localizations"] = _localized(command, "name", prefix, 32)
    permissions = command.get("default_member_permissions")
    kept |= {
        "default_member_permissions": None if permissions is None else str(permissions),
        "nsfw": bool(command.get("nsfw")), "contexts": command.get("contexts"),
        "integration_types": command.get("integration_types") or [0],
    }  # fmt: skip
    return kept


def _named(part: Json, prefix: str) -> Json:
    _check_name(part.get("name"), f"{prefix}name")
    description = part.get("description")
    if not description:
        raise invalid(f"{prefix}description", "This field is required", "BASE_TYPE_REQUIRED")
    if len(description) > 100:
        raise too_long(f"{prefix}description", 100)
    names = _localized(part, "name", prefix, 32)
    for locale, name in (names or {}).items():
        _check_name(name, f"{prefix}name_localizations.{locale}")
    return {
        "name": part["name"], "name_localizations": names, "description": description,
        "description_localizations": _localized(part, "description", prefix, 100),
    }  # fmt: skip


def _check_name(name: str | None, path: str) -> None:
    if not name or not _NAME.fullmatch(name.replace("\u200c", "")) or name != name.lower():
        raise invalid(
            path, "String value did not match validation regex.", "STRING_TYPE_REGEX"
        )  # fmt: skip


def _localized(part: Json, field: str, prefix: str, limit: int) -> Json | None:
    texts = part.get(f"{field}_localizations") or None
    for locale, text in (texts or {}).items():
        where = f"{prefix}{field}_localizations.{locale}"
        if locale not in LOCALES:
            raise invalid(f"{prefix}{field}_localizations", f"Unknown locale {locale}", "LOCALE_INVALID")
        if not 1 <= len(text) <= limit:
            raise too_long(where, limit)
    return dict(texts) if texts else None


def _options(options: list[Json], path: str) -> list[Json]:
    if len(options) > 25:
        raise invalid(path, "Must be 25 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    names = [option.get("name") for option in options]
    optional_seen = False
    cleaned = []
    for index, option in enumerate(options):
        where = f"{path}.{index}."
        if option["name"] in names[:index]:
            raise invalid(f"{where}name", "Option names must be unique", "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE")
        nested = option["type"] in {OptionKind.SUBCOMMAND, OptionKind.GROUP}
        if option.get("required") and optional_seen:
            raise invalid(
                f"{where}required", "Required options must be placed before non-required options",
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
            )  # fmt: skip
        optional_seen = optional_seen or not (option.get("required") or nested)
        cleaned.append(_option(option, where))
    return cleaned


def _option(option: Json, prefix: str) -> Json:
    kept: Json = {"type": int(option["type"]), **_named(option, prefix)}
    kept |= {key: option[key] for key in _KEPT if option.get(key) not in (None, False)}
    if options := option.get("options"):
        kept["options"] = _options(options, f"{prefix}options")
    if choices := option.get("choices"):
        if len(choices) > 25:
            raise invalid(f"{prefix}choices", "Must be 25 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
        kept["choices"] = [
            {
                "name": choice["name"], "value": choice["value"],
                "name_localizations": _localized(choice, "name", f"{prefix}choices.{index}.", 100),
            }
            for index, choice in enumerate(choices)
        ]  # fmt: skip
    return kept
