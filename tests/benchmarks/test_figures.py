"""Figures: none without a baseline or a reason, ratios, targets, spread."""

import pytest

from benchmarks.figures import Baseline, Figure, MissingBaselineError, Report, Sample, Target


def test_a_figure_without_a_baseline_is_refused() -> None:
    with pytest.raises(MissingBaselineError, match="latency"):
        Figure("latency", 3, "ms")


def test_a_figure_that_says_why_it_stands_alone_is_taken() -> None:
    figure = Figure("latency", 3, "ms", alone="nobody else does this")
    assert figure.ratio is None
    assert figure.met is None


def test_the_ratio_is_by_the_baseline() -> None:
    assert Figure("latency", 3, "ms", Baseline("plain", 2)).ratio == 1.5
    assert Figure("lost", 3, "", Baseline("plain", 0)).ratio is None


@pytest.mark.parametrize(("value", "target", "met"), [(3, Target(3), True), (4, Target(3), False),
                                                       (4, Target(3, is_limit=False), True),
                                                       (2, Target(3, is_limit=False), False)])  # fmt: skip
def test_a_target_is_met_or_missed(value: float, target: Target, met: bool) -> None:
    assert Figure("figure", value, "", Baseline("plain", 2), target).met is met


def test_quantiles_are_measurements_that_were_taken() -> None:
    sample = Sample.of(float(value) for value in range(100, 0, -1))
    assert (sample.median, sample.p99, sample.spread()["n"]) == (50, 99, 100)
    assert Sample.of([7]).p99 == 7
    with pytest.raises(ValueError, match="nothing"):
        Sample.of([])


def test_both_sides_of_a_comparison_are_the_same_quantile() -> None:
    report = Report()
    ours, theirs = Sample.of([1, 2, 30]), Sample.of([1, 1, 3])
    report.compare("latency", "ms", ours, ("plain", theirs), quantile="p99", target=Target(20))
    (figure,) = report.figures
    assert (figure.value, figure.ratio, figure.met) == (30, 10, False)
    assert figure.spread["median"] == 2
