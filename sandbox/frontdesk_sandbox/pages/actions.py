"""What a page asks for: a form with JSON and files comes in, an answer or the sentence of a refusal goes out."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from frontdesk_sandbox.changes import NotSeenError
from frontdesk_sandbox.discord import File, RefusedError
from frontdesk_sandbox.discord.errors import ApiError as DiscordError
from frontdesk_sandbox.pages.live import same_origin
from frontdesk_sandbox.twilio.errors import ApiError as TwilioError

_FILES = 10
_BYTES = 25 * 1024 * 1024


class NoSuchThingError(LookupError):
    """What the page names is not there, or not any more."""


class NotUnderstoodError(Exception):
    """What the page sent is not what a page sends."""


@dataclass
class Action:
    """One thing that a person does on a page.

    Attributes:
        values: what the page sent, by name.
        files: the uploaded ones, by the name of their field.
    """

    values: dict[str, Any]
    files: dict[str, list[File]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A value that must be a text; NoSuchThingError otherwise."""
        value = self.values.get(name)
        if not isinstance(value, str):
            raise NoSuchThingError(f"the page did not say which {name}")
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        """A value that must be an object, empty if it is missing; NotUnderstoodError otherwise."""
        value = self.values.get(name) or {}
        if not isinstance(value, dict):
            raise NotUnderstoodError(name)
        return value

    def id(self, name: str) -> int:
        """A value that must be an id; NoSuchThingError otherwise."""
        value = str(self.values.get(name) or "")
        if not value.isdigit():
            raise NoSuchThingError(f"the page did not say which {name}")
        return int(value)


Doer = Callable[[Action], Awaitable[dict[str, Any] | None]]


async def act(request: Request, do: Doer) -> Response:
    """Carry out an action; refusals become a sentence for the page.

    Args:
        request: a POST with a multipart form: ``values`` (JSON) and files.
        do: what to do; what it returns is the answer.
    """
    if not same_origin(request):
        return _refusal(403, "Only the sandbox's own pages may do this.")
    try:
        answer = await do(await _read(request))
    except (RefusedError, NotSeenError) as refusal:
        return _refusal(409, _sentence(str(refusal)))
    except DiscordError as refusal:
        return _refusal(409, _sentence(refusal.body["message"]))
    except TwilioError as refusal:
        return _refusal(409, _sentence(refusal.message))
    except LookupError as gone:
        if isinstance(gone, KeyError | IndexError):
            raise
        return _refusal(404, _sentence(str(gone.args[0] if gone.args else "That is not there any more")))
    except NotUnderstoodError:
        return _refusal(400, "The page sent something that is not understood.")
    return JSONResponse(answer or {})


async def _read(request: Request) -> Action:
    async with request.form(max_files=_FILES, max_fields=5) as form:
        action = Action(_object(str(form.get("values") or "{}")))
        for name, part in form.multi_items():
            if isinstance(part, UploadFile):
                action.files.setdefault(name, []).append(await _file(part))
    return action


def _object(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise NotUnderstoodError("values") from error
    if not isinstance(values, dict):
        raise NotUnderstoodError("values")
    return values


async def _file(part: UploadFile) -> File:
    if (part.size or 0) > _BYTES:
        raise RefusedError(f"{part.filename} is larger than {_BYTES // 1024 // 1024} MB")
    return File(part.filename or "file", await part.read(), part.content_type or "application/octet-stream")


def _refusal(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status)


def _sentence(text: str) -> str:
    text = text.strip() or "That is not possible"
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")
