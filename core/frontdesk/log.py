"""Logging for the whole process: structlog's events and everyone else's stdlib records, one line each.

Bodies of messages do not belong into events; secrets that slip in are masked here.
"""

import logging
import re
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

MASK = "[hidden]"

_SECRET_NAME = re.compile(r"token|secret|passw|authorization|cookie|signature|api_?key", re.IGNORECASE)
_SECRET_TEXTS: tuple[tuple[re.Pattern[str], str], ...] = (
    # "Authorization: Bot abc", "Bearer abc", "Basic abc"
    (re.compile(r"\b(Bot|Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{12,}"), rf"\1 {MASK}"),
    # a Discord token: base64 of the bot's id, a time, a signature
    (re.compile(r"\b[A-Za-z0-9_-]{18,30}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{25,}"), MASK),
    # a Discord interaction or webhook address: whoever has it can speak with the bot's voice
    (re.compile(r"(/(?:webhooks|interactions)/\d+/)[A-Za-z0-9_.-]{20,}"), rf"\1{MASK}"),
    # postgresql://user:password@host
    (re.compile(r"(\w+://[^/\s:@]*):[^/\s@]+@"), rf"\1:{MASK}@"),
    # the signature of one of our own links; "token=..." in an address or a message
    (re.compile(r"(\b(?:sig|\w*token|\w*secret|password)=)[^&\s\"']+", re.IGNORECASE), rf"\1{MASK}"),
)
# Loggers that talk at INFO about every request or connection; their warnings still come through.
_CHATTY = (
    "aiohttp.access",
    "aiosqlite",
    "asyncio",
    "hikari.ratelimits",
    "twilio",
    "uvicorn.access",
    "uvicorn.error",
)


class Redact:
    """A structlog processor that masks secrets, by the name of a value and by what a text looks like.

    Args:
        secrets: texts that must never be written, for example the tokens in use; short ones are ignored,
            they would mask ordinary words.
    """

    def __init__(self, secrets: Collection[str] = ()) -> None:
        self._secrets = sorted({secret for secret in secrets if len(secret) >= 8}, key=len, reverse=True)

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        for name, value in event.items():
            if name != "event" and value is not None and _SECRET_NAME.search(name):
                event[name] = MASK
            else:
                event[name] = self._clean(value)
        return event

    def text(self, text: str) -> str:
        """The text with everything that looks like a secret masked."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        for pattern, replacement in _SECRET_TEXTS:
            text = pattern.sub(replacement, text)
        return text

    def _clean(self, value: object) -> object:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {
                key: MASK if isinstance(key, str) and _SECRET_NAME.search(key) else self._clean(item)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [self._clean(item) for item in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(str(value))


def configure_logging(
    level: str = "info",
    format: Literal["console", "json"] = "console",  # noqa: A002 - the name of the setting
    stream: TextIO | None = None,
    *,
    secrets: Collection[str] = (),
) -> None:
    """Send structlog events and stdlib records to one stream, one line each, secrets masked.

    Args:
        level: the least level that is written ("debug", "info", "warning", "error").
        format: "console" for people, "json" for machines.
        stream: where to; standard error by default.
        secrets: texts that must never be written.

    Raises:
        ValueError: if the level is not one that logging knows.
    """
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Frames' local variables are never shown: they hold tokens and messages.
    finish: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        Redact(secrets),
        _renderer(format, stream),
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()], processors=finish
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _renderer(format: Literal["console", "json"], stream: TextIO) -> Processor:  # noqa: A002 - as above
    if format == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    plain: Callable[..., None] = structlog.dev.plain_traceback
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), exception_formatter=plain, pad_event_to=32, pad_level=False
    )
