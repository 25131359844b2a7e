"""Refusals: of Discord to the bot (with Discord's codes), and of a chat client to the person who uses it."""

from typing import Any


class ApiError(Exception):
    """A REST refusal in Discord's shape.

    Args:
        status: the HTTP status.
        code: Discord's JSON error code, https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
        message: Discord's sentence.
        errors: what is wrong with which field, for code 50035.
    """

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(f"{status} {code}: {message} {errors or ''}")
        self.status = status
        self.body: dict[str, Any] = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


class RefusedError(AssertionError):
    """The chat client, or Discord, would not let the person do what was asked."""


def unknown(what: str) -> ApiError:
    """The 404 for something that does not exist, such as ``unknown("Channel")``."""
    return ApiError(404, _UNKNOWN[what], f"Unknown {what}")


_UNKNOWN = {
    "Application": 10002, "Channel": 10003, "Guild": 10004, "Member": 10007, "Message": 10008,
    "Permission Overwrite": 10009, "Role": 10011, "User": 10013, "Emoji": 10014, "Webhook": 10015,
    "Ban": 10026, "Interaction": 10062, "application command": 10063,
}  # fmt: skip


def missing_permissions() -> ApiError:
    """The 403 for something that exists and is seen, but may not be done."""
    return ApiError(403, 50013, "Missing Permissions")


def missing_access() -> ApiError:
    """The 403 for something that may not even be seen."""
    return ApiError(403, 50001, "Missing Access")


def invalid(path: str, message: str, code: str = "BASE_TYPE_BAD") -> ApiError:
    """The 400 for a field that breaks a rule.

    Args:
        path: the field, dotted, such as ``"embeds.0.title"``.
        message: Discord's sentence about the field.
        code: Discord's name of the rule.
    """
    errors: dict[str, Any] = {"_errors": [{"code": code, "message": message}]}
    for part in reversed(path.split(".")):
        errors = {part: errors}
    return ApiError(400, 50035, "Invalid Form Body", errors)


def too_long(path: str, limit: int) -> ApiError:
    """The 400 for a text of more than ``limit`` characters."""
    return invalid(path, f"Must be {limit} or fewer in length.", "BASE_TYPE_MAX_LENGTH")
