"""frontdesk flex: the plan, setting up, drift, and taking away only what was made."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from frontdesk_helpdesk.flow import MADE_BY_US
from frontdesk_helpdesk_cli import main
from frontdesk_sandbox.sandbox import Sandbox

PUBLIC = "https://desk.example.com"
Flex = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def config(sandbox: Sandbox, tmp_path: Path) -> Path:
    """A bot.toml of an account that is not set up."""
    path = tmp_path / "bot.toml"
    tables = {
        "web": {"public_url": PUBLIC},
        "twilio": {"flex_instance_sid": sandbox.twilio.world.instance_sid},
        "plugins": {"helpdesk": {"queue": {"minutes": 5}}},
    }
    path.write_text(tomlkit.dumps(tables), encoding="utf-8")
    return path


@pytest.fixture
def flex(sandbox: Sandbox, config: Path, capsys: pytest.CaptureFixture[str]) -> Flex:
    """Run the command, give its exit code and its output."""
    environ = {
        "FRONTDESK_TWILIO_AUTH_TOKEN": sandbox.twilio.auth_token,
        "FRONTDESK_TWILIO_ACCOUNT_SID": sandbox.twilio.account_sid,
        "FRONTDESK_TWILIO_URL": sandbox.url,
    }

    async def run(*arguments: str) -> tuple[int, str]:
        code = await asyncio.to_thread(main, [*arguments, "--config", str(config)], environ)
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run


def text_of(config: Path) -> str:
    """Read bot.toml."""
    return config.read_text(encoding="utf-8")


def write(config: Path, text: str) -> None:
    """Write bot.toml."""
    config.write_text(text, encoding="utf-8")


def move(config: Path, address: str) -> None:
    """Give the bot another public address."""
    write(config, text_of(config).replace(f'public_url = "{PUBLIC}"', f'public_url = "{address}"'))


def made(sandbox: Sandbox) -> list[str]:
    """Names of everything in the account that carries our mark."""
    router, studio = sandbox.twilio.world.router, sandbox.twilio.world.studio
    records: list[Any] = [*router.queues.values(), *router.workflows.values(), *router.channels.values()]
    names = [record.friendly_name for record in records if MADE_BY_US in record.friendly_name]
    return names + [flow.latest.friendly_name for flow in studio.flows.values()]


async def test_a_dry_run_shows_the_plan_and_changes_nothing(sandbox: Sandbox, config: Path, flex: Flex) -> None:
    before = text_of(config)
    code, text = await flex("deploy", "--dry-run")
    assert code == 0
    for part in ("TaskRouter queue", "TaskRouter workflow", "Studio flow", "TaskRouter's events", "webhook"):
        assert any(line.strip().startswith("create") and part in line for line in text.splitlines()), text
    assert made(sandbox) == []
    assert sandbox.twilio.world.router.workspace.event_callback_url is None
    assert text_of(config) == before


async def test_deploying_twice_changes_nothing_the_second_time(sandbox: Sandbox, config: Path, flex: Flex) -> None:
    code, text = await flex("deploy")
    assert code == 0, text
    assert len(made(sandbox)) == 3
    noted = tomlkit.parse(text_of(config)).unwrap()["twilio"]
    workflow = sandbox.twilio.world.router.workflows[noted["workflow_sid"]]
    assert workflow.timeout == 300
    assert noted["studio_flow_sid"] in sandbox.twilio.world.studio.flows
    assert noted["callback_url"] == f"{PUBLIC}/helpdesk"
    code, text = await flex("deploy")
    assert code == 0
    assert "everything was in order" in text
    assert len(made(sandbox)) == 3
    assert (await flex("status"))[0] == 0


async def test_status_tells_drift_and_deploy_mends_it(sandbox: Sandbox, config: Path, flex: Flex) -> None:
    await flex("deploy")
    router, studio = sandbox.twilio.world.router, sandbox.twilio.world.studio
    router.workspace.events_filter = "task.created"
    flow = next(iter(studio.flows.values()))
    changed = {**flow.latest.definition, "flags": {"allow_concurrent_calls": False}}
    studio.revise(flow, flow.latest.friendly_name, "published", changed, None)
    write(config, text_of(config).replace("minutes = 5", "minutes = 7"))
    code, text = await flex("status")
    assert code == 1
    assert "3 parts differ" in text
    assert (await flex("deploy"))[0] == 0
    code, text = await flex("status")
    assert (code, "everything is in order" in text) == (0, True), text
    assert next(w for w in router.workflows.values() if MADE_BY_US in w.friendly_name).timeout == 420


async def test_destroy_takes_away_what_was_made_and_nothing_else(sandbox: Sandbox, flex: Flex) -> None:
    router = sandbox.twilio.world.router
    others = {*router.queues, *router.workflows, *router.channels}
    await flex("deploy")
    code, text = await flex("destroy")
    assert "would be deleted" in text
    assert len(made(sandbox)) == 3
    code, text = await flex("destroy", "--yes")
    assert code == 0, text
    assert made(sandbox) == []
    assert {*router.queues, *router.workflows, *router.channels} == others
    assert router.workspace.event_callback_url is None
    assert sandbox.twilio.world.flex.hooks.registered == {}
    assert "nothing there was made" in (await flex("destroy", "--yes"))[1]
    assert (await flex("deploy"))[0] == 0, "after that it can be set up again"
    assert len(made(sandbox)) == 3


async def test_what_is_the_owners_is_neither_changed_nor_deleted(sandbox: Sandbox, config: Path, flex: Flex) -> None:
    router, studio = sandbox.twilio.world.router, sandbox.twilio.world.studio
    trigger = {"name": "Trigger", "type": "trigger", "transitions": [], "properties": {}}
    definition = {"description": "Ours", "states": [trigger], "initial_state": "Trigger", "flags": {}}
    flow = studio.revise(None, "Our flow", "published", definition, None)
    document = tomlkit.parse(text_of(config))
    document["twilio"]["workflow_sid"] = router.workflow.sid
    document["twilio"]["studio_flow_sid"] = flow.sid
    write(config, tomlkit.dumps(document))
    configuration = router.workflow.configuration
    code, text = await flex("deploy")
    assert code == 0, text
    await flex("destroy", "--yes")
    assert router.workflows[router.workflow.sid].configuration == configuration
    assert studio.flows[flow.sid].latest.definition == definition
    assert router.queue.sid in router.queues


@pytest.mark.parametrize("path", ["/events", "/taskrouter", "/helpdesk/taskrouter", "/?next=/helpdesk/taskrouter"])
async def test_another_ones_event_callback_is_a_conflict(sandbox: Sandbox, flex: Flex, path: str) -> None:
    workspace, theirs = sandbox.twilio.world.router.workspace, f"https://elsewhere.example.com{path}"
    workspace.event_callback_url = theirs
    code, text = await flex("deploy")
    assert code == 1
    assert f"already tells its events to {theirs}" in text
    assert made(sandbox) == []
    await flex("destroy", "--yes")
    assert workspace.event_callback_url == theirs


def answered_at(sandbox: Sandbox) -> set[str]:
    """Every address of the bot that the account knows."""
    world = sandbox.twilio.world
    flows = [state for flow in world.studio.flows.values() for state in flow.latest.definition["states"]]
    requests = [state["properties"]["url"] for state in flows if state["type"] == "make-http-request"]
    hooks = [hook.url for hook in world.flex.hooks.registered.values()]
    return {str(world.router.workspace.event_callback_url), *requests, *hooks}


async def test_an_account_follows_the_bot_to_a_new_address(sandbox: Sandbox, config: Path, flex: Flex) -> None:
    await flex("deploy")
    old, new = f"{PUBLIC}/helpdesk/", "https://new.example.com/desk/helpdesk/"
    assert answered_at(sandbox)
    assert all(url.startswith(old) for url in answered_at(sandbox))
    move(config, "https://new.example.com/desk")
    code, text = await flex("status")
    assert (code, "3 parts differ" in text) == (1, True), text
    for part, route in (("TaskRouter's events", "taskrouter"), ("Flex's Interaction webhook", "interactions")):
        assert f"update    {part}: told to {old}{route}, an earlier address; from now on to {new}{route}" in text
    assert "update    Studio flow" in text
    assert all(url.startswith(old) for url in answered_at(sandbox))
    code, text = await flex("deploy")
    assert (code, "3 changes made" in text) == (0, True), text
    assert len(answered_at(sandbox)) == 4
    assert all(url.startswith(new) for url in answered_at(sandbox))
    assert (await flex("status"))[0] == 0


async def test_the_webhook_at_the_earlier_address_goes_and_those_of_others_stay(
    sandbox: Sandbox, config: Path, flex: Flex
) -> None:
    hooks = sandbox.twilio.world.flex.hooks
    await flex("deploy")
    theirs = "https://elsewhere.example.com/helpdesk/interactions"
    hooks.register("theirs", "interaction", theirs, "POST", ["onParticipantJoined"])
    move(config, "https://new.example.com")
    assert (await flex("deploy"))[0] == 0
    found = {hook.url for hook in hooks.registered.values()}
    assert found == {"https://new.example.com/helpdesk/interactions", theirs}


async def test_a_webhook_at_the_earlier_address_goes_though_another_one_has_the_instance(
    sandbox: Sandbox, config: Path, flex: Flex
) -> None:
    hooks = sandbox.twilio.world.flex.hooks
    await flex("deploy")
    old, theirs = f"{PUBLIC}/helpdesk/interactions", "https://elsewhere.example.com/helpdesk/interactions"
    hooks.register("theirs", "global", theirs, "POST", ["onParticipantJoined"])
    hooks.register("ours", "interaction", old, "POST", ["onParticipantJoined"])
    move(config, "https://new.example.com")
    code, text = await flex("status")
    assert (code, "3 parts differ" in text) == (1, True), text
    assert f"delete    Flex's Interaction webhook: told to {old}, an earlier address; another one stays" in text
    assert f"told to {theirs}" in text
    assert (await flex("deploy"))[0] == 0
    assert [hook.url for hook in hooks.registered.values()] == [theirs]
    code, text = await flex("status")
    assert (code, "yours     Flex's Interaction webhook" in text) == (0, True), text


async def test_another_bot_neither_takes_over_nor_clears_what_is_told_to_this_one(
    sandbox: Sandbox, config: Path, flex: Flex
) -> None:
    unset = text_of(config)
    await flex("deploy")
    production, flow = answered_at(sandbox), next(iter(sandbox.twilio.world.studio.flows.values())).latest
    write(config, unset.replace(PUBLIC, "https://staging.example.com"))
    code, text = await flex("deploy")
    assert code == 1
    assert f"already tells its events to {PUBLIC}/helpdesk/taskrouter" in text
    assert answered_at(sandbox) == production
    assert next(iter(sandbox.twilio.world.studio.flows.values())).latest is flow
    assert "callback_url" not in text_of(config)
    code, text = await flex("destroy", "--yes")
    assert code == 0, text
    assert sandbox.twilio.world.router.workspace.event_callback_url == f"{PUBLIC}/helpdesk/taskrouter"
    assert [hook.url for hook in sandbox.twilio.world.flex.hooks.registered.values()] == [
        f"{PUBLIC}/helpdesk/interactions"
    ]


async def test_an_earlier_address_that_was_not_noted_is_a_conflict_until_the_owner_names_it(
    sandbox: Sandbox, config: Path, flex: Flex
) -> None:
    await flex("deploy")
    move(config, "https://new.example.com")
    named = f'callback_url = "{PUBLIC}/helpdesk"\n'
    write(config, text_of(config).replace(named, ""))
    code, text = await flex("deploy")
    assert code == 1
    assert "if it is an earlier one of this bot, write it without /taskrouter as callback_url under [twilio]" in text
    assert all(url.startswith(PUBLIC) for url in answered_at(sandbox))
    write(config, text_of(config).replace("[twilio]\n", f"[twilio]\n{named}"))
    code, text = await flex("deploy")
    assert code == 0, text
    assert all(url.startswith("https://new.example.com/") for url in answered_at(sandbox))


async def test_the_one_webhook_of_an_instance_stays_with_whoever_has_it(sandbox: Sandbox, flex: Flex) -> None:
    hooks, theirs = sandbox.twilio.world.flex.hooks, "https://elsewhere.example.com/interactions"
    hooks.register("theirs", "global", theirs, "POST", ["onParticipantJoined"])
    code, text = await flex("deploy")
    assert code == 0, text
    assert f"yours     Flex's Interaction webhook: told to {theirs}" in text
    await flex("destroy", "--yes")
    assert [hook.url for hook in hooks.registered.values()] == [theirs]


async def test_destroy_takes_away_what_is_left_at_an_earlier_address(
    sandbox: Sandbox, config: Path, flex: Flex
) -> None:
    await flex("deploy")
    move(config, "https://new.example.com")
    code, text = await flex("destroy")
    assert f"delete    TaskRouter's events: told to {PUBLIC}/helpdesk/taskrouter" in text
    assert "delete    Flex's Interaction webhook" in text
    code, text = await flex("destroy", "--yes")
    assert code == 0, text
    assert made(sandbox) == []
    assert sandbox.twilio.world.router.workspace.event_callback_url is None
    assert sandbox.twilio.world.flex.hooks.registered == {}


async def test_the_workflow_keeps_the_priorities_of_all_servers_categories(
    sandbox: Sandbox, flex: Flex, config: Path
) -> None:
    await flex("deploy")
    document = tomlkit.parse(text_of(config))
    document["plugins"]["helpdesk"]["categories"] = [
        {"label": "Billing", "priority": 5},
        {"label": "Shop", "priority": 5},
        {"label": "Other"},
        {"label": "Nobody hurries", "priority": 0},
    ]
    own = {"plugins": {"helpdesk": {"categories": [{"label": "Fire", "priority": 9}]}}}
    document["servers"] = {"1300000000000000001": own}
    write(config, tomlkit.dumps(document))
    code, said = await flex("status")
    assert code != 0
    assert "update    TaskRouter workflow" in said
    await flex("deploy")
    (workflow,) = (each for each in sandbox.twilio.world.router.workflows.values() if MADE_BY_US in each.friendly_name)
    filters = json.loads(workflow.configuration)["task_routing"]["filters"]
    found = [
        (each["expression"], each["targets"][0].get("priority"), each["targets"][0]["timeout"]) for each in filters
    ]
    assert found == [("priority == 9", 9, 300), ("priority == 5", 5, 300), ("1==1", None, 300)]
    assert (await flex("status"))[0] == 0
