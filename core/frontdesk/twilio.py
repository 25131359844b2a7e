"""Twilio as Frontdesk uses it: the official library on our own HTTP, and the few calls that it lacks."""

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote, urlencode, urlsplit

from twilio.rest import Client  # type: ignore[import-untyped]  # twilio ships no types

from frontdesk.fetch import Fetcher, FetchError, FetchProblem
from frontdesk.metrics import Metrics
from frontdesk.twilio_errors import Answer, TwilioError
from frontdesk.twilio_http import Ask, Patience, TwilioHttp, basic, form, idempotent

__all__ = ["FlexToken", "InteractionWebhook", "Media", "Twilio", "TwilioError"]

_MEDIA = "https://mcs.us1.twilio.com/v1/Services"
_FLEX = "https://flex-api.twilio.com/v1/Instances"
_IAM = "https://iam.twilio.com/v1/Accounts"
_SLOWEST_UPLOAD = 500_000  # bytes a second that a connection must manage


@dataclass(frozen=True)
class Media:
    """A file that came with a message."""

    sid: str
    content: bytes
    content_type: str
    filename: str | None


@dataclass(frozen=True)
class InteractionWebhook:
    """Where Flex tells about interactions of one instance."""

    sid: str
    url: str
    events: tuple[str, ...]
    kind: str = "global"


@dataclass(frozen=True)
class FlexToken:
    """Who a valid Flex token belongs to.

    Args:
        identity: the person's identity in Flex and in conversations.
        realm_user_id: their id in the sign-in realm.
        roles: Flex roles, for example "agent", "supervisor", "admin".
        worker_sid: their TaskRouter worker; None for who is not one.
        expiration: as Twilio wrote it.
    """

    identity: str
    realm_user_id: str
    roles: tuple[str, ...]
    worker_sid: str | None
    expiration: datetime | None

    @property
    def is_agent(self) -> bool:
        """Somebody who works in Flex: has a worker, and is no guest."""
        return bool(self.worker_sid) and "guest" not in self.roles


