"""What a single value must look like: web addresses, Twilio ids, database addresses."""

from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

_HEX = frozenset("0123456789abcdefABCDEF")


def web_address(text: str) -> str:
    """An http or https address without query; a slash at its end is dropped.

    Raises:
        ValueError: it is none.
    """
    try:
        parts = urlsplit(text)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        port_is_fine = False
    if not port_is_fine or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f'"{text}" is not a web address; write one such as https://desk.example.com')
    if parts.username is not None:
        raise ValueError("an address with a user name or password in it cannot be used")
    if parts.query or parts.fragment:
        raise ValueError(f'"{text}" must end with its path, without "?" or "#"')
    return text.rstrip("/")


def web_origin(text: str) -> str:
    """The origin of a page: scheme, host and maybe port, nothing after.

    Raises:
        ValueError: it is none.
    """
    address = web_address(text)
    if urlsplit(address).path:
        raise ValueError(f'"{text}" must end with its host, such as https://flex.twilio.com')
    return address.lower()


def sid(prefix: str) -> Callable[[str], str]:
    """A check for Twilio's ids: two letters, then 32 hexadecimal digits."""

    def check(text: str) -> str:
        if not text.startswith(prefix) or len(text) != 34 or not _HEX.issuperset(text[2:]):
            raise ValueError(f'"{text}" is not such an id; it is {prefix} followed by 32 digits or letters a to f')
        return text

    return check


def private_address(text: str) -> str:
    """A host name, "host:port", an address or a network, as `Fetcher` allows them.

    Raises:
        ValueError: it is a web address, or no network.
    """
    if "://" in text or not text.strip():
        raise ValueError(f'"{text}" must be a host such as wiki.local:8000 or a network such as 10.0.0.0/8')
    if "/" in text:
        try:
            ip_network(text, strict=False)
        except ValueError:
            raise ValueError(f'"{text}" is not a network; write one such as 10.0.0.0/8') from None
    return text


def database_url(text: str) -> str:
    """A SQLite file or a PostgreSQL database.

    Raises:
        ValueError: it is neither; the text is not repeated, it may hold a password.
    """
    scheme, _, rest = text.partition("://")
    if scheme == "sqlite":
        if not rest.startswith("/") or rest.strip("/") in {"", ":memory:"}:
            raise ValueError("it names no file; write sqlite:///data/frontdesk.db")
        return text
    if scheme in {"postgresql", "postgres"} and rest:
        try:
            parts = urlsplit(text)
            named = parts.path.strip("/") and parts.port != 0
        except ValueError:
            named = ""
        if not named:
            raise ValueError("it names no database; write postgresql://user@host/database")
        return f"postgresql://{rest}"
    raise ValueError("write sqlite:///data/frontdesk.db or postgresql://user@host/database")


def database_url_without_password(text: str) -> str:
    """The same for the settings file, where no password may stand."""
    url = database_url(text)
    if not url.startswith("sqlite") and urlsplit(url).password is not None:
        raise ValueError(
            "its password is a secret and must not stand in this file; "
            "give the whole address in the environment variable FRONTDESK_DATABASE_URL"
        )
    return url


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite address, None for another database."""
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


PrivateAddress = Annotated[str, AfterValidator(private_address)]
Address = Annotated[str, AfterValidator(web_address)]
Origin = Annotated[str, AfterValidator(web_origin)]
AccountSid = Annotated[str, AfterValidator(sid("AC"))]
ChatServiceSid = Annotated[str, AfterValidator(sid("IS"))]
FlexInstanceSid = Annotated[str, AfterValidator(sid("GO"))]
WorkspaceSid = Annotated[str, AfterValidator(sid("WS"))]
WorkflowSid = Annotated[str, AfterValidator(sid("WW"))]
StudioFlowSid = Annotated[str, AfterValidator(sid("FW"))]
