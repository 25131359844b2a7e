"""What a Discord message says, in words for the live agent: text, quotes, polls, stickers, embeds; and its files."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import hikari
from frontdesk import Say, shortened

from frontdesk_helpdesk.files import GivenFile, Source
from frontdesk_helpdesk.markdown import for_agents, quoted

_QUOTE = 200  # characters of a message that is replied to
_FORWARDED = 4000
_EMOJI = re.compile(r"<a?(:\w+:)\d+>")
_MENTION = re.compile(r"<@!?(\d+)>")
_MOMENT = re.compile(r"<t:(-?\d{1,12})(?::[a-zA-Z])?>")
_BOLD_NAME = re.compile(r"^\*\*(.{1,100}?):\*\* ", re.DOTALL)
_LIMITS = {"title": 256, "description": 2000, "field": 500}


@dataclass(frozen=True, slots=True)
class Said:
    """A message in words.

    Args:
        text: what it says, harmless; empty for files alone.
        files: what came with it.
    """

    text: str
    files: tuple[GivenFile, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text or self.files)


class _Spoken(Protocol):
    """What a message and the snapshot of a forwarded one have in common."""

    @property
    def content(self) -> str | None: ...
    @property
    def embeds(self) -> Sequence[hikari.Embed]: ...
    @property
    def attachments(self) -> Sequence[hikari.Attachment]: ...
    @property
    def stickers(self) -> Sequence[hikari.PartialSticker]: ...
    @property
    def user_mentions(self) -> Mapping[hikari.Snowflake, hikari.User] | hikari.UndefinedType: ...


def read(message: hikari.Message, say: Say) -> Said:
    """Put into words what a member's message says.

    Args:
        message: as Discord gave it.
        say: the sentences in the live agents' language.
    """
    is_voice = bool(message.flags & hikari.MessageFlag.IS_VOICE_MESSAGE)
    blocks = [_reply(message.referenced_message), *_spoken(message, say, is_voice=is_voice), _poll(message.poll, say)]
    files = list(_files(message.attachments, message))
    for snapshot in message.message_snapshots or ():
        inner = "\n".join(block for block in _spoken(snapshot, say, with_cards=True) if block)
        blocks += [say("says-forwarded"), quoted(shortened(inner, _FORWARDED))]
        files += _files(snapshot.attachments, message)
    return Said("\n".join(block for block in blocks if block), tuple(files))


def _spoken(spoken: _Spoken, say: Say, *, is_voice: bool = False, with_cards: bool = False) -> Iterable[str]:
    mentions = spoken.user_mentions or {}
    yield plain(
        spoken.content or "", {int(id_): str(user.global_name or user.username) for id_, user in mentions.items()}
    )
    if is_voice and spoken.attachments:
        yield say("says-voice", seconds=round(spoken.attachments[0].duration or 0))
    for sticker in spoken.stickers:
        yield say("says-sticker", name=for_agents(sticker.name))
    for embed in spoken.embeds:
        # What Discord shows of a link that stands in the text anyway is no news; a forwarded card is.
        if with_cards or not spoken.content:
            yield _card(embed)


def plain(text: str, names: Mapping[int, str]) -> str:
    """Write out what only Discord can show: mentions, custom emoji, moments.

    Args:
        text: a message's content.
        names: of those who are mentioned.
    """
    text = _MENTION.sub(lambda found: f"@{names.get(int(found[1]), found[1])}", text)
    text = _MOMENT.sub(lambda found: _moment(int(found[1])), _EMOJI.sub(r"\1", text))
    return for_agents(text).strip()


def emoji_name(name: str | None, *, is_custom: bool) -> str:
    """Write a reaction's emoji: a custom one by its name, between colons."""
    return f":{name}:" if is_custom else str(name)


def _moment(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return str(seconds)


def _reply(original: hikari.PartialMessage | None) -> str:
    """Quote what is replied to: an agent's line by the name that stands in front of it."""
    if original is None or not isinstance(original.content, str) or not original.content.strip():
        return ""
    named = _BOLD_NAME.sub(r"\1: ", original.content)
    return quoted(shortened(" ".join(plain(named, {}).split()), _QUOTE))


def _poll(poll: hikari.Poll | None, say: Say) -> str:
    if poll is None:
        return ""
    answers = [f"- {for_agents(answer.poll_media.text or '')}" for answer in poll.answers]
    return "\n".join([say("says-poll", question=for_agents(poll.question.text or "")), *answers])


def _card(embed: hikari.Embed) -> str:
    """Write an embed as lines: title, address, text, fields."""
    lines = [shortened(embed.title or "", _LIMITS["title"]), embed.url or ""]
    lines.append(shortened(embed.description or "", _LIMITS["description"]))
    lines += [f"{field.name}: {shortened(field.value, _LIMITS['field'])}" for field in embed.fields]
    return plain("\n".join(line for line in lines if line), {})


def _files(attachments: Iterable[hikari.Attachment], message: hikari.PartialMessage) -> Iterable[GivenFile]:
    for attachment in attachments:
        yield GivenFile(
            source=Source.DISCORD,
            source_id=f"{int(message.id)}/{int(attachment.id)}",
            name=attachment.title or attachment.filename,
            content_type=attachment.media_type or "application/octet-stream",
            size=attachment.size,
            url=attachment.url,
        )
