"""REST of mcs.us1.twilio.com (upload, look up), and the temporary links to the content."""

import secrets
from typing import Any

from frontdesk_sandbox.twilio.clock import rest_time
from frontdesk_sandbox.twilio.errors import ApiError, not_found
from frontdesk_sandbox.twilio.http import GONE, Answer, Call, Table

from .service import Chat
from .state import Media

CONTENT_HOST = "media.us1.twilio.com"
UPLOAD_HOST = "mcs.us1.twilio.com"


class MediaApi:
    """Keeps files and hands out links that work for five minutes of the sandbox's time.

    Args:
        account_sid: the account.
        base_url: where the links lead.
        chat: holds the files.
    """

    LINK_SECONDS = 300

    def __init__(self, account_sid: str, base_url: str, chat: Chat) -> None:
        self._account = account_sid
        self._base_url = base_url
        self._chat = chat
        self._links: dict[str, tuple[str, float]] = {}

    def fill(self, uploads: Table, contents: Table) -> None:
        """Register every path."""
        path = "/v1/Services/{ChatServiceSid}/Media"
        uploads.add("POST", path, self.upload)
        uploads.add("GET", f"{path}/{{Sid}}", self.fetch)
        uploads.add("DELETE", f"{path}/{{Sid}}", self.delete)
        contents.add("GET", "/{Sid}", self.content)

    def _check_service(self, call: Call) -> None:
        if call.args["ChatServiceSid"] != self._chat.service.sid:
            raise not_found(f"Service {call.args['ChatServiceSid']}")

    def upload(self, call: Call) -> Answer:
        """A raw body becomes media."""
        self._check_service(call)
        content_type = call.headers.get("content-type")
        if not content_type:
            raise ApiError(415, 50512, "Content-Type is required")
        media = self._chat.upload(content_type, call.query.get("Filename"), call.body, call.query.get("Author"))
        return Answer(201, self._render(media))

    def _find(self, call: Call) -> Media:
        self._check_service(call)
        try:
            return self._chat.media[call.args["Sid"]]
        except KeyError:
            raise not_found(f"Media {call.args['Sid']}", 50510) from None

    def fetch(self, call: Call) -> Answer:
        """What is known of a file, and a fresh link."""
        return Answer(200, self._render(self._find(call)))

    def delete(self, call: Call) -> Answer:
        """A file less."""
        del self._chat.media[self._find(call).sid]
        return GONE

    def _render(self, media: Media) -> dict[str, Any]:
        signature = secrets.token_urlsafe(24)
        self._links[signature] = (media.sid, self._chat.timestamp() + self.LINK_SECONDS)
        url = f"https://{UPLOAD_HOST}/v1/Services/{self._chat.service.sid}/Media/{media.sid}"
        return {
            "sid": media.sid,
            "account_sid": self._account,
            "service_sid": self._chat.service.sid,
            "channel_sid": None,
            "message_sid": media.message_sid,
            "author": media.author,
            "category": "media",
            "size": len(media.content),
            "content_type": media.content_type,
            "filename": media.filename,
            "date_created": rest_time(media.created),
            "date_updated": rest_time(media.created),
            "is_multipart_upstream": False,
            "url": url,
            "links": {
                "content": f"{url}/Content",
                "content_direct_temporary": (f"{self._base_url}/{CONTENT_HOST}/{media.sid}?Signature={signature}"),
            },
        }

    def content(self, call: Call) -> Answer:
        """The bytes behind a temporary link; needs no sign-in."""
        sid, until = self._links.get(call.query.get("Signature") or "", ("", 0.0))
        media = self._chat.media.get(call.args["Sid"])
        if media is None or sid != media.sid or until < self._chat.timestamp():
            raise ApiError(403, 20403, "The link is wrong or expired")
        return Answer(200, content=media.content, content_type=media.content_type)
