"""``frontdesk demo``: the whole desk on this machine, without any account and without network.

What it needs is imported where it is used, so that its help comes at once.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from frontdesk_sandbox.bot import Bot
    from frontdesk_sandbox.sandbox import Sandbox
    from frontdesk_sandbox.tour import Step


def main(argv: Sequence[str]) -> int:
    """Run the demonstration.

    Args:
        argv: what follows ``frontdesk demo``.

    Returns:
        The exit code; with ``--tour``, 0 only if every step was observed.
    """
    parser = argparse.ArgumentParser(prog="frontdesk demo", description="Try everything on this machine.")
    parser.add_argument("--port", type=int, default=8765, help="where the pages are served (default: 8765)")
    parser.add_argument("--tour", action="store_true", help="play the whole story by itself, without a browser")
    options = parser.parse_args(list(argv))
    import asyncio
    import tempfile

    from rich.console import Console

    from frontdesk_sandbox.bot import BotError

    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="frontdesk-demo-") as folder:
        try:
            return asyncio.run(
                _tour(Path(folder), console) if options.tour else _demo(Path(folder), options.port, console)
            )
        except OSError as error:
            console.print(f"frontdesk demo: port {options.port} cannot be used: {error.strerror}", style="red")
        except BotError as error:
            console.print(f"frontdesk demo: {error}", style="red")
        return 1


async def _demo(folder: Path, port: int, console: "Console") -> int:
    import asyncio
    import signal

    from frontdesk_sandbox.bot import BotError
    from frontdesk_sandbox.house import furnish
    from frontdesk_sandbox.sandbox import Sandbox

    sandbox = Sandbox(port)
    await sandbox.start()
    furnish(sandbox)
    bot = _bot(sandbox, folder)
    await sandbox.twilio.agent("amira").available()
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    try:
        with console.status("Starting the bot …"):
            await bot.start()
        console.print(f"\n[bold]Frontdesk's demonstration is ready:[/bold] {sandbox.url}\n")
        console.print("  left   a chat client: try [bold]/helpme[/bold], [bold]/bug[/bold], [bold]/new_feature[/bold]")
        console.print("  right  an agent's desktop: accept the task, answer, complete")
        console.print(f"  the bot itself: {bot.url}  (health: {bot.url}/health)")
        console.print(f"  for staff: {bot.url}/staff/  (Mina is a supervisor, Tariq an agent)\n")
        console.print("Discord and Twilio are simulated here. Ctrl+C ends it.")
        ended = asyncio.create_task(bot.wait(deadline=float("inf")))
        asked = asyncio.create_task(stopping.wait())
        await asyncio.wait({ended, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if ended.done():
            raise BotError(f"the bot ended with code {ended.result()}:\n{bot.log_text()}")
        ended.cancel()
        return 0
    finally:
        await bot.stop()
        await sandbox.stop()


async def _tour(folder: Path, console: "Console") -> int:
    from frontdesk_sandbox.house import furnish
    from frontdesk_sandbox.sandbox import Sandbox
    from frontdesk_sandbox.tour import Tour

    sandbox = Sandbox()
    await sandbox.start(pages=False)
    house = furnish(sandbox)
    bot = _bot(sandbox, folder)
    try:
        with console.status("Starting the bot …"):
            await bot.start()
        console.print(f"The bot is ready after {bot.seconds_to_ready:.2f} s. Discord and Twilio are simulated.\n")

        def told(step: "Step") -> None:
            mark = "[green]✓[/green]" if step.ok else "[red]✗[/red]"
            console.print(f"{mark} {step.title} [dim]({step.seconds * 1000:.0f} ms)[/dim]")
            console.print(f"    {step.seen}", markup=False, soft_wrap=True)

        played = await Tour(sandbox, house, told).play()
        errors = bot.errors()
    finally:
        code = await bot.stop()
        await sandbox.stop()
    for error in errors:
        console.print(f"the bot logged: {error}", style="red", markup=False)
    ok = played and code == 0 and not errors
    console.print("\nEvery step was observed." if ok else f"\nNot everything went well (the bot's exit code: {code}).")
    return 0 if ok else 1


def _bot(sandbox: "Sandbox", folder: Path) -> "Bot":
    from frontdesk_sandbox.bot import Bot
    from frontdesk_sandbox.house import PLUGINS

    plugins = {**PLUGINS, "cases": {"frame_ancestors": [sandbox.url]}}
    return Bot(sandbox, folder, plugins=plugins)
