"""The sandbox in a browser: a chat client, an agent desktop, and both side by side."""

from frontdesk_sandbox.pages.site import Pages

__all__ = ["Pages"]
