"""What ``frontdesk check`` says of the helpdesk: whether the account is set up for it."""

from frontdesk import Check, CheckState, TwilioTable


def flex_checks(known: TwilioTable, *, has_account: bool, through_studio: bool = True) -> list[Check]:
    """Look, from the settings alone, whether conversations can reach the virtual agent and live agents.

    Args:
        known: the SIDs in bot.toml.
        has_account: whether there are credentials.
        through_studio: whether the flow passes members on; straight routing needs none.
    """
    name = "Helpdesk in Flex"
    if not has_account:
        return [Check(name, CheckState.SKIPPED, "No Twilio account: who asks for a person gets a case.")]
    needed = ["workspace_sid", "workflow_sid", *(["studio_flow_sid"] if through_studio else [])]
    lacking = [key for key in needed if getattr(known, key) is None]
    if lacking:
        detail = f"[twilio] {', '.join(lacking)} missing: nobody would answer."
        return [Check(name, CheckState.PROBLEM, detail, "Run: frontdesk flex deploy")]
    way = f"through the Studio flow {known.studio_flow_sid}" if through_studio else "straight to the workflow"
    return [Check(name, CheckState.OK, f"Conversations go {way}.")]
