"""The agent desktop's side in the server: its live stream, and what an agent does there."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from frontdesk_sandbox.changes import Changes
from frontdesk_sandbox.pages.actions import Action, NoSuchThingError, act
from frontdesk_sandbox.pages.live import Live, gone
from frontdesk_sandbox.twilio import Agent, LoopbackTwilio
from frontdesk_sandbox.twilio.taskrouter.state import Worker

Json = dict[str, Any]
Doer = Callable[[LoopbackTwilio, Agent, Action], Awaitable[None]]

_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


class Desktop:
    """The routes of the agent desktop.

    Args:
        twilio: whose workers one can be.
        changes: the news after which a screen is drawn.
    """

    def __init__(self, twilio: LoopbackTwilio, changes: Changes) -> None:
        self._twilio = twilio
        self._changes = changes
        self.routes: list[BaseRoute] = [
            Route("/pages/desktop/agents", self._agents),
            Route("/pages/desktop/media/{sid}", self._media),
            WebSocketRoute("/pages/desktop/{who}/live", self._live),
            Route("/pages/desktop/{who}/token", self._token, methods=["POST"]),
            Route("/pages/desktop/{who}/{deed}", self._act, methods=["POST"]),
        ]

    def _find(self, name: str) -> Agent:
        """The agent who is called so; NoSuchThingError if nobody is, for a page must not hire."""
        if any(worker.friendly_name == name for worker in self._workers()):
            return self._twilio.agent(name)
        raise NoSuchThingError(f"there is no agent {name!r}")

    def _workers(self) -> list[Worker]:
        return list(self._twilio.world.router.workers.values())

    async def _agents(self, _request: Request) -> Response:
        return JSONResponse([{"name": each.friendly_name, "full_name": each.full_name} for each in self._workers()])

    async def _live(self, socket: WebSocket) -> None:
        try:
            agent = self._find(socket.path_params["who"])
        except NoSuchThingError:
            await gone(socket)
            return
        await Live(self._changes, lambda _about: self._screen(agent)).serve(socket)

    def _screen(self, agent: Agent) -> Json:
        view = self._twilio.world.view_for(agent)
        router = self._twilio.world.router
        workers = self._workers()
        view["agents"] = [
            {"name": each.friendly_name, "full_name": each.full_name, "available": router.is_available(each)}
            for each in workers
        ]
        view["names"] = {each.identity: each.full_name for each in workers}
        for task in view["tasks"]:
            conversation = self._twilio.world.chat.conversations.get(task["conversation_sid"])
            known = conversation.participants.values() if conversation else ()
            colleagues = view["names"].keys()
            task["customers"] = [each.identity for each in known if each.identity not in colleagues]
        return view

    async def _media(self, request: Request) -> Response:
        media = self._twilio.world.chat.media.get(request.path_params["sid"])
        if media is None:
            return Response("This file is not there any more.", 404)
        kind = "inline" if media.content_type in _PICTURES else "attachment"
        headers = {
            "Content-Disposition": f"{kind}; filename*=UTF-8''{quote(media.filename or 'file')}",
            "Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff",
        }  # fmt: skip
        return Response(media.content, media_type=media.content_type, headers=headers)

    async def _token(self, request: Request) -> Response:
        async def give(_action: Action) -> Json:
            return {"token": self._find(request.path_params["who"]).flex_token()}

        response = await act(request, give)
        response.headers["Cache-Control"] = "no-store"
        return response

    async def _act(self, request: Request) -> Response:
        async def do(action: Action) -> Json | None:
            agent = self._find(request.path_params["who"])
            deed = _DEEDS.get(request.path_params["deed"])
            if deed is None:
                raise NoSuchThingError("there is nothing like that to do")
            if task := action.values.get("task"):
                if not any(each.sid == task for each in agent.tasks()):
                    raise NoSuchThingError("this task is not yours any more")
                agent.choose(task)
            await deed(self._twilio, agent, action)
            return None

        return await act(request, do)


async def _ready(_twilio: LoopbackTwilio, agent: Agent, action: Action) -> None:
    await (agent.available() if action.values.get("available") else agent.offline())


def _offer(agent: Agent, action: Action) -> Any:
    wanted = action.text("reservation")
    for reservation in agent.offers():
        if reservation.sid == wanted:
            return reservation
    raise NoSuchThingError("this task has been withdrawn")


async def _accept(_twilio: LoopbackTwilio, agent: Agent, action: Action) -> None:
    await agent.accept(reservation=_offer(agent, action))


async def _decline(_twilio: LoopbackTwilio, agent: Agent, action: Action) -> None:
    await agent.reject(reservation=_offer(agent, action))


async def _say(_twilio: LoopbackTwilio, agent: Agent, action: Action) -> None:
    text, files = action.text("text"), action.files.get("files", [])
    for index, file in enumerate(files):
        await agent.sends_file(file.name, file.media_type, file.data, text if index == 0 else "")
    if not files:
        await agent.says(text)


async def _edit(_twilio: LoopbackTwilio, agent: Agent, action: Action) -> None:
    await agent.edits(_own(agent, action), action.text("text"))


async def _delete(_twilio: LoopbackTwilio, agent: Agent, action: Action) -> None:
    await agent.deletes(_own(agent, action))


def _own(agent: Agent, action: Action) -> Any:
    message = agent.conversation.messages.get(action.text("message"))
    if message is None or message.author != agent.identity:
        raise NoSuchThingError("this message is not there any more")
    return message


async def _wrap_up(_twilio: LoopbackTwilio, agent: Agent, _action: Action) -> None:
    await agent.wraps_up()


async def _complete(_twilio: LoopbackTwilio, agent: Agent, _action: Action) -> None:
    await agent.completes()


async def _leave(_twilio: LoopbackTwilio, agent: Agent, _action: Action) -> None:
    await agent.leaves()


async def _transfer(twilio: LoopbackTwilio, agent: Agent, action: Action) -> None:
    name = action.values.get("to")
    await agent.transfers(twilio.agent(str(name)) if name else None)


_DEEDS: dict[str, Doer] = {
    "ready": _ready, "accept": _accept, "decline": _decline, "say": _say, "edit": _edit, "delete": _delete,
    "wrap-up": _wrap_up, "complete": _complete, "leave": _leave, "transfer": _transfer,
}  # fmt: skip
