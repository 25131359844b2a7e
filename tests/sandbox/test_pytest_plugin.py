"""The fixtures for plugin authors: what they refuse to let pass."""

import pytest

pytest_plugins = ("pytester",)

TESTS = """
ERROR = {"event": "hook failed", "level": "error"}


async def opened(open_desk, **more):
    return (await open_desk(plugins={"announcements": True}, start=False, **more)).bot


async def test_quiet(open_desk):
    (await opened(open_desk)).events.append({"event": "ready", "level": "info"})


async def test_loud(open_desk):
    (await opened(open_desk)).events.append(ERROR)


async def test_loud_in_an_earlier_life(open_desk):
    bot = await opened(open_desk)
    await bot.launch()
    bot.events.append(ERROR)
    await bot.kill()
    await bot.launch()
    await bot.kill()


async def test_loud_on_purpose(open_desk):
    (await opened(open_desk, errors_expected=True)).events.append(ERROR)
"""


def test_errors_that_a_bot_has_logged_fail_the_test(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", timeout=120)
    result.assert_outcomes(passed=4, errors=2)
    result.stdout.fnmatch_lines(["*the bot logged errors*hook failed*", "ERROR *::test_loud *"])
    result.stdout.fnmatch_lines(["ERROR *::test_loud_in_an_earlier_life*"])