class Twilio:
    """One account. Open it in the loop that will use it, and close it there.

    Args:
        account_sid: the account (AC...).
        auth_token: its secret.
        base_url: where a loopback Twilio listens instead of the real one.
        deadline: seconds that one request may take.
        metrics: where requests are counted.
        chat_service_sid: the account's default Conversations service, where it is known.
        http: what sends the requests, to be given where its patience or pace must differ.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        base_url: str | None = None,
        deadline: float = 10,
        metrics: Metrics | None = None,
        chat_service_sid: str | None = None,
        http: TwilioHttp | None = None,
    ) -> None:
        self.account_sid = account_sid
        patience = Patience(deadline=deadline, budget=3 * deadline)
        self.http = http or TwilioHttp(
            auth_token, base_url=base_url, patience=patience, metrics=metrics, default_service=chat_service_sid
        )
        # The environment is given empty, or TWILIO_EDGE and TWILIO_REGION would change the addresses.
        self.rest: Any = Client(account_sid, auth_token, http_client=self.http, environment={"": ""})
        self._authorization = basic(account_sid, auth_token)
        loopback = self.http.base_url
        self._fetcher = Fetcher(allow=[urlsplit(loopback).netloc] if loopback else [])

    async def open(self) -> None:
        """Make the connection pools; nothing is sent."""
        await self.http.open()

    async def close(self) -> None:
        """Close every connection; safe to call twice."""
        await self.http.close()
        await self._fetcher.close()

    def idempotent(self) -> AbstractContextManager[None]:
        """Inside it, changing requests are repeated even when they may have been carried out."""
        return idempotent()

    async def check(self) -> None:
        """Ask Twilio whether the credentials are good.

        Raises:
            TwilioError: if they are refused, the account is not active, or Twilio cannot be reached.
        """
        account = await self.rest.api.v2010.accounts(self.account_sid).fetch_async()
        if account.status != "active":
            raise TwilioError(f"The Twilio account is {account.status}, not active.", permanent=True)

    async def upload_media(self, service_sid: str, content: bytes, content_type: str, filename: str | None) -> str:
        """Store a file for one message; give the SID to ``messages.create_async(media_sid=...)``.

        Raises:
            TwilioError: if it is refused (50510 to 50512) or does not arrive.
        """
        query = {"Category": "media"} | ({"Filename": filename} if filename else {})
        # A repeated upload leaves at worst a file that no message uses.
        made = await self._json(
            "POST",
            f"{_MEDIA}/{_segment(service_sid)}/Media?{urlencode(query, quote_via=quote)}",
            content,
            content_type,
            deadline=self.http.patience.deadline + len(content) / _SLOWEST_UPLOAD,
            idempotent=True,
        )
        return _text(made, "sid")

    async def download_media(self, service_sid: str, media_sid: str, *, limit: int) -> Media:
        """Fetch a file by its SID, at most ``limit`` bytes of it.

        Raises:
            TwilioError: if it is larger, gone, or does not arrive; permanent where it will never come.
        """
        url = f"{_MEDIA}/{_segment(service_sid)}/Media/{_segment(media_sid)}"
        told = await self._json("GET", url)
        size = told.get("size")
        if isinstance(size, int) and size > limit:
            raise TwilioError(f"The file has {size} bytes, more than the {limit} allowed.", permanent=True)
        links = told.get("links")
        link = links.get("content_direct_temporary") if isinstance(links, dict) else None
        if not isinstance(link, str):
            raise TwilioError("Twilio gave no link to the file's content.")
        try:
            got = await self._fetcher.get(
                self._media_link(link), deadline=self.http.patience.deadline + limit / _SLOWEST_UPLOAD, limit=limit
            )
        except FetchError as error:
            final = error.problem is FetchProblem.TOO_LARGE
            raise TwilioError(f"The file could not be fetched: {error}", permanent=final) from error
        if got.status != 200:
            raise TwilioError(f"The file's link was answered with {got.status}.", status=got.status)
        declared = told.get("content_type") or got.headers.get("Content-Type") or "application/octet-stream"
        name = told.get("filename")
        return Media(media_sid, got.content, str(declared), str(name) if name else None)

    async def interaction_webhooks(self, instance_sid: str) -> list[InteractionWebhook]:
        """The Interaction webhooks of a Flex instance."""
        told = await self._json("GET", f"{_FLEX}/{_segment(instance_sid)}/InteractionWebhooks?PageSize=100")
        lists = [value for key, value in told.items() if isinstance(value, list) and key != "errors"]
        return [_webhook(item) for item in (lists[0] if lists else []) if isinstance(item, dict)]

    async def create_interaction_webhook(
        self,
        instance_sid: str,
        url: str,
        events: Sequence[str],
        *,
        kind: Literal["global", "interaction"] = "global",
    ) -> InteractionWebhook:
        """Have Flex tell ``url`` about events such as "onParticipantJoined".

        Args:
            instance_sid: the Flex instance (GO...).
            url: where to.
            events: which ones.
            kind: "global" for every interaction (an instance has one such webhook: a new one takes the place
                of the last), "interaction" for those that are created with its SID as ``webhook_ttid``
                (https://www.twilio.com/docs/flex/developer/conversations/register-interactions-webhooks).
        """
        body = form({"Type": kind, "WebhookEvents": list(events), "WebhookMethod": "POST", "WebhookUrl": url})
        made = await self._json(
            "POST",
            f"{_FLEX}/{_segment(instance_sid)}/InteractionWebhooks",
            body,
            "application/x-www-form-urlencoded",
        )
        return _webhook(made)

    async def delete_interaction_webhook(self, instance_sid: str, webhook_sid: str) -> None:
        """Remove one; fine if it is gone already."""
        url = f"{_FLEX}/{_segment(instance_sid)}/InteractionWebhooks/{_segment(webhook_sid)}"
        try:
            await self._call("DELETE", url)
        except TwilioError as error:
            if error.status != 404:
                raise

    async def validate_token(self, token: str) -> FlexToken:
        """Whom a Flex token, as a Flex plugin holds it, belongs to. Who may come in is the caller's question.

        Raises:
            TwilioError: permanent if the token is not valid (any more).
        """
        body = json.dumps({"token": token}).encode()
        url = f"{_IAM}/{_segment(self.account_sid)}/Tokens/validate"
        told = await self._json("POST", url, body, "application/json", idempotent=True)
        if told.get("valid") is not True:
            raise TwilioError("The Flex token is not valid.", status=200, permanent=True)
        roles = told.get("roles")
        return FlexToken(
            identity=_text(told, "identity"),
            realm_user_id=str(told.get("realm_user_id") or ""),
            roles=tuple(str(role) for role in roles) if isinstance(roles, list) else (),
            worker_sid=str(told["worker_sid"]) if told.get("worker_sid") else None,
            expiration=_when(told.get("expiration")),
        )

    def _media_link(self, link: str) -> str:
        """A loopback Twilio may give the vendor's address or its own."""
        host = urlsplit(link).hostname or ""
        if self.http.base_url is not None and host.endswith(".twilio.com"):
            return self.http.rewritten(link)
        return link

    async def _json(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        content_type: str | None = None,
        *,
        deadline: float | None = None,
        idempotent: bool = False,
    ) -> dict[str, object]:
        answer = await self._call(method, url, body, content_type, deadline=deadline, idempotent=idempotent)
        try:
            told = json.loads(answer.content)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise TwilioError(f"{method} {urlsplit(url).path} was answered with something that is not JSON")
        return told

    async def _call(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        content_type: str | None = None,
        *,
        deadline: float | None = None,
        idempotent: bool = False,
    ) -> Answer:
        headers = {"Authorization": self._authorization, "Accept": "application/json"}
        if content_type is not None:
            headers["Content-Type"] = content_type
        return await self.http.send(Ask(method, url, headers, body, deadline, idempotent))


def _segment(sid: str) -> str:
    """One part of a path: what comes from outside cannot lead elsewhere."""
    return quote(sid, safe="")


def _text(told: dict[str, object], key: str) -> str:
    value = told.get(key)
    if not isinstance(value, str):
        raise TwilioError(f"Twilio's answer lacks {key!r}.")
    return value


def _webhook(told: dict[str, object]) -> InteractionWebhook:
    events = told.get("webhook_events")
    names = events if isinstance(events, list) else str(events or "").split(",")
    sid = next((value for key, value in told.items() if key in ("sid", "ttid") and isinstance(value, str)), "")
    return InteractionWebhook(
        sid,
        url=str(told.get("webhook_url") or ""),
        events=tuple(str(name).strip() for name in names if name),
        kind=str(told.get("type") or "global"),
    )


def _when(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
