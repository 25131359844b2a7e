"""What can go wrong with Twilio, as one typed error: was it done, may it be repeated, when."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from frontdesk.errors import FrontdeskError

TOO_MANY = frozenset({20429, 50063, 50074})
CONFLICT = frozenset({50349, 50391})  # "try again": nothing was changed
_CREDENTIALS = frozenset({20003, 20005})


class TwilioError(FrontdeskError):
    """Twilio refused a request, or gave no usable answer.

    Args:
        message: one sentence, without secrets.
        code: Twilio's error code (https://www.twilio.com/docs/api/errors), if it gave one.
        status: the HTTP status, if there was an answer.
        retry_after: seconds after which a repetition makes sense, if known.
        ambiguous: a changing request that may have been carried out all the same.
        permanent: repeating the same request cannot help.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int | None = None,
        status: int | None = None,
        retry_after: float | None = None,
        ambiguous: bool = False,
        permanent: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.retry_after = retry_after
        self.ambiguous = ambiguous
        self.permanent = permanent


@dataclass(frozen=True)
class Answer:
    """What came back for one request: status, headers (any case) and body."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The body as text; Twilio always writes UTF-8."""
        return self.content.decode("utf-8", "replace")


def refusal(answer: Answer, request: str, *, changing: bool, now: float) -> TwilioError:
    """The error that an answer of 400 and above means.

    Args:
        answer: what came back.
        request: method and path, for the message.
        changing: whether the request would have changed something.
        now: seconds since the epoch, for a Retry-After that names a date.
    """
    code, reason = _said(answer)
    limited = answer.status == 429 or code in TOO_MANY
    conflict = code in CONFLICT
    credentials = answer.status == 401 or code in _CREDENTIALS
    told = f" (error {code})" if code is not None else ""
    hint = "; check the account SID and the auth token" if credentials else ""
    return TwilioError(
        f"Twilio answered {request} with {answer.status}{told}: {reason}{hint}",
        code=code,
        status=answer.status,
        retry_after=retry_after(answer.headers, now),
        ambiguous=changing and answer.status >= 500 and not limited,
        permanent=answer.status < 500 and answer.status != 408 and not (limited or conflict or credentials),
    )


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait by a Retry-After header (seconds or a date), None if absent or unreadable."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return None


def _said(answer: Answer) -> tuple[int | None, str]:
    """Twilio's code and sentence; its newer products say title and detail instead of message."""
    try:
        body = json.loads(answer.content)
    except ValueError:
        return None, "no readable reason"
    if not isinstance(body, dict):
        return None, "no readable reason"
    code = body.get("code")
    said = [str(body[key]) for key in ("message", "title", "detail") if body.get(key)]
    return code if isinstance(code, int) else None, (" - ".join(said) or "no reason given")[:300]
