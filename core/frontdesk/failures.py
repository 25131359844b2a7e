"""What counts as a failure of a plugin: all that its code may raise, but for a cancellation from outside."""

import asyncio

FAILURES = (Exception, SystemExit, asyncio.CancelledError)
"""To be caught around a plugin's code. Where that code is awaited, ask `is_cancelled` first."""


def is_cancelled(error: BaseException) -> bool:
    """Tell whether an error is the cancellation of the task that runs, which has to go on.

    A plugin may also raise CancelledError of its own making, such as by awaiting a task that it has cancelled.
    """
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


class LeftError(Exception):
    """A plugin raised SystemExit or CancelledError, which would have ended more than the plugin."""


def as_exception(error: BaseException) -> Exception:
    """Give a failure as an error that harms nobody when it is raised again."""
    if isinstance(error, Exception):
        return error
    left = LeftError(f"{type(error).__name__}: {error}".removesuffix(": "))
    left.__cause__ = error
    return left
