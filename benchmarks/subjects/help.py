"""Time of ``frontdesk --help``, and of the help of commands that other packages bring."""

import asyncio
import sys
import time

from benchmarks.figures import Report, Sample, Target
from benchmarks.runner import Parameters

DEFAULTS: Parameters = {"runs": 15}
_COMMANDS = ("frontdesk --help", "frontdesk demo --help", "frontdesk flex --help")


async def measure(given: Parameters) -> Report:
    """Run it and ``python -c pass`` in turns."""
    figures: dict[str, list[float]] = {command: [] for command in _COMMANDS}
    bare: list[float] = []
    for turn in range(int(given["runs"]) + 2):
        empty = await _time("-c", "pass")
        times = {command: await _time("-m", *command.split()) for command in _COMMANDS}
        if turn >= 2:
            bare.append(empty)
            for command, seconds in times.items():
                figures[command].append(seconds)
    report = Report(notes=["medians; two runs of each as warm-up are not counted"])
    theirs = ("python -c pass", Sample.of(bare))
    for command, samples in figures.items():
        report.compare(command, "s", Sample.of(samples), theirs, target=Target(0.4))
    return report


async def _time(*arguments: str) -> float:
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    elapsed = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"python {' '.join(arguments)} failed: {errors.decode()}")
    return elapsed
