"""Sign-in by Flex: the token of who is signed in there, as the panel hands it over, checked by Twilio."""

import re
from collections.abc import Mapping
from datetime import UTC

from frontdesk.staff import Role, highest_of
from frontdesk.staff_sessions import Arrival
from frontdesk.twilio import FlexToken, Twilio

_LONGEST_TOKEN = 16 * 1024
_ESCAPED = re.compile(r"_([0-9A-F]{2})")


class FlexSignIn:
    """Asks Twilio whose a Flex token is.

    Args:
        twilio: the client.
        roles: what the roles of Flex give here.
    """

    def __init__(self, twilio: Twilio, roles: Mapping[str, Role]) -> None:
        self._twilio = twilio
        self._roles = dict(roles)

    async def who(self, token: str) -> Arrival | None:
        """Whom a token belongs to; None for guests and others who do not work in Flex.

        Args:
            token: as Flex's page has it.

        Raises:
            TwilioError: permanent if the token is not valid (any more).
        """
        if not 0 < len(token) <= _LONGEST_TOKEN:
            return None
        found = await self._twilio.validate_token(token)
        if not found.is_agent:
            return None
        until = found.expiration
        if until is not None and until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        role = highest_of(self._roles, found.roles)
        return Arrival(f"flex:{found.identity}", _name(found), "flex", role, until)


def _name(token: FlexToken) -> str:
    """Flex writes identities with signs escaped: ``amira_40example_2Ecom``."""
    return _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), token.identity)
