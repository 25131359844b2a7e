"""The whole story, played by itself against a real bot: each step is done and observed as a person would."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from frontdesk_sandbox.changes import NotSeenError
from frontdesk_sandbox.house import House
from frontdesk_sandbox.sandbox import Sandbox
from frontdesk_sandbox.twilio.chat.state import ConversationState
from frontdesk_sandbox.visitor import Visitor

_NO_ANSWER = "no answer in time"
_LAST_WORDS = "a fresh link is on its way"


@dataclass(frozen=True)
class Step:
    """One step of the tour, as it went.

    Args:
        title: what was done.
        seen: what was observed; what went wrong if it failed.
        seconds: how long it took.
        ok: whether everything was observed.
    """

    title: str
    seen: str
    seconds: float
    ok: bool


class Tour:
    """A member asks, is answered, asks for a person, and is helped; the case can be read.

    Args:
        sandbox: with a bot that is ready.
        house: the prepared server.
        told: hears each step as soon as it is over.
    """

    def __init__(self, sandbox: Sandbox, house: House, told: Callable[[Step], None]) -> None:
        self._sandbox = sandbox
        self._member = house.sam
        self._moderator = house.moderator
        self._house = house
        self._agent = sandbox.twilio.agent("amira")
        self._told = told
        self._case_url = ""
        self._case_number = ""

    async def play(self) -> bool:
        """Play all steps; after one that fails, the rest are not played.

        Returns:
            Whether every step was observed.
        """
        steps: list[tuple[str, Callable[[], Awaitable[str]]]] = [
            ("A moderator announces a season", self._announce),
            ("Sam reports a bug with /bug", self._report),
            ("Sam has an idea: /new_feature", self._idea),
            ("Sam types /helpme", self._help),
            ("Sam asks how to reset the password", self._ask),
            ("Sam asks for a person", self._request),
            ("Amira accepts the task in Flex", self._accept),
            ("Both talk", self._talk),
            ("Amira completes the task", self._complete),
            ("Amira reads the case", self._read_case),
        ]
        for title, act in steps:
            started = time.perf_counter()
            try:
                seen, ok = await act(), True
            except (NotSeenError, AssertionError, aiohttp.ClientError, LookupError, TimeoutError) as error:
                seen, ok = f"not observed: {str(error) or _NO_ANSWER}", False
            self._told(Step(title, seen, time.perf_counter() - started, ok))
            if not ok:
                return False
        return True

    async def _announce(self) -> str:
        await self._moderator.command("/announce title:Season 4 text:The Festival of Embers begins on Thursday.")
        await self._member.sees("Festival of Embers", self._house.announcements)
        return "Sam reads it in #announcements"

    async def _report(self) -> str:
        await self._member.command("/bug")
        await self._submit("Lanterns go dark after a while", "They stop glowing after ten minutes.")
        await self._moderator.sees("Lanterns go dark", self._house.bug_report)
        answer = await self._member.sees("CASE-")
        return f"posted in #bug-report; Sam is told: {_short(answer)}"

    async def _idea(self) -> str:
        await self._member.command("/new_feature")
        await self._submit("Pets with lanterns", "Let pets carry a lantern of their own.")
        await self._moderator.sees("Pets with lanterns", self._house.feature_request)
        return "posted in #feature-request"

    async def _submit(self, *wanted: str) -> None:
        """Fill in the modal that is open: the first fields with these texts, the other required ones with a word."""
        member = self._member
        modal = await self._sandbox.changes.until(member.open_modal, what="a modal")
        fields = [row["components"][0] for row in (modal.modal or {})["components"]]
        texts = list(wanted)
        values: dict[str, str] = {}
        for field in fields:
            if texts:
                values[field["custom_id"]] = texts.pop(0)
            elif field.get("required", True):
                values[field["custom_id"]] = "As described."
        await member.submit(deadline=10.0, **values)

    async def _help(self) -> str:
        await self._member.command("/helpme", self._house.customer_service)
        greeting = await self._member.sees("Ask me anything", "dm")
        return f"a direct message: {_short(greeting)}"

    async def _ask(self) -> str:
        await self._member.say("How do I reset my password?", to="dm")
        answer = await self._member.sees("Reset your password", "dm")
        return f"an answer from the articles: {_short(answer)}"

    async def _request(self) -> str:
        await self._agent.available()
        await self._member.click("Talk to a person")
        opened = await self._member.sees("CASE-", "dm")
        await self._member.sees("being transferred", "dm")
        offer = await self._agent.offered()
        customer = self._sandbox.twilio.world.router.tasks[offer.task_sid].details["customerName"]
        assert customer == "Sam", f"the task is offered for {customer!r}"
        return f"Sam is told: {_short(opened)} Then: you are being transferred. Amira is offered a task of {customer}"

    async def _accept(self) -> str:
        await self._agent.accept()
        details = self._agent.task
        self._case_url, self._case_number = str(details["case_url"]), str(details["case_number"])
        assert self._case_number.startswith("CASE-"), f"no case number in the task: {details}"
        briefing = await self._agent.sees(self._case_number)
        assert "How do I reset my password?" in briefing.body, f"the briefing does not tell the question: {briefing}"
        await self._member.sees("Amira Haddad", "dm")
        return f"Amira reads the question and {self._case_number}; Sam is told that Amira Haddad has joined"

    async def _talk(self) -> str:
        await self._agent.says("Hello Sam, which e-mail address does your account have?")
        await self._member.sees("which e-mail address", "dm")
        await self._member.say("sam@example.com", to="dm")
        await self._agent.sees("sam@example.com")
        await self._agent.says(f"Thank you, {_LAST_WORDS}.")
        await self._member.sees(_LAST_WORDS, "dm")
        return "two lines of Amira and one of Sam, each on both sides"

    async def _complete(self) -> str:
        conversation = self._agent.conversation
        await self._agent.completes()
        await self._sandbox.changes.until(
            lambda: not self._agent.tasks() and conversation.state is ConversationState.CLOSED,
            what="a desktop without the task, and a Conversation that is closed",
        )
        await self._member.sees("conversation has ended", "dm")
        return "Amira's task is gone and the Conversation is closed; Sam is told that it has ended"

    async def _read_case(self) -> str:
        url = urlsplit(self._case_url)
        browser = Visitor(f"{url.scheme}://{url.netloc}")
        try:
            signed_in = await browser.by_flex(self._agent.flex_token())
            assert signed_in.status == 200, f"the sign-in was answered with {signed_in.status}"
            page = await browser.get(self._case_url)
        finally:
            await browser.close()
        assert page.status == 200, f"the page answered {page.status}"
        for wanted in (self._case_number, "Sam", "How do I reset my password?"):
            assert wanted in page.text, f"the page does not show {wanted!r}"
        assert self._member.seen(self._case_number, "dm"), f"Sam was not told of {self._case_number}"
        return f"{self._case_number}, of which Sam was told, shows the question and the conversation"


def _short(message: Any, limit: int = 70) -> str:
    words: list[str] = [message.content or ""]
    words += [str(embed.get(part, "")) for embed in message.embeds for part in ("title", "description")]
    text = " ".join(" ".join(words).split())
    return f"“{text}”" if len(text) <= limit else f"“{text[: limit - 1]}…”"
