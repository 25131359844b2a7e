"""On a program's PYTHONPATH this keeps it on this machine: sockets lead to loopback addresses, and each one is noted.

Python itself tells of its sockets (audit events), whoever opens them. uvloop and aiodns open theirs without Python, so
they are not there: both are optional, and what is opened, and where to, does not depend on them.
"""

import ipaddress
import os
import socket
import sys
from typing import Any

_INTERNET = (socket.AF_INET, socket.AF_INET6)
_OPENS = ("socket.bind", "socket.connect", "socket.sendto", "socket.sendmsg")
_ASKS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_NOTES = os.open(os.environ["LOOPBACK_NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


class NotLoopbackError(OSError):
    """The program tried to leave this machine."""


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if event in _OPENS:
        opened, address = args
        if opened.family in _INTERNET and address is not None:
            _judge(event, address[0])
    elif event in _ASKS and args[0] is not None:
        _judge(event, args[0])


def _judge(event: str, host: str | bytes) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    allowed = _is_loopback(name)
    os.write(_NOTES, f"{'allowed' if allowed else 'refused'} {event} {name!r} of {sys.argv}\n".encode())
    if not allowed:
        raise NotLoopbackError(f"{event} to {name!r} leads away from this machine")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


sys.modules.update(dict.fromkeys(("uvloop", "aiodns")))  # type: ignore[arg-type]  # None: cannot be imported
sys.addaudithook(_watch)
