"""iam.twilio.com: Flex tokens, and the validation that the side panel asks for."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .clock import Clock, rest_time
from .errors import not_found
from .http import Answer, Call, Table
from .sids import new_sid
from .taskrouter.state import Worker


@dataclass(frozen=True)
class FlexToken:
    """Someone signed in to Flex."""

    text: str
    identity: str
    roles: tuple[str, ...]
    worker_sid: str | None
    expires: datetime
    realm_user_id: str


class Iam:
    """Issues and validates Flex tokens.

    Args:
        account_sid: the account.
        clock: tells the time.
    """

    LIFETIME = timedelta(hours=1)

    def __init__(self, account_sid: str, clock: Clock) -> None:
        self._account = account_sid
        self._clock = clock
        self._tokens: dict[str, FlexToken] = {}

    def issue(self, worker: Worker, roles: tuple[str, ...] = ("agent",)) -> str:
        """Sign a worker in."""
        return self._keep(worker.identity, roles, worker.sid)

    def issue_guest(self, identity: str) -> str:
        """Sign in someone who is no worker, as web chat guests are."""
        return self._keep(identity, ("guest",), None)

    def _keep(self, identity: str, roles: tuple[str, ...], worker_sid: str | None) -> str:
        text = f"{secrets.token_urlsafe(24)}.{secrets.token_urlsafe(48)}.{secrets.token_urlsafe(24)}"
        expires = self._clock.now() + self.LIFETIME
        self._tokens[text] = FlexToken(text, identity, roles, worker_sid, expires, new_sid("US"))
        return text

    def revoke(self, text: str) -> None:
        """Sign out."""
        self._tokens.pop(text, None)

    def fill(self, table: Table) -> None:
        """Register every path."""
        table.add("POST", "/v1/Accounts/{AccountSid}/Tokens/validate", self.validate)

    def validate(self, call: Call) -> Answer:
        """Whether a token is good, and whose it is."""
        if call.args["AccountSid"] != self._account:
            raise not_found(f"Account {call.args['AccountSid']}")
        wish: Any = call.document()
        token = self._tokens.get(str(wish.get("token"))) if isinstance(wish, dict) else None
        if token is None:
            return Answer(200, {"valid": False, "code": 0, "message": "The token is not valid"})
        if token.expires <= self._clock.now():
            return Answer(200, {"valid": False, "code": 1, "message": "The token is expired"})
        return Answer(
            200,
            {
                "valid": True,
                "code": 0,
                "message": None,
                "expiration": rest_time(token.expires),
                "realm_user_id": token.realm_user_id,
                "identity": token.identity,
                "roles": list(token.roles),
                "worker_sid": token.worker_sid,
            },
        )
