"""What a database cannot keep is taken out of words where they come in: one such line would hold up all behind it."""


def storable(text: str) -> str:
    """Take out NUL, which PostgreSQL refuses, and halves of characters, which are no UTF-8."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
