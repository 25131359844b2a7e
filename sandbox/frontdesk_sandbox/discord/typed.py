"""What a person types after a slash, turned into an interaction's data as the chat client does it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from frontdesk_sandbox.discord import payloads
from frontdesk_sandbox.discord.commands import OptionKind
from frontdesk_sandbox.discord.errors import RefusedError
from frontdesk_sandbox.discord.model import Channel, File, Guild, GuildMember, Json, Role, User
from frontdesk_sandbox.discord.world import World

_NESTED = frozenset({OptionKind.SUBCOMMAND, OptionKind.GROUP})
_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


@dataclass(slots=True)
class Reader:
    """Reads one command.

    Args:
        world: for people, channels and roles that are named.
        guild: the server in which it is typed; None in a DM.
        channel: where it is typed.
        focused: set to let the last option be half-typed, for autocomplete.
    """

    world: World
    guild: Guild | None
    channel: Channel
    focused: bool = False
    resolved: dict[str, dict[str, Json]] = field(default_factory=dict)

    def data(self, command: Json, typed: str, extra: dict[str, Any]) -> Json:
        """The interaction's data.

        Args:
            command: as registered.
            typed: what stands after the command's name.
            extra: options given apart from the text, by name; files can only be given so.

        Raises:
            RefusedError: if the client would not send it.
        """
        data: Json = {"id": command["id"], "name": command["name"], "type": command["type"]}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        options = self._options(command.get("options", []), typed.strip(), extra, command["name"])
        if options:
            data["options"] = options
        if self.resolved:
            data["resolved"] = self.resolved
        return data

    def _options(self, registered: list[Json], typed: str, extra: dict[str, Any], path: str) -> list[Json]:
        nested = {option["name"]: option for option in registered if option["type"] in _NESTED}
        if nested:
            name, _, rest = typed.partition(" ")
            if name not in nested:
                raise RefusedError(f"/{path} wants one of {sorted(nested)} next, not {name!r}")
            option = nested[name]
            inner = self._options(option.get("options", []), rest.strip(), extra, f"{path} {name}")
            return [{"type": option["type"], "name": name, "options": inner}]
        given = {**_split(registered, typed, path), **extra}
        if unknown := set(given) - {option["name"] for option in registered}:
            raise RefusedError(f"/{path} has no option {sorted(unknown)}")
        values = []
        for option in registered:
            if option["name"] in given:
                values.append(self._value(option, given[option["name"]], last=option["name"] == list(given)[-1]))
            elif option.get("required") and not self.focused:
                raise RefusedError(f"/{path} needs the option {option['name']!r}")
        return values

    def _value(self, option: Json, given: Any, *, last: bool) -> Json:
        base = {"type": option["type"], "name": option["name"]}
        if self.focused and last:
            if not option.get("autocomplete"):
                raise RefusedError(f"the option {option['name']!r} has no suggestions")
            return {**base, "value": str(given), "focused": True}
        value = self._convert(option, given)
        _check_range(option, value)
        return {**base, "value": value}

    def _convert(self, option: Json, given: Any) -> Any:
        if choices := option.get("choices"):
            return _choose(option, choices, given)
        match option["type"]:
            case OptionKind.STRING:
                return str(given)
            case OptionKind.INTEGER | OptionKind.NUMBER:
                return _number(option, given)
            case OptionKind.BOOLEAN:
                return _truth(option, given)
            case OptionKind.USER:
                return self._user(given)
            case OptionKind.CHANNEL:
                return self._channel(given)
            case OptionKind.ROLE:
                return self._role(given)
            case OptionKind.MENTIONABLE:
                return self._role(given) if isinstance(given, Role) else self._user(given)
            case _:
                return self._file(option, given)

    def _resolve(self, kind: str, id_: int, payload: Json) -> str:
        self.resolved.setdefault(kind, {})[str(id_)] = payload
        return str(id_)

    def _user(self, given: Any) -> str:
        user = given if isinstance(given, User) else getattr(given, "user", None)
        if user is None:
            user = _found(self.world.users.values(), str(given), "@", lambda one: (one.display_name, one.name))
        member: GuildMember | None = self.guild.members.get(user.id) if self.guild else None
        if member is not None:
            self._resolve("members", user.id, payloads.member(member, with_user=False) | {"permissions": "0"})
        return self._resolve("users", user.id, payloads.user(user))

    def _channel(self, given: Any) -> str:
        known = self.guild.channels.values() if self.guild else ()
        channel = given if isinstance(given, Channel) else _found(known, str(given), "#", lambda one: (one.name,))
        shown = payloads.channel(channel, self.world.users, 0) | {"permissions": "0"}
        return self._resolve("channels", channel.id, shown)

    def _role(self, given: Any) -> str:
        known = self.guild.roles.values() if self.guild else ()
        role = given if isinstance(given, Role) else _found(known, str(given), "@", lambda one: (one.name,))
        return self._resolve("roles", role.id, payloads.role(role))

    def _file(self, option: Json, given: Any) -> str:
        if not isinstance(given, File):
            raise RefusedError(f"the option {option['name']!r} wants a File")
        attachment = self.world.keep_file(self.channel, given, ephemeral=True)
        return self._resolve("attachments", attachment.id, payloads.attachment(attachment))


def _split(registered: list[Json], typed: str, path: str) -> dict[str, str]:
    """``"a:one two b:three"`` by the names of the options; values run on to the next name."""
    if not typed:
        return {}
    names = "|".join(re.escape(option["name"]) for option in registered)
    starts = list(re.finditer(rf"(?:^|(?<=\s))({names}):", typed)) if names else []
    if not starts or starts[0].start() != 0:
        raise RefusedError(f"/{path} does not take {typed!r}; its options are written name:value")
    ends = [start.start() for start in starts[1:]] + [len(typed)]
    return {start[1]: typed[start.end() : end].strip() for start, end in zip(starts, ends, strict=True)}


def _found(known: Iterable[Any], given: str, sign: str, names: Any) -> Any:
    id_ = given.strip("<>@#!&")
    wanted = given.removeprefix(sign)
    for one in known:
        if (id_.isdigit() and one.id == int(id_)) or wanted in names(one):
            return one
    raise RefusedError(f"there is no {given!r} to choose")


def _choose(option: Json, choices: list[Json], given: Any) -> Any:
    for choice in choices:
        if given in {choice["name"], choice["value"], *(choice["name_localizations"] or {}).values()}:
            return choice["value"]
        if str(choice["value"]) == given:
            return choice["value"]
    raise RefusedError(f"{given!r} is none of the choices of {option['name']!r}")


def _number(option: Json, given: Any) -> int | float:
    try:
        return int(given) if option["type"] == OptionKind.INTEGER else float(given)
    except ValueError:
        raise RefusedError(f"{given!r} is no number for {option['name']!r}") from None


def _truth(option: Json, given: Any) -> bool:
    word = str(given).lower()
    if word not in _TRUE | _FALSE:
        raise RefusedError(f"{option['name']!r} is either true or false, not {given!r}")
    return word in _TRUE


def _check_range(option: Json, value: Any) -> None:
    name = option["name"]
    if isinstance(value, str) and option["type"] == OptionKind.STRING:
        if not option.get("min_length", 0) <= len(value) <= option.get("max_length", 6000):
            raise RefusedError(f"{name!r} has {len(value)} characters, which is too few or too many")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        least, most = option.get("min_value", value), option.get("max_value", value)
        if not least <= value <= most:
            raise RefusedError(f"{name!r} must be between {least} and {most}")
