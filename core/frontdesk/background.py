"""Which background work of plugins fails, since when and with which error, until it succeeds again."""

from dataclasses import dataclass
from datetime import datetime

_MOST = 10  # for each plugin; a plugin may give each piece of work a name of its own


@dataclass(frozen=True, slots=True)
class _Trouble:
    since: datetime
    error: str


class Background:
    """What is known of the background work of one bot's plugins."""

    def __init__(self) -> None:
        self._troubles: dict[str, dict[str, _Trouble]] = {}

    def failed(self, plugin: str, task: str, error: BaseException, *, at: datetime) -> None:
        """Note a failure.

        Args:
            plugin: whose work it was.
            task: the work's name.
            error: why it failed; only its type is kept, its message may hold anything.
            at: the time (UTC).
        """
        troubles = self._troubles.setdefault(plugin, {})
        since = troubles[task].since if task in troubles else at
        troubles[task] = _Trouble(since, type(error).__name__)
        while len(troubles) > _MOST:
            del troubles[next(iter(troubles))]

    def succeeded(self, plugin: str, task: str) -> None:
        """Note a success: the work is well again."""
        self._troubles.get(plugin, {}).pop(task, None)

    def forget(self, plugin: str) -> None:
        """Forget a plugin that was withdrawn."""
        self._troubles.pop(plugin, None)

    def trouble(self, plugin: str) -> str:
        """Tell what fails at the moment, without secrets: a sentence, empty if all is well."""
        return "; ".join(
            f"{task} fails since {trouble.since:%Y-%m-%d %H:%M:%S} UTC ({trouble.error})"
            for task, trouble in self._troubles.get(plugin, {}).items()
        )
