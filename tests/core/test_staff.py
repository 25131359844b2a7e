"""Roles and who may do what; limits; where a sign-in may lead."""

import string

import pytest
from frontdesk import Role, Staff
from frontdesk.staff import RoleNames, highest_of
from frontdesk.staff_door import own_path
from frontdesk.staff_limits import SlidingWindow, network_of, shortened_address
from hypothesis import given
from hypothesis import strategies as st

roles = st.sampled_from(Role)


@given(roles, roles, roles)
def test_roles_are_ordered(one: Role, other: Role, third: Role) -> None:
    assert one.includes(one)
    assert one.includes(other) or other.includes(one)
    if one.includes(other) and other.includes(third):
        assert one.includes(third)


def test_the_order_of_roles() -> None:
    assert [role for role in Role if Role.AGENT.includes(role)] == [Role.VIEWER, Role.AGENT]


def test_staff_may_do_what_their_role_in_a_server_lets_them() -> None:
    staff = Staff("discord:7", "Mina", {2: Role.AGENT, 1: Role.SUPERVISOR, 3: Role.VIEWER}, "discord")
    assert staff.role_in(2) is Role.AGENT
    assert staff.role_in(9) is None
    assert staff.guilds_with(Role.AGENT) == [1, 2]
    assert staff.highest is Role.SUPERVISOR
    assert staff.may(Role.SUPERVISOR)
    assert not staff.may(Role.SUPERVISOR, 2)
    assert not staff.may(Role.VIEWER, 9)
    nobody = Staff("discord:8", "Sam", {}, "discord")
    assert nobody.highest is None
    assert not nobody.may(Role.VIEWER)


def test_discord_roles_count_by_name_and_by_id() -> None:
    names = RoleNames(
        viewer=frozenset({"Friend"}), agent=frozenset({"Moderator", "55"}), supervisor=frozenset({"Lead"})
    )
    assert names.role_for({1: "Friend", 55: "Renamed"}) is Role.AGENT
    assert names.role_for({2: "Moderator", 3: "Lead"}) is Role.SUPERVISOR
    assert names.role_for({1: "friend", 5: "moderator"}) is None, "names are exact"
    assert names.role_for({}) is None
    assert RoleNames(agent=frozenset({"55"})).role_for({7: "55"}) is None, "a role called like the id of another"


def test_the_greatest_role_in_flex_counts() -> None:
    names = {"agent": Role.AGENT, "admin": Role.SUPERVISOR}
    assert highest_of(names, ("agent", "admin")) is Role.SUPERVISOR
    assert highest_of(names, ("wfo.analyst",)) is None


def test_a_window_lets_so_many_through_and_slides() -> None:
    window = SlidingWindow(2, 10)
    for moment in (0.0, 4.0):
        assert window.wait("a", moment) == 0
        window.count("a", moment)
    assert window.wait("a", 5.0) == 5.0
    assert window.wait("b", 5.0) == 0
    assert window.wait("a", 10.0) == 0
    window.count("a", 10.0)
    assert window.wait("a", 10.0) == 4.0


def test_a_window_remembers_so_many_addresses() -> None:
    window = SlidingWindow(1, 10, addresses=2)
    for name in "abc":
        window.count(name, 0.0)
    assert [window.wait(name, 1.0) > 0 for name in "abc"] == [False, True, True]


@pytest.mark.parametrize(
    ("address", "counted", "kept"),
    [
        ("203.0.113.77", "203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("testclient", "unknown", "unknown"),
        ("", "unknown", "unknown"),
    ],
)
def test_addresses_are_cut(address: str, counted: str, kept: str) -> None:
    assert (network_of(address), shortened_address(address)) == (counted, kept)


@pytest.mark.parametrize("path", ["/cases/7", "/cases/?q=a&page=2", "/desk/staff/"])
def test_a_sign_in_leads_to_our_own_paths(path: str) -> None:
    assert own_path(path, "/staff/") == path


@pytest.mark.parametrize(
    "elsewhere",
    [
        None, "", "cases", "//evil.example", "///evil.example", "/\\evil.example", "https://evil.example/",
        "javascript:alert(1)", "/a\nSet-Cookie: b=c", "/\t/evil.example", "/" + "a" * 2000, "/%2e%2e//\\evil",
    ],
)  # fmt: skip
def test_and_nowhere_else(elsewhere: str | None) -> None:
    assert own_path(elsewhere, "/staff/") == "/staff/"


@given(st.text(alphabet=string.printable))
def test_whatever_is_written_there(text: str) -> None:
    path = own_path(text, "/staff/")
    assert path.startswith("/")
    assert path[1:2] not in {"/", "\\"}
    assert path.isprintable()
