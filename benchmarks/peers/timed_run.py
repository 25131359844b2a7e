"""Frontdesk with a stopwatch at the doors of its parts; writes ``parts`` and JSON (milliseconds) once it is ready."""

import asyncio
import functools
import json
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

SPENT: dict[str, float] = {}


def mark(part: str, began: float) -> None:
    """Add the time since ``began`` (of ``time.time``) to a part."""
    SPENT[part] = SPENT.get(part, 0.0) + (time.time() - began) * 1000


def timed(owner: type, name: str, part: str) -> None:
    """Measure a method that is awaited."""
    method: Callable[..., Awaitable[Any]] = getattr(owner, name)

    @functools.wraps(method)
    async def measured(*args: Any, **kwargs: Any) -> Any:
        began = time.time()
        try:
            return await method(*args, **kwargs)
        finally:
            mark(part, began)

    setattr(owner, name, measured)


async def main(began: float) -> None:
    """Start, tell, stop."""
    imports = time.time()
    mark("interpreter", began)
    from frontdesk.app import App
    from frontdesk.plugins import installed_plugins
    from frontdesk.settings import load_settings

    mark("imports of the core", imports)
    settling = time.time()
    settings = load_settings(Path(os.environ["TIMED_CONFIG"]), os.environ, known_plugins=installed_plugins())
    mark("settings", settling)
    making = time.time()
    app = App(settings)
    mark("plugins imported and made", making)
    import hikari
    from frontdesk.journal import Journal
    from frontdesk.store import Store
    from frontdesk.web import Web

    timed(Store, "connect", "database opened")
    timed(Store, "upgrade", "database schema")
    timed(Web, "start", "web")
    timed(hikari.GatewayBot, "start", "gateway")
    timed(type(app.commands.client), "start", "command sync")
    timed(Journal, "start", "journal")
    starting = time.time()
    await app.start()
    parts = sum(SPENT[part] for part in SPENT if part in _IN_START)
    SPENT["other"] = (time.time() - starting) * 1000 - parts
    print("parts", json.dumps(SPENT), flush=True)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await stopping.wait()
    await app.stop()


_IN_START = {"database opened", "database schema", "web", "gateway", "command sync", "journal"}

if __name__ == "__main__":
    import uvloop

    uvloop.run(main(float(os.environ["TIMED_BEGAN"])))
