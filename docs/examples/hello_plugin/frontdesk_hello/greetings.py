"""What the plugin is about, in its own words: no Discord and no HTTP in here."""

from collections import Counter


class Greetings:
    """Counts greetings and remembers the latest news of each server, until the next restart."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._news: dict[int, str] = {}

    def greet(self, guild_id: int) -> None:
        """Count a greeting."""
        self._counts[guild_id] += 1

    def hear(self, guild_id: int, news: str) -> None:
        """Remember news."""
        self._news[guild_id] = news

    def news(self, guild_id: int) -> str | None:
        """Tell the latest news of a server, if there was any."""
        return self._news.get(guild_id)

    @property
    def total(self) -> int:
        """Count the greetings in all servers."""
        return self._counts.total()
