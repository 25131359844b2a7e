"""The domain of announcements, and its settings."""

import pytest
from frontdesk_announcements.news import is_web_address, may_announce
from frontdesk_announcements.settings import AnnouncementSettings
from pydantic import ValidationError


@pytest.mark.parametrize(
    ("has_permission", "roles", "allowed", "may"),
    [
        (True, (), (), True),
        (False, (), (), False),
        (False, ("Herald",), (), False),
        (False, ("Herald", "Cook"), ("herald",), True),
        (False, ("Cook",), ("Herald",), False),
    ],
)
def test_the_permission_or_a_role_suffices(
    has_permission: bool, roles: tuple[str, ...], allowed: tuple[str, ...], may: bool
) -> None:
    assert may_announce(has_permission, roles, allowed) is may


@pytest.mark.parametrize(
    ("text", "is_address"),
    [
        ("https://example.com/a.png", True),
        ("http://example.com/a.png", True),
        ("javascript:alert(1)", False),
        ("https://example.com/a b.png", False),
        ("https://example.com/" + "a" * 2000, False),
    ],
)
def test_web_addresses(text: str, is_address: bool) -> None:
    assert is_web_address(text) is is_address


def test_a_permission_is_named_as_discord_names_it() -> None:
    assert AnnouncementSettings(permission="manage_guild").permission == "MANAGE_GUILD"
    with pytest.raises(ValidationError, match="MANAGE_MESSAGES"):
        AnnouncementSettings(permission="MANAGE_MESSAGE")
