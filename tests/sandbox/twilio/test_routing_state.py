"""Whatever agents, customers and the clock do, in whatever order: tasks and conversations stay consistent."""

import asyncio

from frontdesk_sandbox.changes import Changes
from frontdesk_sandbox.twilio import Agent, World
from frontdesk_sandbox.twilio.chat.state import Origin
from frontdesk_sandbox.twilio.errors import ApiError
from frontdesk_sandbox.twilio.flex.state import ChannelStatus
from frontdesk_sandbox.twilio.taskrouter.state import TaskStatus
from hypothesis import given, settings
from hypothesis import strategies as st

SILENT = Origin("API", fires=False)
HELD = {"pending", "accepted", "wrapping"}
NAMES = ["amira", "tomas"]
DEEDS = ["available", "offline", "accept", "reject", "lets_time_out", "completes", "leaves", "transfers", "says"]
STEPS = st.lists(
    st.tuples(st.sampled_from([*DEEDS, "request", "advance", "close"]), st.sampled_from(NAMES)), max_size=30
)


def request(world: World) -> None:
    conversation = world.chat.create()
    world.chat.join(conversation, SILENT, identity="ana")
    channel = {"type": "web", "properties": {"media_channel_sid": conversation.sid}}
    world.flex.create(channel, {"properties": {"workspace_sid": world.router.workspace.sid}})


async def act(world: World, agents: dict[str, Agent], deed: str, name: str) -> None:
    agent = agents[name]
    if deed == "request":
        request(world)
    elif deed == "advance":
        await world.advance(130)
    elif deed == "close":
        for interaction in list(world.flex.interactions.values()):
            world.flex.update_channel(interaction, ChannelStatus.CLOSED, "closed")
    elif (deed in {"accept", "reject", "lets_time_out"} and not agent.offers()) or (
        deed in {"completes", "leaves", "transfers"} and not agent.tasks()
    ):
        return
    elif deed == "says":
        if agent.tasks():
            await agent.says("words")
    else:
        await getattr(agent, deed)()


def consistent(world: World, agents: dict[str, Agent], ended: dict[str, TaskStatus]) -> None:
    router = world.router
    for task in router.tasks.values():
        offers = [r for r in router.reservations_of(task) if r.status.value in HELD]
        assert len(offers) <= 1
        assert bool(offers) == (task.status in {TaskStatus.RESERVED, TaskStatus.ASSIGNED, TaskStatus.WRAPPING})
        if task.sid in ended:
            assert task.status is ended[task.sid]
        if not task.live:
            ended[task.sid] = task.status
    for agent in agents.values():
        assert router.load(agent.worker) <= agent.worker.capacity
        for task in agent.tasks():
            interaction = world.flex.of_task(task)
            assert interaction is not None
            conversation = world.chat.find(interaction.media_channel_sid)
            assert conversation.state.value == "closed" or conversation.by_identity(agent.identity)
        world.view_for(agent)


@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_any_order_of_deeds(steps: list[tuple[str, str]]) -> None:
    async def play() -> None:
        world = World(Changes())
        agents = {name: Agent(world, world.worker(name)) for name in NAMES}
        ended: dict[str, TaskStatus] = {}
        for deed, name in steps:
            try:
                await act(world, agents, deed, name)
            except ApiError as refusal:
                assert refusal.status == 400  # noqa: PT017 (only refusals with a reason may come)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            consistent(world, agents, ended)
        await world.close()

    asyncio.run(play())
