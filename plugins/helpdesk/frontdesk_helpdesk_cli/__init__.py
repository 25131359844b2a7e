"""``frontdesk flex`` as it is typed.

A package beside the plugin's, which would be imported before any module inside it: help must not wait for Discord.
"""

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path


def main(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Run ``frontdesk flex``.

    Args:
        argv: what follows ``flex``.
        environ: the environment's variables.

    Returns:
        The exit code; ``status`` gives 1 when the account differs.
    """
    given = _parser(environ).parse_args(list(argv))
    from frontdesk_helpdesk.cli import Wish, run

    wish = Wish(given.command)
    dry_run = wish is Wish.DEPLOY and given.dry_run
    return run(wish, given.config, environ, dry_run=dry_run, really=wish is Wish.DESTROY and given.yes)


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="frontdesk flex", description="Look after the Twilio Flex account.")
    commands = parser.add_subparsers(required=True, dest="command")
    deploy = commands.add_parser("deploy", help="Set up queue, workflow, flow and webhooks; note them in bot.toml.")
    deploy.add_argument("--dry-run", action="store_true", help="Show the plan, and change nothing.")
    status = commands.add_parser("status", help="Tell how the account differs from what the helpdesk needs.")
    destroy = commands.add_parser("destroy", help="Delete what deploy has made, and nothing else.")
    destroy.add_argument("--yes", action="store_true", help="Do it; without this the plan is only shown.")
    for command in (deploy, status, destroy):
        command.add_argument("--config", "-c", type=Path, default=Path(environ.get("FRONTDESK_CONFIG", "bot.toml")))
    return parser
