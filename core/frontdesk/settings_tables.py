"""The tables of bot.toml, one class each, with the values that hold when nothing is written."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from frontdesk.settings_values import (
    AccountSid,
    Address,
    ChatServiceSid,
    FlexInstanceSid,
    Origin,
    PrivateAddress,
    StudioFlowSid,
    WorkflowSid,
    WorkspaceSid,
    database_url_without_password,
)

Language = Literal["auto", "en", "fa", "de"]


class SettingsTable(BaseModel):
    """Base of every settings table, those of plugins too: unknown keys are errors, values do not change.

    A plugin's table names in ``whole_bot`` the keys that cannot differ in one Discord server.
    """

    whole_bot: ClassVar[frozenset[str]] = frozenset()

    model_config = ConfigDict(frozen=True, extra="forbid")


class DiscordTable(SettingsTable):
    """[discord]: the token comes from FRONTDESK_DISCORD_TOKEN.

    Args:
        rest_url: where Discord's API is asked, such as a proxy's address; unset: Discord itself.
    """

    rest_url: Address | None = None


class WebTable(SettingsTable):
    """[web]: where the bot listens, and how the world reaches it.

    Args:
        host: the address to listen on; ``"0.0.0.0"`` for all of the machine's.
        port: the port to listen on; 0 for any free one.
        public_url: how Twilio and people reach the bot, such as ``"https://desk.example.com"``; signatures are
            checked against it. Unset: ``http://`` and host and port, which only this machine can reach.
    """

    host: str = Field("127.0.0.1", min_length=1)
    port: int = Field(8080, ge=0, le=65535)
    public_url: Address = ""


def _checked(url: SecretStr) -> SecretStr:
    return SecretStr(database_url_without_password(url.get_secret_value()))


DatabaseUrl = Annotated[SecretStr, AfterValidator(_checked)]


class StoreTable(SettingsTable):
    """[store]: the database.

    Args:
        url: ``"sqlite:///data/frontdesk.db"``, a file relative to bot.toml's folder, or
            ``"postgresql://user@host/database"``; FRONTDESK_DATABASE_URL wins, and may hold a password.
        durable: wait for the disk at each commit; false is quicker, and a power cut may then lose the last second.
    """

    url: DatabaseUrl = SecretStr("sqlite:///data/frontdesk.db")
    durable: bool = True


class TwilioTable(SettingsTable):
    """[twilio]: which account and services; the auth token comes from FRONTDESK_TWILIO_AUTH_TOKEN.

    Args:
        account_sid: the account, ``"AC…"``; FRONTDESK_TWILIO_ACCOUNT_SID wins.
        chat_service_sid: the Conversations service that Flex uses, ``"IS…"``, where files are kept; Twilio is asked
            where it is not named.
        flex_instance_sid: the Flex instance, ``"GO…"``.
        workspace_sid: TaskRouter's workspace of Flex, ``"WS…"``; noted by ``frontdesk flex deploy``.
        workflow_sid: the workflow that routes conversations to agents, ``"WW…"``; noted likewise.
        studio_flow_sid: the Studio flow that new conversations enter, ``"FW…"``; noted likewise.
        callback_url: where ``frontdesk flex deploy`` had Twilio call last; it writes this itself.
        base_url: where Twilio's API is asked instead of Twilio, as the sandbox does.
    """

    account_sid: AccountSid | None = None
    chat_service_sid: ChatServiceSid | None = None
    flex_instance_sid: FlexInstanceSid | None = None
    workspace_sid: WorkspaceSid | None = None
    workflow_sid: WorkflowSid | None = None
    studio_flow_sid: StudioFlowSid | None = None
    callback_url: Address | None = None
    base_url: Address | None = None


class WordsTable(SettingsTable):
    """[words]: the language, and sentences said in the owner's own words.

    Args:
        language: ``"auto"``, each person's own, or one language for everybody.
        en: English sentences by id, as in ``"helpdesk.greeting" = "Hello {name}!"``.
        fa: Persian sentences by id.
        de: German sentences by id.
    """

    language: Language = "auto"
    en: dict[str, str] = Field(default_factory=dict)
    fa: dict[str, str] = Field(default_factory=dict)
    de: dict[str, str] = Field(default_factory=dict)

    @property
    def overrides(self) -> Mapping[str, Mapping[str, str]]:
        """Language -> sentence id -> sentence."""
        return {"en": self.en, "fa": self.fa, "de": self.de}


class LogTable(SettingsTable):
    """[log]: how much, and in which form; it goes to standard error.

    Args:
        level: what is less important is left out.
        format: for people, or one JSON object a line.
    """

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class FetchTable(SettingsTable):
    """[fetch]: requests to the world; private addresses are refused.

    Args:
        allow_private: hosts, addresses or networks that may be asked nevertheless, such as ``"wiki.local:8000"``
            or ``"10.0.0.0/8"``.
    """

    allow_private: tuple[PrivateAddress, ...] = ()


RoleName = Annotated[str, Field(min_length=1)] | int
StaffRole = Literal["viewer", "agent", "supervisor"]


class StaffRoleTable(SettingsTable):
    """[servers.<id>.staff]: which Discord roles make somebody staff in one server.

    Args:
        viewer: as in [staff].
        agent: as in [staff].
        supervisor: as in [staff].
    """

    viewer: tuple[RoleName, ...] | None = None
    agent: tuple[RoleName, ...] | None = None
    supervisor: tuple[RoleName, ...] | None = None


def _flex_roles() -> dict[str, StaffRole]:
    return {"agent": "agent", "supervisor": "supervisor", "admin": "supervisor"}


class StaffTable(SettingsTable):
    """[staff]: who may sign in to the pages, and for how long; the three lists may differ in one Discord server, below
    `[servers.<server id>.staff]`. A server's owner and administrators are its supervisors.

    Args:
        viewer: Discord roles, by id or by name, of who may look.
        agent: Discord roles of who may work on cases. An id is safer than a name, which others may give to a new role.
        supervisor: Discord roles of who may also see who is signed in, end sessions and make API tokens.
        flex_roles: what the roles of Twilio Flex give here; who has none of these stays out.
        flex_origins: the origins that may show our pages in a frame and hand over a Flex token.
        session_hours: hours after which one must sign in again.
        idle_minutes: minutes without a page after which one must sign in again.
        audit_days: days for which the record of sign-ins is kept.
    """

    viewer: tuple[RoleName, ...] = ()
    agent: tuple[RoleName, ...] = ()
    supervisor: tuple[RoleName, ...] = ()
    flex_roles: dict[str, StaffRole] = Field(default_factory=_flex_roles)
    flex_origins: tuple[Origin, ...] = ("https://flex.twilio.com",)
    session_hours: int = Field(12, ge=1, le=720)
    idle_minutes: int = Field(60, ge=5, le=43200)
    audit_days: int = Field(365, ge=1, le=3650)


class PluginEntry(BaseModel):
    """[plugins.<name>] as far as the core reads it; the rest is the plugin's."""

    model_config = ConfigDict(frozen=True, extra="allow")

    enabled: bool = True


class ServerTable(SettingsTable):
    """[servers.<id>]: what differs in one Discord server."""

    language: Language | None = None
    staff: StaffRoleTable = StaffRoleTable()
    plugins: dict[str, dict[str, Any]] = Field(default_factory=dict)


class File(SettingsTable):
    """bot.toml as a whole, before plugins look at their own tables."""

    discord: DiscordTable = DiscordTable()
    web: WebTable = WebTable()
    store: StoreTable = StoreTable()
    twilio: TwilioTable = TwilioTable()
    words: WordsTable = WordsTable()
    log: LogTable = LogTable()
    fetch: FetchTable = FetchTable()
    staff: StaffTable = StaffTable()
    plugins: dict[str, bool | PluginEntry] = Field(default_factory=dict)
    servers: dict[str, ServerTable] = Field(default_factory=dict)
