"""What a benchmark answers: figures with their baselines, notes, and what could not be measured."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal


class MissingBaselineError(ValueError):
    """A figure has neither a baseline nor a reason for having none."""


@dataclass(frozen=True)
class Baseline:
    """What a figure is compared with.

    Args:
        what: said in a few words.
        value: in the figure's unit.
    """

    what: str
    value: float


@dataclass(frozen=True)
class Target:
    """What a figure should be.

    Args:
        value: in the figure's unit.
        is_limit: whether the figure should stay below; otherwise it should reach it.
    """

    value: float
    is_limit: bool = True

    def met(self, value: float) -> bool:
        """Tell whether a figure is as it should be."""
        return value <= self.value if self.is_limit else value >= self.value


@dataclass(frozen=True)
class Sample:
    """Several measurements of the same thing."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float]) -> "Sample":
        """Take measurements.

        Raises:
            ValueError: if there are none.
        """
        taken = tuple(sorted(values))
        if not taken:
            raise ValueError("nothing was measured")
        return cls(taken)

    def quantile(self, share: float) -> float:
        """Give the smallest measurement that so many (0 to 1) do not exceed."""
        return self.values[max(0, math.ceil(share * len(self.values)) - 1)]

    @property
    def median(self) -> float:
        """Half of the measurements do not exceed it."""
        return self.quantile(0.5)

    @property
    def p99(self) -> float:
        """99 of 100 measurements do not exceed it."""
        return self.quantile(0.99)

    def spread(self) -> dict[str, float]:
        """Give what shows how far the measurements lie apart."""
        return {
            "n": len(self.values),
            "min": self.values[0],
            "median": self.median,
            "p99": self.p99,
            "max": self.values[-1],
        }


@dataclass(frozen=True)
class Figure:
    """One figure.

    Args:
        name: what was measured.
        value: the measurement.
        unit: such as ``"ms"``.
        baseline: what it is compared with.
        target: what it should be, if anything is asked of it.
        alone: why it has no baseline; required if it has none.
        spread: of the measurements behind it.
        essential: whether missing the target is a failure, because no machine and no other work on it excuse that.

    Raises:
        MissingBaselineError: if it has neither a baseline nor a reason for having none.
    """

    name: str
    value: float
    unit: str
    baseline: Baseline | None = None
    target: Target | None = None
    alone: str = ""
    spread: Mapping[str, float] = field(default_factory=dict)
    essential: bool = False

    def __post_init__(self) -> None:
        """Refuse a figure that nobody can judge."""
        if self.baseline is None and not self.alone:
            raise MissingBaselineError(f"the figure {self.name!r} has no baseline, and no reason for having none")

    @property
    def ratio(self) -> float | None:
        """The figure as a multiple of its baseline; None without a baseline, or with one of zero."""
        return self.value / self.baseline.value if self.baseline is not None and self.baseline.value else None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without a target."""
        return None if self.target is None else self.target.met(self.value)


@dataclass
class Report:
    """All that one benchmark found.

    Args:
        figures: in the order in which they are shown.
        notes: what one has to know to read them, such as what was left out as warm-up.
        missing: what could not be measured, and why.
    """

    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[Figure]:
        """The essential figures that miss their targets."""
        return [figure for figure in self.figures if figure.essential and figure.met is False]

    def compare(
        self,
        name: str,
        unit: str,
        ours: Sample,
        theirs: tuple[str, Sample],
        *,
        quantile: Literal["median", "p99"] = "median",
        target: Target | None = None,
    ) -> None:
        """Add a figure that is the median (or 99th percentile) of a sample, beside that of the baseline's.

        Args:
            name: what was measured.
            unit: of both samples.
            ours: the measurements.
            theirs: what the baseline is, and its measurements.
            quantile: which figure of both.
            target: what it should be.
        """
        what, sample = theirs
        baseline = Baseline(what, float(getattr(sample, quantile)))
        value = float(getattr(ours, quantile))
        self.figures.append(Figure(name, value, unit, baseline, target, spread=ours.spread()))
