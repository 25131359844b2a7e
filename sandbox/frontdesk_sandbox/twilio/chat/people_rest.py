"""REST of conversations.twilio.com: users, their conversations, services and configuration."""

from typing import Any

from frontdesk_sandbox.twilio import limits
from frontdesk_sandbox.twilio.clock import Clock, rest_time
from frontdesk_sandbox.twilio.errors import ApiError, invalid, not_found
from frontdesk_sandbox.twilio.http import GONE, Answer, Call, Handler, Table, page
from frontdesk_sandbox.twilio.limits import Rate

from .render import ROOT, Renderer
from .service import Chat
from .state import ServiceRecord, User


class PeopleApi:
    """Fills a table with users, participant conversations, services and the account's configuration."""

    def __init__(self, account_sid: str, chat: Chat, render: Renderer, rate: Rate, clock: Clock) -> None:
        self._account = account_sid
        self._chat = chat
        self._render = render
        self._rate = rate
        self._clock = clock

    def fill(self, table: Table) -> None:
        """Register every path."""
        shared: dict[tuple[str, str], Handler] = {
            ("GET", "/Users"): self.list_users,
            ("POST", "/Users"): self.create_user,
            ("GET", "/Users/{Sid}"): self.fetch_user,
            ("POST", "/Users/{Sid}"): self.update_user,
            ("DELETE", "/Users/{Sid}"): self.delete_user,
            ("GET", "/ParticipantConversations"): self.list_participations,
        }
        for (method, path), handler in shared.items():
            table.add(method, f"/v1{path}", handler)
            table.add(method, f"/v1/Services/{{ChatServiceSid}}{path}", handler)
        table.add("GET", "/v1/Services", self.list_services)
        table.add("GET", "/v1/Services/{ChatServiceSid}", self.fetch_service)
        table.add("GET", "/v1/Configuration", self.fetch_configuration)

    def list_users(self, call: Call) -> Answer:
        """All users."""
        most = limits.CONVERSATIONS_PAGE_SIZE_MAX
        return page(call, "users", list(self._chat.users.values()), self._render.user, most)

    def create_user(self, call: Call) -> Answer:
        """A user by hand; 50201 when the identity is taken."""
        self._rate.take("users")
        identity = call.form.need("Identity")
        limits.check_name(identity, "Identity")
        if identity in self._chat.users:
            raise ApiError(409, 50201, "User already exists")
        self._check(call)
        user = self._chat.user(identity)
        self._apply(call, user)
        return Answer(201, self._render.user(user))

    def _check(self, call: Call) -> None:
        limits.check_name(call.form.get("FriendlyName") or "", "FriendlyName")
        limits.check_attributes(call.form.get("Attributes") or "{}", limits.PARTICIPANT_ATTRIBUTES_BYTES)

    def _apply(self, call: Call, user: User) -> None:
        user.friendly_name = call.form.get("FriendlyName") or user.friendly_name
        user.attributes = call.form.get("Attributes") or user.attributes
        user.role_sid = call.form.get("RoleSid") or user.role_sid
        user.updated = self._clock.now()

    def _user(self, call: Call) -> User:
        wanted = call.args["Sid"]
        if wanted in self._chat.users:
            return self._chat.users[wanted]
        for user in self._chat.users.values():
            if user.sid == wanted:
                return user
        raise not_found(f"User {wanted}", 50200)

    def fetch_user(self, call: Call) -> Answer:
        """One user, by identifier or identity."""
        return Answer(200, self._render.user(self._user(call)))

    def update_user(self, call: Call) -> Answer:
        """Another name, attributes or role."""
        user = self._user(call)
        self._rate.take("users")
        self._check(call)
        self._apply(call, user)
        return Answer(200, self._render.user(user))

    def delete_user(self, call: Call) -> Answer:
        """A user less."""
        user = self._user(call)
        self._rate.take("users")
        del self._chat.users[user.identity]
        return GONE

    def list_participations(self, call: Call) -> Answer:
        """The conversations that an identity or address is in."""
        identity, address = call.query.get("Identity"), call.query.get("Address")
        if (identity is None) == (address is None):
            raise invalid("Exactly one of Identity and Address is required")
        found = [
            (participant, conversation)
            for conversation in self._chat.conversations.values()
            for participant in conversation.participants.values()
            if (identity is not None and participant.identity == identity)
            or (address is not None and (participant.messaging_binding or {}).get("address") == address)
        ]
        most = limits.CONVERSATIONS_PAGE_SIZE_MAX
        return page(call, "conversations", found, self._render.participation, most)

    def _render_service(self, service: ServiceRecord) -> dict[str, Any]:
        url = f"{ROOT}/Services/{service.sid}"
        return {
            "sid": service.sid,
            "account_sid": self._account,
            "friendly_name": service.friendly_name,
            "date_created": rest_time(service.created),
            "date_updated": rest_time(service.updated),
            "url": url,
            "links": {
                name: f"{url}/{path}"
                for name, path in (
                    ("conversations", "Conversations"),
                    ("users", "Users"),
                    ("roles", "Roles"),
                    ("bindings", "Bindings"),
                    ("configuration", "Configuration"),
                    ("participant_conversations", "ParticipantConversations"),
                )
            },
        }

    def list_services(self, call: Call) -> Answer:
        """The one service."""
        return page(call, "services", [self._chat.service], self._render_service)

    def fetch_service(self, call: Call) -> Answer:
        """The service, if it is meant."""
        if call.args["ChatServiceSid"] != self._chat.service.sid:
            raise not_found(f"Service {call.args['ChatServiceSid']}")
        return Answer(200, self._render_service(self._chat.service))

    def fetch_configuration(self, call: Call) -> Answer:
        """The account's defaults."""
        return Answer(
            200,
            {
                "account_sid": self._account,
                "default_chat_service_sid": self._chat.service.sid,
                "default_messaging_service_sid": None,
                "default_inactive_timer": None,
                "default_closed_timer": None,
                "url": f"https://{call.host}{call.path}",
                "links": {
                    "service": f"{ROOT}/Services/{self._chat.service.sid}",
                    "webhooks": f"{ROOT}/Configuration/Webhooks",
                    "addresses": f"{ROOT}/Configuration/Addresses",
                },
            },
        )
