"""The demonstration needs no network: the sandbox and the bot listen on this machine alone, and ask nobody outside."""

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

import aiohttp
import psutil
import pytest
from frontdesk_sandbox.pytest_plugin import TestDesk
from frontdesk_sandbox.tour import Step, Tour

GUARD = Path(__file__).parent / "loopback_only"
NOTES = "LOOPBACK_NOTES"
LOCAL = ("127.0.0.1", "::1")


class Guarded:
    """Runs programs that cannot leave this machine.

    Args:
        folder: for the notes.
    """

    def __init__(self, folder: Path) -> None:
        self._notes = folder / "notes"

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        """Start Python; what it starts in turn is guarded too."""
        return await asyncio.create_subprocess_exec(
            sys.executable, *arguments, env={**os.environ, "PYTHONPATH": str(GUARD), NOTES: str(self._notes)},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip

    def notes(self, beginning: str) -> list[str]:
        """What was noted: ``"allowed"`` or ``"refused"``, then the event."""
        return [line for line in self._notes.read_text().splitlines() if line.startswith(beginning)]


@pytest.fixture
def guarded(tmp_path: Path) -> Guarded:
    return Guarded(tmp_path)


@pytest.mark.parametrize(
    "leaves",
    [
        "socket.socket().connect(('192.0.2.1', 9))",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))",
        "socket.socket().bind(('0.0.0.0', 0))",
        "socket.socket().bind(('', 0))",
        "socket.getaddrinfo('discord.com', 443)",
        "asyncio.run(asyncio.open_connection('192.0.2.1', 9))",
    ],
)
async def test_the_guard_lets_nobody_out(guarded: Guarded, leaves: str) -> None:
    process = await guarded.start("-c", f"import asyncio, socket; {leaves}")
    printed, _ = await process.communicate()
    assert b"NotLoopbackError" in printed
    assert process.returncode == 1
    assert len(guarded.notes("refused")) == 1


async def test_the_tour_is_played_without_network(guarded: Guarded) -> None:
    process = await guarded.start("-m", "frontdesk", "demo", "--tour")
    printed, _ = await process.communicate()
    assert guarded.notes("refused") == []
    assert process.returncode == 0, printed.decode()
    assert "Every step was observed" in printed.decode()
    for part in ("'demo', '--tour'", "'run', '--config'"):
        for event in ("bind", "connect"):
            assert any(part in line for line in guarded.notes(f"allowed socket.{event} ")), (part, event)


async def test_the_demonstrations_pages_are_served_without_network(guarded: Guarded) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await guarded.start("-m", "frontdesk", "demo", "--port", str(port))
    assert process.stdout is not None
    try:
        while b"Ctrl+C ends it" not in (line := await process.stdout.readline()):
            assert line, "it ended"
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as page:
            assert page.status == 200
        process.send_signal(signal.SIGTERM)
        await process.communicate()
        assert process.returncode == 0
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    assert guarded.notes("refused") == []


async def test_every_socket_of_a_running_desk_is_on_this_machine(desk: TestDesk) -> None:
    steps: list[Step] = []
    assert await Tour(desk.sandbox, desk.house, steps.append).play(), steps[-1]
    ends = {
        getattr(end, "ip", "")  # a socket that listens has no other end
        for pid in (desk.bot.pid, os.getpid())
        for opened in psutil.Process(pid).net_connections("inet")
        for end in (opened.laddr, opened.raddr)
    }
    assert {"", "127.0.0.1"} <= ends
    assert ends <= {"", *LOCAL}
