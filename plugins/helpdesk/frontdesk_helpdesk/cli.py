"""``frontdesk flex`` at work: sets the Flex account up, tells drift, removes what it made; notes SIDs in bot.toml."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path

from frontdesk import (
    FrontdeskError,
    Settings,
    SettingsError,
    Twilio,
    load_settings,
    plugin_settings,
    set_in_bot_file,
)

from frontdesk_helpdesk.deploy import DeployError, Deployment, Step
from frontdesk_helpdesk.flex_parts import CHANGES
from frontdesk_helpdesk.settings import HelpdeskSettings

_DRIFT = 1


class Wish(Enum):
    """What is to be done about the account."""

    DEPLOY = "deploy"
    STATUS = "status"
    DESTROY = "destroy"


def run(wish: Wish, config: Path, environ: Mapping[str, str], *, dry_run: bool = False, really: bool = False) -> int:
    """Do it, and print what was found or done.

    Args:
        wish: what.
        config: bot.toml.
        environ: the environment's variables.
        dry_run: when setting up, show the plan only.
        really: when taking away, do more than show the plan.

    Returns:
        The exit code; 1 also when the account differs.
    """
    try:
        settings = load_settings(config, environ)
        return asyncio.run(_run(wish, settings, dry_run=dry_run, really=really))
    except SettingsError:
        raise
    except FrontdeskError as error:
        print(f"frontdesk flex: {error}", file=sys.stderr)  # a command's output
        return 1


async def _run(wish: Wish, settings: Settings, *, dry_run: bool, really: bool) -> int:
    account_sid, token = settings.twilio.account_sid, settings.secrets.twilio_auth_token
    if account_sid is None or token is None:
        raise DeployError("set FRONTDESK_TWILIO_ACCOUNT_SID and FRONTDESK_TWILIO_AUTH_TOKEN first")
    if settings.twilio.base_url is None and not settings.web.public_url.startswith("https://"):
        raise DeployError(f"Twilio cannot reach {settings.web.public_url}; set public_url under [web] first")
    own = plugin_settings(settings, "helpdesk", HelpdeskSettings)
    tables = (own.default, *own.servers.values())
    priorities = {category.priority for table in tables for category in table.categories if category.priority}
    twilio = Twilio(account_sid, token.get_secret_value(), base_url=settings.twilio.base_url)
    await twilio.open()
    try:
        callbacks = f"{settings.web.public_url}/helpdesk"
        deployment = Deployment(twilio, settings.twilio, own.default, callbacks=callbacks, priorities=priorities)
        if wish is Wish.DESTROY:
            return await _destroy(deployment, really=really)
        if wish is Wish.STATUS:
            return await _status(deployment)
        return await _deploy(deployment, settings.path, dry_run=dry_run)
    finally:
        await twilio.close()


async def _deploy(deployment: Deployment, config: Path, *, dry_run: bool) -> int:
    _show("the plan", await deployment.plan())
    if dry_run:
        _tell("nothing was changed")
        return 0
    done = await deployment.apply()
    for key, value in deployment.noted.items():
        set_in_bot_file(config, "twilio", key, value)
    _tell(f"{len(done)} changes made" if done else "everything was in order")
    return 0


async def _status(deployment: Deployment) -> int:
    steps = await deployment.plan()
    _show("the account", steps)
    differs = [step for step in steps if step.state in CHANGES]
    _tell(f"{len(differs)} parts differ; `frontdesk flex deploy` mends them" if differs else "everything is in order")
    return _DRIFT if differs else 0


async def _destroy(deployment: Deployment, *, really: bool) -> int:
    steps = await (deployment.remove() if really else deployment.plan_removal())
    if not steps:
        _tell("nothing there was made by Frontdesk")
    elif really:
        _show("deleted", steps)
    else:
        _show("would be deleted", steps)
        _tell("nothing was changed; add --yes to do it")
    return 0


def _show(title: str, steps: Sequence[Step]) -> None:
    _tell(f"{title}:")
    for step in steps:
        print(f"  {step}")  # a command's output


def _tell(text: str) -> None:
    print(f"frontdesk flex: {text}")  # a command's output
