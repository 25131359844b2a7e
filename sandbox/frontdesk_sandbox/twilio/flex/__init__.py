"""Flex: interactions, their channels, invites, participants and transfers, and Interaction webhooks."""
