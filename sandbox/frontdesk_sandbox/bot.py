"""A real bot process against a sandbox: ``frontdesk run`` with a bot.toml of its own and two base addresses set."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import tomlkit

from frontdesk_sandbox.sandbox import Sandbox


class BotError(Exception):
    """The bot did not do what it should: start, or stop."""


class Bot:
    """One bot process, which can be stopped, killed and started again on the same data.

    Args:
        sandbox: a running sandbox.
        folder: for its bot.toml and data.
        plugins: which plugins are on, with their settings.
        settings: further tables of bot.toml.
        environ: further environment variables, such as ``FRONTDESK_DATABASE_URL``.
        arguments: further arguments of ``frontdesk run``.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        folder: Path,
        *,
        plugins: Mapping[str, bool | Mapping[str, Any]],
        settings: Mapping[str, Any] | None = None,
        environ: Mapping[str, str] | None = None,
        arguments: tuple[str, ...] = (),
    ) -> None:
        self.sandbox = sandbox
        self.config = folder / "bot.toml"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        sandbox.discord.world.redirect_uris.append(f"{self.url}/staff/sign-in/discord/callback")
        self.events: list[dict[str, Any]] = []
        self.earlier_errors: list[dict[str, Any]] = []
        self.seconds_to_ready = 0.0
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._wants_account = bool(plugins.get("helpdesk"))
        self._environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")},
            "FRONTDESK_DISCORD_TOKEN": sandbox.discord.token,
            "FRONTDESK_DISCORD_CLIENT_SECRET": sandbox.discord.oauth.client_secret,
            "FRONTDESK_DISCORD_URL": sandbox.discord.rest_url,
            "FRONTDESK_TWILIO_AUTH_TOKEN": sandbox.twilio.auth_token,
            "FRONTDESK_TWILIO_ACCOUNT_SID": sandbox.twilio.account_sid,
            "FRONTDESK_TWILIO_URL": sandbox.url,
            **(environ or {}),
        }
        account = sandbox.twilio.world
        tables: dict[str, Any] = {
            "web": {"port": self.port, "public_url": self.url},
            "twilio": {"flex_instance_sid": account.instance_sid, "chat_service_sid": account.chat.service.sid},
            "log": {"format": "json"},
            "fetch": {"allow_private": ["127.0.0.1"]},
            "plugins": dict(plugins),
        }
        for name, table in (settings or {}).items():
            tables[name] = {**tables.get(name, {}), **table}
        # The furnished server's moderators are staff, and the agent's desktop may show our pages.
        staff = {"agent": ["Moderator"], "flex_origins": [sandbox.url], **tables.pop("staff", {})}
        tables["staff"] = staff
        self.config.write_text(tomlkit.dumps(tables), encoding="utf-8")

    async def deploy(self) -> None:
        """Have the helpdesk set up the Flex account, as an owner would with ``frontdesk flex deploy``."""
        for entry in entry_points(group="frontdesk.cli", name="flex"):
            main = entry.load()
            code = await asyncio.to_thread(main, ["deploy", "--config", str(self.config)], self._environ)
            if code != 0:
                raise BotError("frontdesk flex deploy failed")
        self._wants_account = False

    async def start(self, *, deadline: float = 30.0) -> None:
        """Start the process and wait until it says that it is ready.

        Raises:
            BotError: if it ends instead, with what it logged.
        """
        if self._wants_account and not any(self.sandbox.twilio.world.studio.flows):
            await self.deploy()
        began = time.perf_counter()
        await self.launch()
        try:
            await self.logged("ready", deadline=deadline)
        except BotError:
            await self.kill()
            raise
        self.seconds_to_ready = time.perf_counter() - began
        self.sandbox.bot_url = self.url

    async def launch(self) -> None:
        """Start the process and do not wait for it to be ready."""
        self.earlier_errors += self.errors()
        self.events.clear()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "frontdesk", "run", "--config", str(self.config), *self._arguments,
            env=self._environ, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, limit=1 << 20,
        )  # fmt: skip
        self._reading = asyncio.create_task(self._read(self._process))

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            try:
                event = json.loads(line)
            except ValueError:
                event = {"event": line.decode(errors="replace").rstrip(), "level": "error"}
            self.events.append(event)
            self._changed.set()
        await process.wait()
        self._changed.set()

    async def command(self, *arguments: str) -> tuple[int, str]:
        """Run another command of ``frontdesk`` with this bot's settings and environment, such as ``check``.

        Returns:
            The exit code, and what was printed.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "frontdesk", *arguments, "--config", str(self.config),
            env=self._environ, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        printed, _ = await process.communicate()
        return process.returncode or 0, printed.decode()

    async def logged(self, event: str, *, deadline: float = 10.0) -> dict[str, Any]:
        """Wait until the bot has logged an event.

        Args:
            event: its name.
            deadline: seconds to wait.

        Returns:
            The log line.

        Raises:
            BotError: if it ends first, or the deadline passes.
        """
        try:
            async with asyncio.timeout(deadline):
                while True:
                    self._changed.clear()
                    for line in self.events:
                        if line.get("event") == event:
                            return line
                    if self._reading is None or self._reading.done():
                        raise BotError(f"the bot ended with code {self.exit_code}:\n{self.log_text()}")
                    await self._changed.wait()
        except TimeoutError:
            raise BotError(f"the bot did not log {event!r} within {deadline:g} s:\n{self.log_text()}") from None

    def log_text(self) -> str:
        """Give what the bot has logged so far, for error messages."""
        return "\n".join(json.dumps(event) for event in self.events[-40:])

    def errors(self) -> list[dict[str, Any]]:
        """List what the bot logged as errors since it was started, and events that hikari could not read.

        Those of the lives before are in ``earlier_errors``.
        """
        return [
            event
            for event in self.events
            if event.get("level") in {"error", "critical"} or "raw event dispatch" in str(event.get("event"))
        ]

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code, once the process has ended."""
        return None if self._process is None else self._process.returncode

    @property
    def is_running(self) -> bool:
        """Tell whether the process runs."""
        return self._process is not None and self._process.returncode is None

    async def wait(self, *, deadline: float = 30.0) -> int:
        """Wait until the process has ended by itself.

        Returns:
            The exit code.

        Raises:
            BotError: if it goes on.
        """
        assert self._process is not None
        assert self._reading is not None
        try:
            async with asyncio.timeout(deadline):
                await asyncio.shield(self._reading)
        except TimeoutError:
            raise BotError(f"the bot did not end within {deadline:g} s:\n{self.log_text()}") from None
        return await self._process.wait()

    async def stop(self, *, deadline: float = 10.0) -> int:
        """Ask the process to stop with SIGTERM, and wait.

        Returns:
            The exit code.

        Raises:
            BotError: if it does not end within the deadline.
        """
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
        try:
            return await self.wait(deadline=deadline)
        except BotError:
            await self.kill()
            raise

    async def kill(self) -> None:
        """End the process with SIGKILL: no clean-up, as in a power cut."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
        if self._reading is not None:
            await self._reading


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
