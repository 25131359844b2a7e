"""Twilio's identifiers: two letters that say the kind, and 32 hexadecimal digits."""

import re
import secrets

_SID = re.compile(r"^[A-Z]{2}[0-9a-f]{32}$")


def new_sid(prefix: str) -> str:
    """Make an identifier that was never used before, such as ``CH...`` for a conversation."""
    return prefix + secrets.token_hex(16)


def is_sid(text: str, prefix: str = "") -> bool:
    """Whether the text is an identifier, of this kind if one is named."""
    return bool(_SID.match(text)) and text.startswith(prefix)
