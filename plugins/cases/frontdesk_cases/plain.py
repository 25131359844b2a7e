"""Other people's words in the middle of our sentences in Discord: shown as they were written."""

_SPECIAL = r"\*_~`|>#[]()<:@-"


def escaped(text: str) -> str:
    """Keep a text from being read as Markdown or as a mention."""
    return "".join(f"\\{sign}" if sign in _SPECIAL else sign for sign in " ".join(text.split()))
