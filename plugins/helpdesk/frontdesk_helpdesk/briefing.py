"""What a live agent is given: the task's attributes, and a first message in the conversation."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from frontdesk import Article, Case, Line, Person, Say

from frontdesk_helpdesk.twilio_marks import MARK

TASK_LIMIT = 3_900
"""Bytes of a task's attributes that we write, a cautious figure: Flex adds some of its own."""

_LINES = 20
_LINE = 300  # characters of a line that are shown in the first message
_TEXT = 12_000  # characters of the first message; Twilio takes 32 kB


@dataclass(frozen=True, slots=True)
class Briefing:
    """All that an agent should know when a conversation reaches them.

    Args:
        conversation_id: our number of the conversation.
        conversation_sid: Twilio's; None before it exists.
        identity: the member's, towards Twilio.
        request: which request for a person of this conversation.
        person: the member.
        server: the name of their Discord server.
        question: what they want to know.
        case: the case opened for it, if any.
        category: what the member chose at the beginning.
        answers: question -> answer of the first questions.
        priority: the category's, for the routing.
        queue: the category's, for the routing.
        articles: what the knowledge base suggests.
        transcript: what was said so far.
    """

    conversation_id: int
    conversation_sid: str | None
    identity: str
    request: int
    person: Person
    server: str
    question: str = ""
    case: Case | None = None
    category: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    priority: int | None = None
    queue: str | None = None
    articles: Sequence[Article] = ()
    transcript: Sequence[Line] = ()


def task_attributes(briefing: Briefing) -> dict[str, Any]:
    """Give the attributes of a task: Flex's own names first, so that its history and Insights understand them.

    Sources: https://www.twilio.com/docs/flex/developer/insights/enhance-integration (conversations, customers);
    ``from`` and ``customerName`` are what the Flex UI shows.
    """
    person, case = briefing.person, briefing.case
    attributes: dict[str, Any] = {
        "from": person.name,
        "customerName": person.name,
        "name": person.name,
        "channelType": "discord",
        "customers": {"name": person.name, "external_id": briefing.identity},
        "conversations": {
            "communication_channel": "Discord",
            "initiated_by": "Customer",
            "direction": "Inbound",
            "language": person.locale or "",
            "case": case.number if case else "",
            "external_contact": person.name,
        },
        "question": briefing.question[:500],
        "category": briefing.category,
        "answers": dict(briefing.answers),
        "priority": briefing.priority,
        "queue": briefing.queue,
        "case_number": case.number if case else "",
        "case_url": case.url if case else "",
        "discord_user_id": str(person.user_id),
        "discord_server_id": str(person.guild_id),
        "discord_server": briefing.server,
        "account_created": person.account_created.isoformat() if person.account_created else "",
        "member_since": person.joined_at.isoformat() if person.joined_at else "",
        "roles": ", ".join(person.roles)[:300],
        "locale": person.locale or "",
        "frontdesk_conversation": briefing.conversation_id,
        "frontdesk_request": briefing.request,
        "articles": [_article(article) for article in briefing.articles],
        "transcript": [_line(line) for line in briefing.transcript[-_LINES:]],
    }
    if briefing.conversation_sid:
        attributes["conversations"]["conversation_id"] = briefing.conversation_sid
        attributes["conversationSid"] = briefing.conversation_sid
    _shrink(attributes)
    return attributes


def _shrink(attributes: dict[str, Any]) -> None:
    """Leave out what stands in the first message and in the case as well, until the rest is small enough for a task."""

    def is_too_large() -> bool:
        return len(json.dumps(attributes)) > TASK_LIMIT  # letters of many scripts become six bytes each, emoji twelve

    while attributes["transcript"] and is_too_large():
        attributes["transcript"].pop(0)
    while attributes["articles"] and is_too_large():
        attributes["articles"].pop()
    while attributes["answers"] and is_too_large():
        attributes["answers"].popitem()
    for text in ("roles", "question", "discord_server", "category"):
        while attributes[text] and is_too_large():
            attributes[text] = attributes[text][: len(attributes[text]) * 3 // 4]


def with_briefing(attributes: Mapping[str, Any], briefing: Mapping[str, Any]) -> dict[str, Any]:
    """Write the desk's attributes over those of a task that others have made, and leave what only these have set.

    Args:
        attributes: as they are.
        briefing: see `task_attributes`.
    """
    both = {**attributes, **briefing}
    for group in ("customers", "conversations"):
        if isinstance(attributes.get(group), Mapping):
            both[group] = {**attributes[group], **briefing[group]}
    return both


def conversation_attributes(conversation_id: int, task: Mapping[str, Any], *, wants_agent: bool) -> str:
    """Write a Conversation's attributes: what the flow asks for, and the attributes of the task it would make.

    As long as nobody was asked for, a task that the flow makes is one of the next request.
    """
    wants = "yes" if wants_agent else "no"
    task = dict(task, frontdesk_request=task["frontdesk_request"] + (not wants_agent))
    return json.dumps({MARK: conversation_id, "channel": "discord", "wants_agent": wants, "task": dict(task)})


def _article(article: Article) -> dict[str, str]:
    return {"title": article.title[:100], "url": article.url or ""}


def first_message(briefing: Briefing, say: Say, now: datetime) -> str:
    """Write the message that an agent finds at the end of the conversation.

    Args:
        briefing: what to tell.
        say: sentences in the team's language.
        now: the time (UTC).
    """
    person = briefing.person
    lines = [say("briefing-title", name=person.name, server=briefing.server)]
    if briefing.question:
        lines.append(say("briefing-question", question=briefing.question[:1000]))
    if briefing.case is not None:
        lines.append(say("briefing-case", number=briefing.case.number, url=briefing.case.url))
    for sentence, moment in (("briefing-account", person.account_created), ("briefing-member", person.joined_at)):
        if moment is not None:
            lines.append(say(sentence, day=moment.date().isoformat(), days=(now - moment).days))
    if person.roles:
        lines.append(say("briefing-roles", roles=", ".join(person.roles)[:500]))
    if person.locale:
        lines.append(say("briefing-language", language=person.locale))
    if briefing.articles:
        lines.append(say("briefing-articles"))
        lines += [f"- {article.title} {article.url or ''}".rstrip() for article in briefing.articles]
    if briefing.transcript:
        lines.append(say("briefing-transcript"))
        lines += [_line(line) for line in briefing.transcript[-_LINES:]]
    return "\n".join(lines)[:_TEXT]


def _line(line: Line) -> str:
    text = " ".join(line.text.split())
    return f"{line.name}: {text if len(text) <= _LINE else text[: _LINE - 1] + '…'}"
