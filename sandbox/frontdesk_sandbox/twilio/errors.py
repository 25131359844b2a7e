"""Refusals of the REST API: one exception, and a name for each of Twilio's codes that the sandbox gives."""

from typing import Any


class ApiError(Exception):
    """A refusal, as Twilio words it.

    Args:
        status: the HTTP status.
        code: Twilio's error code.
        message: the sentence in the answer.
        headers: extra headers, such as Retry-After.
        details: more for the answer's ``details`` field.
    """

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        headers: dict[str, str] | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}
        self.details = details

    def body(self) -> dict[str, Any]:
        """The JSON answer."""
        answer: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        if self.details is not None:
            answer["details"] = self.details
        return answer


def unauthorized() -> ApiError:
    """Wrong account or token."""
    return ApiError(401, 20003, "Authenticate", {"WWW-Authenticate": 'Basic realm="Twilio API"'})


def no_such_path(path: str) -> ApiError:
    """Nothing is served at this address."""
    return ApiError(404, 20404, f"The requested resource {path} was not found")


def not_found(what: str, code: int = 20404) -> ApiError:
    """A resource that does not exist (any more)."""
    return ApiError(404, code, f"{what} not found")


def invalid(message: str, code: int = 20001) -> ApiError:
    """A parameter that cannot be accepted."""
    return ApiError(400, code, message)


def too_many_requests() -> ApiError:
    """More changing actions than the scope allows in a second."""
    return ApiError(429, 20429, "Too Many Requests", {"Retry-After": "1"})


def closed_for_good() -> ApiError:
    """A closed conversation takes no more changes."""
    return ApiError(400, 50377, "Conversation is closed; a closed conversation cannot be changed")
