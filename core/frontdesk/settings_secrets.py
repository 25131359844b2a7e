"""Secrets: read from the environment or from files named there, never from bot.toml."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from frontdesk.errors import Problem, StartError
from frontdesk.toml_lines import Source, dotted

PREFIX = "FRONTDESK_"
DISCORD_TOKEN = "FRONTDESK_DISCORD_TOKEN"  # noqa: S105 - a variable's name
DISCORD_CLIENT_SECRET = "FRONTDESK_DISCORD_CLIENT_SECRET"  # noqa: S105 - a variable's name
TWILIO_AUTH_TOKEN = "FRONTDESK_TWILIO_AUTH_TOKEN"  # noqa: S105 - a variable's name
DATABASE_URL = "FRONTDESK_DATABASE_URL"
LINK_SECRET = "FRONTDESK_SECRET"  # noqa: S105 - a variable's name
SHARED_KEY_SID = "FRONTDESK_TWILIO_SHARED_KEY_SID"
SHARED_KEY = "FRONTDESK_TWILIO_SHARED_KEY"
METRICS_TOKEN = "FRONTDESK_METRICS_TOKEN"  # noqa: S105 - a variable's name

_IN_A_FILE = "a file with the secret"
_LARGEST_FILE = 64 * 1024
_SHORTEST_LINK_SECRET = 16  # bytes

# Where people put a secret by mistake, and where it belongs.
_BELONGS: Mapping[str, Mapping[str, str]] = {
    "discord": {
        **dict.fromkeys(("token", "bot_token", "discord_token", "secret"), DISCORD_TOKEN),
        "client_secret": DISCORD_CLIENT_SECRET,
    },
    "twilio": dict.fromkeys(("auth_token", "token", "twilio_auth_token", "secret"), TWILIO_AUTH_TOKEN),
    "store": dict.fromkeys(("password", "database_url"), DATABASE_URL),
    "web": {**dict.fromkeys(("secret", "secret_key", "link_secret"), LINK_SECRET), "metrics_token": METRICS_TOKEN},
}


@dataclass(frozen=True)
class Secrets:
    """Everything that must not be shown; `variables` holds FRONTDESK_* by full name, for plugins.

    `given` are the names of all such variables as they were set, in whatever case.
    """

    discord_token: SecretStr | None = None
    discord_client_secret: SecretStr | None = None
    twilio_auth_token: SecretStr | None = None
    link_secret: SecretStr | None = None
    metrics_token: SecretStr | None = None
    twilio_shared_keys: Mapping[str, SecretStr] = field(default_factory=dict)
    variables: Mapping[str, SecretStr] = field(default_factory=dict, repr=False)
    given: frozenset[str] = frozenset()


class Environment:
    """FRONTDESK_* variables, each of which may be given as NAME_FILE with a path instead."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self._values: dict[str, str] = {}
        given = {name: value for name, value in environ.items() if name.upper().startswith(PREFIX) and value.strip()}
        self._given = frozenset(given)
        ours = {name: value for name, value in given.items() if name.startswith(PREFIX)}
        for name, value in ours.items():
            plain = name.removesuffix("_FILE")
            if plain == name:
                self._values[name] = value.strip()
            elif plain in ours:
                self._wrong(name, f"{plain} and {name} are both set.", "one of the two")
            else:
                self._read(name, plain, Path(value))

    def _read(self, name: str, plain: str, path: Path) -> None:
        try:
            with path.open("rb") as file:
                content = file.read(_LARGEST_FILE + 1)
            text = content.decode().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            self._wrong(name, f"{name} names {path}, which cannot be read ({reason}).", "a file with the secret")
            return
        if not text or len(content) > _LARGEST_FILE:
            size = "empty" if not text else "larger than 64 KiB"
            self._wrong(name, f"{name} names {path}, which is {size}.", "a file with the secret")
            return
        self._values[plain] = text

    def _wrong(self, name: str, message: str, expected: str) -> None:
        self.problems.append(Problem("environment", None, name, message, expected))

    def get(self, name: str) -> str | None:
        """A variable's value without the space around it, None where it is absent or empty."""
        return self._values.get(name)

    def secrets(self) -> Secrets:
        """The secrets; what is wrong with them goes to `problems`."""
        token = self.get(DISCORD_TOKEN)
        if token is not None and token.lower().startswith("bot "):
            self._wrong(DISCORD_TOKEN, f'{DISCORD_TOKEN} starts with the word "Bot".', "the token alone")
        for name in (DISCORD_TOKEN, TWILIO_AUTH_TOKEN):
            if len((self.get(name) or "").split()) > 1 and not (token or "").lower().startswith("bot "):
                self._wrong(name, f"{name} has a space or a line break inside.", "the token alone")
        link_secret = self.get(LINK_SECRET)
        if link_secret is not None and len(link_secret.encode()) < _SHORTEST_LINK_SECRET:
            self._wrong(LINK_SECRET, f"{LINK_SECRET} is too short to be safe.", "16 characters or more")
        return Secrets(
            discord_token=self._secret(DISCORD_TOKEN),
            discord_client_secret=self._secret(DISCORD_CLIENT_SECRET),
            twilio_auth_token=self._secret(TWILIO_AUTH_TOKEN),
            link_secret=self._secret(LINK_SECRET),
            metrics_token=self._secret(METRICS_TOKEN),
            twilio_shared_keys=self._shared_keys(),
            variables={name: SecretStr(value) for name, value in self._values.items()},
            given=self._given,
        )

    def _shared_keys(self) -> dict[str, SecretStr]:
        """The key that Twilio may sign with instead of the auth token, by its id."""
        sid, key = self.get(SHARED_KEY_SID), self.get(SHARED_KEY)
        if (sid is None) != (key is None):
            lacking = SHARED_KEY if key is None else SHARED_KEY_SID
            self._wrong(lacking, f"{lacking} is not set, but its companion is.", "both or none")
        return {} if sid is None or key is None else {sid: SecretStr(key)}

    def _secret(self, name: str) -> SecretStr | None:
        value = self.get(name)
        return None if value is None else SecretStr(value)


