"""Says in one sentence why a database that answers does not let its tables be looked at or brought up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from .errors import StartError, StoreUnavailable


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Turn what the database says into a sentence for the owner.

    Raises:
        StoreUnavailable: the connection to the database was lost, or none can be had.
        StartError: the database refuses a statement: a role may not create tables, a disk is full, a file is locked.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated:
            raise StoreUnavailable(f"The database does not answer: {error.orig}.") from error
        # The driver's own error has the plain reason; SQLAlchemy's wrapping puts the name of its class in front.
        reason = " ".join(str((error.orig and error.orig.__cause__) or error.orig).split()).rstrip(".")
        raise StartError(f"The database refuses what Frontdesk needs for its tables: {reason}.") from error
