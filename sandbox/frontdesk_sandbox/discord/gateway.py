"""The gateway: identify, heartbeat, events, resume, and losing the connection on demand."""

import asyncio
import contextlib
import json
from collections import deque
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from frontdesk_sandbox.discord import intents as rules
from frontdesk_sandbox.discord import payloads
from frontdesk_sandbox.discord.compression import stream_for
from frontdesk_sandbox.discord.model import Channel, Guild, Json
from frontdesk_sandbox.discord.transport import abort
from frontdesk_sandbox.discord.world import World

_DISPATCH, _HEARTBEAT, _IDENTIFY, _RESUME, _RECONNECT = 0, 1, 2, 6, 7
_REQUEST_MEMBERS, _INVALID_SESSION, _HELLO, _HEARTBEAT_ACK = 8, 9, 10, 11
_HEARTBEAT_INTERVAL_MS = 41_250
_KEPT_EVENTS = 10_000


class Session:
    """What the gateway remembers of one identified client, also while its socket is lost."""

    def __init__(self, id_: str, intents: int) -> None:
        self.id = id_
        self.intents = intents
        self.sequence = 0
        self.events: deque[tuple[int, bytes]] = deque(maxlen=_KEPT_EVENTS)
        self.connection: Connection | None = None

    def send(self, name: str, data: Json) -> None:
        """Number an event, keep it for a resume, and send it if the socket is there."""
        self.sequence += 1
        frame = _encode({"op": _DISPATCH, "s": self.sequence, "t": name, "d": data})
        self.events.append((self.sequence, frame))
        if self.connection is not None:
            self.connection.send(frame)