def take_misplaced(values: dict[str, Any], source: Source) -> list[Problem]:
    """Remove secrets that stand in bot.toml; each becomes a problem that names its variable."""
    problems = []
    for table, keys in _BELONGS.items():
        inside = values.get(table)
        if not isinstance(inside, dict):
            continue
        for key in [key for key in inside if key.lower() in keys]:
            del inside[key]
            problems.append(misplaced(source, (table, key), keys[key.lower()]))
    return problems


def misplaced(source: Source, path: tuple[str | int, ...], variable: str) -> Problem:
    """The problem of a secret that stands in the settings file."""
    message = f"{dotted(path)} is a secret and must not stand in this file."
    return source.problem(path, message, expected=variable_or_file(variable))


def plugin_variable(plugin: str, field_name: str) -> str:
    """The name of the variable that holds a plugin's secret."""
    return f"{PREFIX}{plugin}_{field_name}".upper()


def variable_or_file(variable: str) -> str:
    """Where a secret belongs, for error messages."""
    return f"the environment variable {variable} or {variable}_FILE"


def link_secret(given: SecretStr | None, folder: Path) -> bytes:
    """The secret that signs links: the given one, or a random one kept in the data folder.

    Raises:
        StartError: it cannot be kept there.
    """
    if given is not None:
        return given.get_secret_value().encode()
    path = folder / "secret"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
        return path.read_bytes()
    except OSError as error:
        raise StartError(
            f"The secret that signs links cannot be kept in {path} ({error.strerror}): "
            f"make the folder writable or set {LINK_SECRET}."
        ) from error


def _create(path: Path) -> None:
    """Write under another name first: whoever reads it, another process too, sees a whole secret."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_urlsafe(32).encode())
        try:
            os.link(draft, path)
        except FileExistsError:
            return  # another process was first: its secret counts
    finally:
        draft.unlink()
