"""api.twilio.com: the account itself, as credential checks fetch it."""

from datetime import datetime
from email.utils import format_datetime

from .errors import not_found
from .http import Answer, Call, Table


class AccountApi:
    """Serves the one account."""

    def __init__(self, account_sid: str, auth_token: str, created: datetime) -> None:
        self._sid = account_sid
        self._auth_token = auth_token
        self._created = created

    def fill(self, table: Table) -> None:
        """Register every path."""
        table.add("GET", "/2010-04-01/Accounts/{Sid}", self.fetch)

    def fetch(self, call: Call) -> Answer:
        """The account."""
        if call.args["Sid"].removesuffix(".json") != self._sid:
            raise not_found(f"Account {call.args['Sid']}")
        root = f"/2010-04-01/Accounts/{self._sid}"
        created = format_datetime(self._created, usegmt=True)
        return Answer(
            200,
            {
                "sid": self._sid,
                "auth_token": self._auth_token,
                "friendly_name": "Frontdesk sandbox",
                "status": "active",
                "type": "Full",
                "owner_account_sid": self._sid,
                "date_created": created,
                "date_updated": created,
                "uri": f"{root}.json",
                "subresource_uris": {},
            },
        )