class Connection:
    """One socket: a queue towards the client, compressed as one stream."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.session: Session | None = None
        self._stream = stream_for(socket.query_params.get("compress"))
        self._queue: asyncio.Queue[bytes | int | None] = asyncio.Queue()

    def send(self, frame: bytes) -> None:
        """Queue a frame; never blocks."""
        self._queue.put_nowait(frame)

    def close(self, code: int) -> None:
        """Close the socket with a code after what is queued has been sent."""
        self._queue.put_nowait(code)

    def stop(self) -> None:
        """End the writer without closing the socket."""
        self._queue.put_nowait(None)

    async def write(self) -> None:
        """Send what is queued, in order, until closed."""
        while (item := await self._queue.get()) is not None:
            if isinstance(item, int):
                await self.socket.close(item)
                return
            if self._stream is None:
                await self.socket.send_text(item.decode())
            else:
                await self.socket.send_bytes(self._stream.pack(item))


class Gateway:
    """Serves the gateway's sockets and sends the world's events to the sessions.

    Args:
        world: whose events are sent.
        url: the ``ws://`` address of this gateway.
        token: the only bot token that is let in.

    Attributes:
        disallowed_intents: privileged intents that the application's owner has not switched on; asking for
            one of them is refused with 4014. None by default.
        identified: how many sessions have been started.
        resumed: how many times one has been resumed.
    """

    def __init__(self, world: World, url: str, token: str) -> None:
        self.url = url
        self.disallowed_intents = 0
        self.identified = 0
        self.resumed = 0
        self._closed = False
        self._world = world
        self._token = token
        self._sessions: dict[str, Session] = {}
        self._connections: set[Connection] = set()
        world.dispatch = self.dispatch

    @property
    def connected(self) -> bool:
        """Whether some client is identified and its socket is open."""
        return any(session.connection for session in self._sessions.values())

    async def until_connected(self, deadline: float = 10.0) -> None:
        """Wait until a client is identified (or has resumed).

        Raises:
            NotSeenError: after ``deadline`` seconds.
        """
        await self._world.changes.until(lambda: self.connected, deadline=deadline, what="a bot on the gateway")

    def dispatch(self, name: str, data: Json, guild: Guild | None, channel: Channel | None) -> None:
        """Send an event to every session that may see it."""
        bot = self._world.bot
        if not self._sessions or (guild is not None and bot.id not in guild.members and name != "GUILD_DELETE"):
            return
        if channel is not None and name != "INTERACTION_CREATE" and not self._world.sees(bot, channel):
            return
        for session in self._sessions.values():
            if rules.wanted(name, data, session.intents, bot.id):
                session.send(name, rules.shown(name, data, session.intents, bot.id))

    # What goes wrong on demand

    def ask_to_reconnect(self) -> None:
        """Send op 7: the client closes and resumes."""
        self._broadcast({"op": _RECONNECT, "d": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Send op 9; unless ``resumable``, the sessions are forgotten, and with them what was missed."""
        self._broadcast({"op": _INVALID_SESSION, "d": resumable})
        if not resumable:
            self.forget_sessions()

    def forget_sessions(self) -> None:
        """Forget all sessions, so that a resume is refused with op 9."""
        for session in self._sessions.values():
            if session.connection is not None:
                session.connection.session = None
        self._sessions.clear()

    def close_sockets(self, code: int = 4000) -> None:
        """Close every socket with a code; 4000 lets the client resume."""
        for connection in list(self._connections):
            connection.close(code)

    def drop_sockets(self) -> None:
        """Cut every socket without a word, as a broken network does."""
        for connection in list(self._connections):
            abort(connection.socket.receive)
            self._forget(connection)

    def _broadcast(self, payload: Json) -> None:
        for connection in self._connections:
            connection.send(_encode(payload))

    # One socket

    async def serve(self, socket: WebSocket) -> None:
        """The ASGI endpoint of the gateway."""
        if self._closed:
            await socket.close(1001)
            return
        await socket.accept()
        connection = Connection(socket)
        self._connections.add(connection)
        connection.send(_encode({"op": _HELLO, "d": {"heartbeat_interval": _HEARTBEAT_INTERVAL_MS}}))
        writer = asyncio.create_task(self._write(connection))
        try:
            while socket.client_state is WebSocketState.CONNECTED:
                message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    break
                self._receive(connection, json.loads(message.get("text") or message["bytes"]))
        except (WebSocketDisconnect, RuntimeError):
            pass  # the client has gone in the middle of something
        finally:
            self._forget(connection)
            connection.stop()
            await writer

    async def _write(self, connection: Connection) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):
            await connection.write()

    def _forget(self, connection: Connection) -> None:
        self._connections.discard(connection)
        if connection.session is not None and connection.session.connection is connection:
            connection.session.connection = None
        self._world.tell("gateway", state="disconnected")

    def _receive(self, connection: Connection, payload: Json) -> None:
        match payload["op"]:
            case 1:
                connection.send(_encode({"op": _HEARTBEAT_ACK, "d": None}))
            case 2:
                self._identify(connection, payload["d"])
            case 6:
                self._resume(connection, payload["d"])
            case 8:
                self._send_members(connection, payload["d"])
            case _:
                pass  # presence and voice are of no interest here

    def _identify(self, connection: Connection, data: Json) -> None:
        if data["token"] != self._token:
            connection.close(4004)
            return
        if data["intents"] & rules.PRIVILEGED & self.disallowed_intents:
            connection.close(4014)
            return
        session = Session(f"{self._world.snowflakes.next():x}", data["intents"])
        for lost in [each for each in self._sessions.values() if each.connection is None]:
            del self._sessions[lost.id]
        self._sessions[session.id] = session
        self._attach(session, connection)
        self.identified += 1
        session.send("READY", self._ready(session))
        self._send_guilds(session)
        self._world.tell("gateway", state="ready")

    def _ready(self, session: Session) -> Json:
        bot = self._world.bot
        guilds = [guild for guild in self._world.guilds.values() if bot.id in guild.members]
        return {
            "v": 10, "user": payloads.own_user(bot), "session_id": session.id, "shard": [0, 1],
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "resume_gateway_url": self.url, "application": {"id": str(bot.id), "flags": 1 << 19},
        }  # fmt: skip

    def _send_guilds(self, session: Session) -> None:
        world = self._world
        if not session.intents & rules.Intent.GUILDS:
            return
        for guild in world.guilds.values():
            if world.bot.id in guild.members:
                visible = world.visible(world.bot, guild)
                data = payloads.guild_create(guild, world.users, world.bot.id, visible, world.clock())
                session.send("GUILD_CREATE", data)

    def _resume(self, connection: Connection, data: Json) -> None:
        session = self._sessions.get(data["session_id"])
        if data["token"] != self._token:
            connection.close(4004)
        elif session is None or (session.events and data["seq"] < session.events[0][0] - 1):
            connection.send(_encode({"op": _INVALID_SESSION, "d": False}))
        else:
            self._attach(session, connection)
            self.resumed += 1
            for sequence, frame in session.events:
                if sequence > data["seq"]:
                    connection.send(frame)
            session.send("RESUMED", {})
            self._world.tell("gateway", state="resumed")

    def _attach(self, session: Session, connection: Connection) -> None:
        if session.connection is not None:
            session.connection.session = None
            session.connection.close(4000)
        session.connection, connection.session = connection, session

    def _send_members(self, connection: Connection, data: Json) -> None:
        guild = self._world.guilds.get(int(data["guild_id"]))
        if connection.session is None or guild is None:
            return
        ids = data.get("user_ids")
        wanted = {int(id_) for id_ in (ids if isinstance(ids, list) else [ids])} if ids else None
        found = [
            payloads.member(member)
            for member in guild.members.values()
            if (wanted is None or member.user.id in wanted)
            and member.user.name.startswith((data.get("query") or "").lower())
        ]
        chunk: dict[str, Any] = {
            "guild_id": str(guild.id), "members": found, "chunk_index": 0, "chunk_count": 1, "not_found": []
        }  # fmt: skip
        if "nonce" in data:
            chunk["nonce"] = data["nonce"]
        connection.session.send("GUILD_MEMBERS_CHUNK", chunk)

    def close(self) -> None:
        """End every socket for good, and let no other in."""
        self._closed = True
        for connection in list(self._connections):
            connection.close(1001)


def _encode(payload: Json) -> bytes:
    return json.dumps(payload, separators=(",", ":")).encode()
