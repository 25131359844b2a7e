"""Cutting a connection as a broken network does, which ASGI has no word for."""

from typing import Any


def abort(receive: Any) -> None:
    """Cut the TCP connection under an ASGI request or socket.

    uvicorn's ``receive`` is a method of the object that holds the transport. A middleware that replaces
    ``receive`` hides it; then nothing can be cut.

    Raises:
        RuntimeError: if the connection cannot be reached.
    """
    for _ in range(4):
        owner = getattr(receive, "__self__", None)
        transport = getattr(owner, "transport", None)
        if transport is not None:  # asyncio's or uvloop's, which share no class
            transport.abort()
            return
        receive = getattr(owner, "_receive", None)
    raise RuntimeError("the connection cannot be cut: it is hidden behind a middleware")


async def cut(receive: Any) -> None:
    """Cut the connection under an HTTP request, and wait until the server has noticed."""
    abort(receive)
    while (await receive())["type"] != "http.disconnect":
        pass
