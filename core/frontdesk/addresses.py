"""Which network addresses may be fetched from: the public ones, and what the owner allows."""

import ipaddress
import socket
from collections.abc import Iterator, Sequence

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LOCAL: tuple[_Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
        "::1/128", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip
# Translators put an IPv4 address behind these prefixes (RFC 6052, RFC 8215).
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))


def is_public(text: str) -> bool:
    """Whether an address, given as a number, belongs to the open internet.

    Raises:
        ValueError: if it is not an address.
    """
    return all(_is_public(address) for address in _inner(_parse(text)))


def is_local(text: str) -> bool:
    """Whether an address belongs to this machine or its private network; False for what is no address."""
    try:
        address = _parse(text)
    except ValueError:
        return False
    mapped: _Address | None = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in _LOCAL)


class Allowed:
    """The owner's exceptions.

    Args:
        entries: each a host name, "host:port", an address or a network ("10.0.0.0/8").

    Raises:
        ValueError: if a network is none.
    """

    def __init__(self, entries: Sequence[str]) -> None:
        self._networks: list[_Network] = []
        self._names: set[str] = set()
        for entry in entries:
            if "/" in entry:
                self._networks.append(ipaddress.ip_network(entry, strict=False))
            else:
                self._names.add(entry.lower())

    def literal(self, host: str, port: int) -> bool:
        """Whether a host may be asked, as far as can be said without resolving: True for every name."""
        try:
            address = _literal(host)
        except ValueError:
            return False
        return address is None or self.resolved(host, port, address)

    def resolved(self, host: str, port: int, address: str) -> bool:
        """Whether a host that was found at an address may be asked."""
        names = {host.lower(), address.lower()}
        names |= {f"[{name}]" for name in names if ":" in name}
        if not self._names.isdisjoint(names | {f"{name}:{port}" for name in names}):
            return True
        parsed = _parse(address)
        inside = any(parsed in network for network in self._networks if network.version == parsed.version)
        return inside or is_public(address)


def _parse(text: str) -> _Address:
    return ipaddress.ip_address(text.strip("[]").partition("%")[0])


def _literal(host: str) -> str | None:
    """The address that a host stands for without being resolved, None for a name.

    HTTP clients take everything made of digits and dots for an address and leave the rest to the system,
    which reads "127.1" and "2130706433" as 127.0.0.1.

    Raises:
        ValueError: if it looks like an address and is none.
    """
    if ":" in host:
        return str(_parse(host))
    if not host.replace(".", "").isdigit():
        return None
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        raise ValueError(f"{host} is not an address") from None


def _inner(address: _Address) -> Iterator[_Address]:
    """The address, and the IPv4 addresses that are hidden in it."""
    yield address
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            yield address.ipv4_mapped
        if address.sixtofour:
            yield address.sixtofour
        if address.teredo:
            yield from address.teredo
        if any(address in network for network in _NAT64):
            yield ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)


def _is_public(address: _Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return True  # decided by the IPv4 address in it
    return address.is_global and not (address.is_multicast or address.is_unspecified)
