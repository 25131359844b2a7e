"""Figures: one registry for an app, names with a prefix, no surprises when a plugin asks twice."""

import pytest
from frontdesk.metrics import Metrics


def test_two_apps_do_not_share_figures() -> None:
    one, two = Metrics(), Metrics()
    one.counter("cases_opened_total", "Cases.").inc()
    two.counter("cases_opened_total", "Cases.")
    assert b"frontdesk_cases_opened_total 1.0" in one.render()
    assert b"frontdesk_cases_opened_total 0.0" in two.render()


def test_asking_twice_gives_the_same_figure() -> None:
    metrics = Metrics()
    metrics.gauge("waiting", "Waiting.", ("lane",)).labels("a").set(3)
    metrics.gauge("waiting", "Waiting.", ("lane",)).labels("a").inc()
    assert b'frontdesk_waiting{lane="a"} 4.0' in metrics.render()
    metrics.histogram("seconds", "Seconds.", buckets=(1, 2)).observe(1.5)
    assert b'frontdesk_seconds_bucket{le="2.0"} 1.0' in metrics.render()


def test_a_name_cannot_mean_two_things() -> None:
    metrics = Metrics()
    metrics.counter("things", "Things.")
    with pytest.raises(ValueError, match="exists already"):
        metrics.gauge("things", "Things.")
    with pytest.raises(ValueError, match="exists already"):
        metrics.counter("things", "Things.", ("kind",))


def test_the_process_is_measured() -> None:
    assert b"process_resident_memory_bytes" in Metrics().render()
