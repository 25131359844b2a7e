"""Time of ``frontdesk --help`` and ``frontdesk demo --help``."""

import asyncio
import sys
import time

from benchmarks.figures import Report, Sample, Target
from benchmarks.runner import Parameters

DEFAULTS: Parameters = {"runs": 15}


async def measure(given: Parameters) -> Report:
    """Run it and ``python -c pass`` in turns."""
    ours, demo, bare = [], [], []
    for turn in range(int(given["runs"]) + 2):
        seconds = await _time("-m", "frontdesk", "--help"), await _time("-c", "pass")
        of_demo = await _time("-m", "frontdesk", "demo", "--help")
        if turn >= 2:
            ours.append(seconds[0])
            bare.append(seconds[1])
            demo.append(of_demo)
    report = Report(notes=["medians; two runs of each as warm-up are not counted"])
    theirs = ("python -c pass", Sample.of(bare))
    report.compare("frontdesk --help", "s", Sample.of(ours), theirs, target=Target(0.4))
    report.compare("frontdesk demo --help", "s", Sample.of(demo), theirs, target=Target(0.4))
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
