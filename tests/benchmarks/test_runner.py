"""The runner: the table, the kept JSON, parameters from the environment, and how it ends."""

import json
from pathlib import Path

import pytest

from benchmarks.figures import Baseline, Figure, Report, Sample, Target
from benchmarks.runner import Parameters, Subject, UsageError, run, subjects


async def tiny(given: Parameters) -> Report:
    """Measure nothing much."""
    report = Report(notes=["a note"], missing=["the rest"])
    report.compare("sum", "s", Sample.of([given["size"]] * 3), ("plain", Sample.of([2])), target=Target(1))
    return report


async def broken(_: Parameters) -> Report:
    """Try to tell a figure that nobody can judge."""
    return Report([Figure("speed", 1, "m/s")])


async def other(_: Parameters) -> Report:
    """Measure something else."""
    return Report([Figure("speed", 1, "m/s", Baseline("on foot", 2))])


KNOWN = {
    "tiny": Subject("tiny", "A tiny benchmark.", {"size": 4}, tiny),
    "broken": Subject("broken", "One without a baseline.", {}, broken),
    "other": Subject("other", "Another.", {}, other),
}


def test_a_figure_is_shown_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tiny"], {}, results=tmp_path, known=KNOWN) == 0
    shown = capsys.readouterr().out
    for wanted in ("tiny: sum", "2 plain", "2.00", "no", "a note", "not measured", "the rest"):
        assert wanted in shown
    kept = json.loads((tmp_path / "tiny.json").read_text())
    assert kept["parameters"] == {"size": 4}
    assert {"cores", "python"} <= set(kept["machine"])
    (figure,) = kept["figures"]
    assert (figure["name"], figure["value"], figure["unit"], figure["ratio"], figure["met"]) == (
        "sum",
        4,
        "s",
        2,
        False,
    )
    assert figure["baseline"] == {"what": "plain", "value": 2}
    assert figure["spread"]["n"] == 3


@pytest.mark.parametrize(("lost", "code"), [(0, 0), (1, 1)])
def test_an_essential_figure_that_misses_its_target_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lost: int, code: int
) -> None:
    async def losing(_: Parameters) -> Report:
        return Report([Figure("lines lost", lost, "", target=Target(0), alone="none may be", essential=True)])

    known = {"losing": Subject("losing", "One that may lose lines.", {}, losing)}
    assert run([], {}, results=tmp_path, known=known) == code
    assert ("losing: failed: lines lost: 1" in capsys.readouterr().out) is bool(lost)


def test_parameters_come_from_the_environment(tmp_path: Path) -> None:
    assert run(["tiny"], {"BENCH_TINY_SIZE": "0.5"}, results=tmp_path, known=KNOWN) == 0
    kept = json.loads((tmp_path / "tiny.json").read_text())
    assert kept["parameters"] == {"size": 0.5}
    assert kept["figures"][0]["met"] is True


@pytest.mark.parametrize("value", ["many", "0", "-1", "nan", "inf"])
def test_a_parameter_that_is_no_number_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(UsageError, match="BENCH_TINY_SIZE"):
        run(["tiny"], {"BENCH_TINY_SIZE": value}, results=tmp_path, known=KNOWN)


def test_a_benchmark_without_its_baseline_fails_and_the_others_are_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([], {}, results=tmp_path, known=KNOWN) == 1
    assert "has no baseline" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.json", "tiny.json"]


def test_an_unknown_benchmark_is_named() -> None:
    with pytest.raises(UsageError, match="there is no benchmark teapot; there are: tiny"):
        run(["teapot"], {}, known=KNOWN)


def test_every_subject_can_be_run() -> None:
    found = subjects()
    assert {"start", "help", "memory", "hooks", "bridge", "journal", "knowledge"} <= set(found)
    assert all(subject.purpose and subject.parameters({}) for subject in found.values())


def test_a_real_benchmark_in_short(tmp_path: Path) -> None:
    environ = {"BENCH_HOOKS_ROUNDS": "2", "BENCH_HOOKS_CALLS": "3"}
    assert run(["hooks"], environ, results=tmp_path, known=subjects()) == 0
    figures = json.loads((tmp_path / "hooks.json").read_text())["figures"]
    assert all(figure["value"] > figure["baseline"]["value"] > 0 for figure in figures)
