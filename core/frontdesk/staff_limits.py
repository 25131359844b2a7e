"""How often one address may try to come in: counts of the last minutes, kept in memory."""

import ipaddress
from collections import OrderedDict, deque

_MOST_ADDRESSES = 10_000


class SlidingWindow:
    """Counts tries by address.

    Args:
        tries: how many are allowed in the window.
        seconds: the window.
        addresses: how many are remembered; the one longest unseen is forgotten first.
    """

    def __init__(self, tries: int, seconds: float, *, addresses: int = _MOST_ADDRESSES) -> None:
        self._tries = tries
        self._seconds = seconds
        self._most = addresses
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, address: str, now: float) -> float:
        """Seconds until the address may try again; 0 if it may now.

        Args:
            address: see `network_of`.
            now: in seconds, of any clock that does not go back.
        """
        times = self._seen.get(address)
        if times is None:
            return 0.0
        while times and times[0] <= now - self._seconds:
            times.popleft()
        return times[0] + self._seconds - now if len(times) >= self._tries else 0.0

    def count(self, address: str, now: float) -> None:
        """Count a try."""
        times = self._seen.setdefault(address, deque(maxlen=self._tries))
        self._seen.move_to_end(address)
        times.append(now)
        if len(self._seen) > self._most:
            self._seen.popitem(last=False)


def network_of(address: str) -> str:
    """Who is counted: an IPv4 address, or of IPv6 the /64, since a household has all of it."""
    return _cut(address, 32, 64)


def shortened_address(address: str) -> str:
    """What is kept of an address: enough to see where it comes from, not whose it is."""
    return _cut(address, 24, 48)


def _cut(address: str, four: int, six: int) -> str:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    mapped = getattr(parsed, "ipv4_mapped", None)
    parsed = mapped or parsed
    bits = four if parsed.version == 4 else six
    network = ipaddress.ip_network(f"{parsed}/{bits}", strict=False)
    return str(network.network_address) if bits == 32 else str(network)
