"""The hook that this plugin brings."""

from frontdesk import Person, first


@first(since="0.1", deadline=2.0)
async def choose_greeting(*, person: Person) -> str | None:
    """Choose the words with which a person is greeted.

    Args:
        person: who said hello.

    Returns:
        The greeting, or None to leave it to others.
    """
