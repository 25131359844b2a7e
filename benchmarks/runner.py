"""Runs benchmarks, shows their figures in one table, and keeps each as JSON."""

import asyncio
import importlib
import json
import math
import os
import pkgutil
import platform
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure, Report

RESULTS = Path(__file__).parent / "results"
_CAPTION = "ratio: figure / baseline; a baseline was measured in this run unless it says otherwise"
Parameters = Mapping[str, float]


class UsageError(Exception):
    """The command cannot be carried out as it was given."""


@dataclass(frozen=True)
class Subject:
    """One benchmark.

    Args:
        name: also the module's.
        purpose: a sentence on what is measured.
        defaults: its parameters; the environment may set others.
        measure: measures.
    """

    name: str
    purpose: str
    defaults: Parameters
    measure: Callable[[Parameters], Awaitable[Report]]

    @classmethod
    def of(cls, module: ModuleType) -> "Subject":
        """Read a subject from its module."""
        name = module.__name__.rpartition(".")[2]
        purpose = (module.__doc__ or "").strip().split("\n")[0]
        return cls(name, purpose, module.DEFAULTS, module.measure)

    def parameters(self, environ: Mapping[str, str]) -> dict[str, float]:
        """Give the parameters of this run: ``BENCH_<NAME>_<PARAMETER>`` in the environment counts more.

        Raises:
            UsageError: if one is no number above zero.
        """
        variables = {name: f"BENCH_{self.name}_{name}".upper() for name in self.defaults}
        given = {name: _positive(variable, environ) for name, variable in variables.items() if variable in environ}
        return {**self.defaults, **given}


def _positive(variable: str, environ: Mapping[str, str]) -> float:
    try:
        value = float(environ[variable])
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise UsageError(f"{variable} must be a number above zero, not {environ[variable]!r}")
    return value


def subjects(package: str = "benchmarks.subjects") -> dict[str, Subject]:
    """Find all subjects by name."""
    found = importlib.import_module(package)
    names = sorted(module.name for module in pkgutil.iter_modules(found.__path__))
    return {name: Subject.of(importlib.import_module(f"{package}.{name}")) for name in names}


def run(
    names: Sequence[str], environ: Mapping[str, str], *, results: Path = RESULTS, known: Mapping[str, Subject]
) -> int:
    """Run benchmarks one after the other.

    Args:
        names: which; all when empty.
        environ: for parameters.
        results: the folder for JSON files.
        known: all there are.

    Returns:
        The exit code: 0, or 1 if one could not be run or an essential figure misses its target, such as "lines lost".
        Any other target that is missed is shown and is no failure: it depends on the machine and its other work.

    Raises:
        UsageError: for an unknown name, or a parameter that is no number.
    """
    if unknown := sorted(set(names) - set(known)):
        raise UsageError(f"there is no benchmark {', '.join(unknown)}; there are: {', '.join(known)}")
    chosen = [(known[name], known[name].parameters(environ)) for name in (names or known)]
    console = Console(width=None if Console().is_terminal else 160)
    reports: dict[str, Report] = {}
    failed = False
    for subject, parameters in chosen:
        console.print(f"[bold]{subject.name}[/bold]: {subject.purpose}")
        load = os.getloadavg()[0]
        try:
            report = _run_apart(subject, parameters)
        except Exception:  # noqa: BLE001  # the other benchmarks are run all the same, and the exit code tells
            console.print_exception(max_frames=8)
            failed = True
            continue
        reports[subject.name] = report
        _keep(results, subject, parameters, report, load)
    _show(console, reports)
    for name, report in reports.items():
        for figure in report.failed:
            console.print(f"[bold red]{name}: failed:[/bold red] {figure.name}: {_number(figure.value)} {figure.unit}")
            failed = True
    console.print(f"{_machine()['cores']} cores, Python {platform.python_version()}; kept in {results}/")
    return 1 if failed else 0


def _run_apart(subject: Subject, parameters: Parameters) -> Report:
    try:
        import uvloop
    except ImportError:
        return asyncio.run(_measured(subject, parameters))
    return uvloop.run(_measured(subject, parameters))


async def _measured(subject: Subject, parameters: Parameters) -> Report:
    return await subject.measure(parameters)


def _machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "memory_mb": round(psutil.virtual_memory().total / 2**20),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _keep(folder: Path, subject: Subject, parameters: Parameters, report: Report, load: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    kept = {
        "name": subject.name,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": _machine() | {"load_before": load},
        "parameters": parameters,
        "figures": [asdict(figure) | {"ratio": figure.ratio, "met": figure.met} for figure in report.figures],
        "notes": report.notes,
        "missing": report.missing,
    }
    (folder / f"{subject.name}.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def _show(console: Console, reports: Mapping[str, Report]) -> None:
    table = Table("figure", title="Figures", caption=_CAPTION)
    for heading in ("value", "unit", "baseline", "ratio", "target", "met"):
        table.add_column(heading, justify="left" if heading in {"unit", "baseline"} else "right")
    for name, report in reports.items():
        table.add_section()
        for figure in report.figures:
            table.add_row(f"{name}: {figure.name}", *_cells(figure))
    if any(report.figures for report in reports.values()):
        console.print(table)
    for name, report in reports.items():
        for missing in report.missing:
            console.print(f"[bold red]{name}: not measured:[/bold red] {missing}")
        for note in report.notes:
            console.print(f"{name}: {note}", highlight=False)


def _cells(figure: Figure) -> list[str]:
    compared = figure.baseline
    baseline = f"{_number(compared.value)} {compared.what}" if compared is not None else f"none: {figure.alone}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    target = "" if figure.target is None else f"{'≤' if figure.target.is_limit else '≥'} {figure.target.value:g}"
    met = "" if figure.met is None else "[green]yes[/green]" if figure.met else "[red]no[/red]"
    return [_number(figure.value), figure.unit, baseline, ratio, target, met]


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
