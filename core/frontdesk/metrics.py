"""Figures for Prometheus: one registry for one app, so that two bots can live in one process."""

from collections.abc import Sequence
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX = "frontdesk_"
# Seconds; from what a loopback answer takes to the longest deadline that we give.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

Figure = TypeVar("Figure", Counter, Gauge, Histogram)


class Metrics:
    """Makes and renders the figures of one app; every name is prefixed with ``frontdesk_``.

    Asking twice for the same name gives the same figure, so a plugin may ask where it counts.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        self._figures: dict[str, tuple[Counter | Gauge | Histogram, tuple[str, ...]]] = {}
        ProcessCollector(registry=self.registry)
        self.http_requests = self.counter(
            "http_requests_total", "Requests answered, by plugin and status.", ("plugin", "status")
        )
        self.http_seconds = self.histogram(
            "http_request_seconds", "Seconds until a request was answered, by plugin.", ("plugin",)
        )
        self.refused_webhooks = self.counter(
            "refused_webhooks_total", "Webhooks refused by the signature guard, by reason.", ("reason",)
        )
        self.twilio_calls = self.counter(
            "twilio_calls_total",
            "Requests sent to Twilio, by outcome; each repetition counts.",
            ("outcome",),
        )
        self.twilio_seconds = self.histogram("twilio_request_seconds", "Seconds until Twilio answered.")

    def counter(self, name: str, text: str, labels: Sequence[str] = ()) -> Counter:
        """A number that only grows.

        Raises:
            ValueError: if the name is already used for a figure of another kind or with other labels.
        """
        known = self._known(Counter, name, labels)
        if known is not None:
            return known
        return self._keep(Counter(_PREFIX + name, text, labels, registry=self.registry), name, labels)

    def gauge(self, name: str, text: str, labels: Sequence[str] = ()) -> Gauge:
        """A number that goes up and down; raises like :meth:`counter`."""
        known = self._known(Gauge, name, labels)
        if known is not None:
            return known
        return self._keep(Gauge(_PREFIX + name, text, labels, registry=self.registry), name, labels)

    def histogram(
        self, name: str, text: str, labels: Sequence[str] = (), buckets: Sequence[float] = _BUCKETS
    ) -> Histogram:
        """A distribution, by default of seconds; raises like :meth:`counter`."""
        known = self._known(Histogram, name, labels)
        if known is not None:
            return known
        figure = Histogram(_PREFIX + name, text, labels, buckets=buckets, registry=self.registry)
        return self._keep(figure, name, labels)

    def render(self) -> bytes:
        """All figures in Prometheus' text format (content type: ``CONTENT_TYPE``)."""
        return generate_latest(self.registry)

    def _known(self, kind: type[Figure], name: str, labels: Sequence[str]) -> Figure | None:
        if name not in self._figures:
            return None
        figure, known_labels = self._figures[name]
        if not isinstance(figure, kind) or known_labels != tuple(labels):
            raise ValueError(f"the figure {name!r} exists already as another kind or with other labels")
        return figure

    def _keep(self, figure: Figure, name: str, labels: Sequence[str]) -> Figure:
        self._figures[name] = (figure, tuple(labels))
        return figure
