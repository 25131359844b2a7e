"""Reading a message out of a request's body."""

from frontdesk_sandbox.discord import components, limits
from frontdesk_sandbox.discord.errors import ApiError, invalid
from frontdesk_sandbox.discord.model import Channel, Draft, File, Json, Message, MessageFlag
from frontdesk_sandbox.discord.payloads import stamp
from frontdesk_sandbox.discord.rest.endpoint import Api, Call

_MAY_SET = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2


def read(api: Api, call: Call, body: Json, channel: Channel) -> Draft:
    """A new message, found valid.

    Args:
        api: for the message replied to.
        call: for the files.
        body: the message's part of the request.
        channel: where it will be said.

    Raises:
        ApiError: 50035 or 50006.
    """
    flags = int(body.get("flags") or 0) & _MAY_SET
    draft = Draft(
        content=_content(body), embeds=limits.clean_embeds(body.get("embeds") or []),
        components=components.clean(body.get("components") or [], modern=bool(flags & MessageFlag.COMPONENTS_V2)),
        files=_files(call, body), flags=flags, tts=bool(body.get("tts")), poll=_poll(api, body.get("poll")),
        allowed_mentions=body.get("allowed_mentions"), nonce=body.get("nonce"),
        stickers=[{"id": id_, "name": "sticker", "format_type": 1} for id_ in body.get("sticker_ids") or ()],
    )  # fmt: skip
    if reference := body.get("message_reference"):
        draft.reply_to = _original(channel, reference)
    if draft.nonce is not None and len(str(draft.nonce)) > 25:
        raise invalid("nonce", "Must be 25 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    limits.check_draft(draft)
    return draft


def change(call: Call, body: Json, message: Message) -> Draft:
    """A message as it will be after an edit, found valid; unwanted attachments are taken from the message.

    Raises:
        ApiError: 50035 or 50006.
    """
    modern = bool((int(body.get("flags") or 0) | message.flags) & MessageFlag.COMPONENTS_V2)
    draft = Draft(
        content=_content(body) if "content" in body else message.content,
        embeds=limits.clean_embeds(body["embeds"] or []) if "embeds" in body else message.embeds,
        components=message.components, files=_files(call, body), flags=message.flags,
        allowed_mentions=body.get("allowed_mentions"), poll=message.poll, stickers=message.stickers,
    )  # fmt: skip
    if "components" in body:
        draft.components = components.clean(body["components"] or [], modern=modern)
    kept = message.attachments
    if body.get("attachments") is not None:
        wanted = {str(each["id"]) for each in body["attachments"]}
        kept = [each for each in kept if str(each.id) in wanted]
    if modern and "flags" in body:
        draft.flags |= MessageFlag.COMPONENTS_V2
    limits.check_draft(draft, kept_files=len(kept))
    message.attachments = kept
    return draft


def _content(body: Json) -> str:
    content = body.get("content")
    if content is None:
        return ""
    if not isinstance(content, str | int | float):
        raise invalid("content", "Could not interpret value as string.", "STRING_TYPE_CONVERT")
    return str(content)


def _files(call: Call, body: Json) -> list[File]:
    described = {str(each.get("id")): each for each in body.get("attachments") or ()}
    files = []
    for index, file in sorted(call.files.items()):
        about = described.get(str(index), {})
        name = about.get("filename") or file.name
        files.append(File(name, file.data, file.media_type, about.get("description")))
    return files


def _original(channel: Channel, reference: Json) -> Message | None:
    original = channel.messages.get(int(reference["message_id"]))
    if original is None and reference.get("fail_if_not_exists", True):
        raise invalid("message_reference", "Unknown message", "REPLIES_UNKNOWN_MESSAGE")
    return original


def _poll(api: Api, poll: Json | None) -> Json | None:
    if poll is None:
        return None
    if not poll.get("answers"):
        raise ApiError(400, 520001, "A poll needs answers")
    answers = [{"answer_id": index + 1, "poll_media": each["poll_media"]} for index, each in enumerate(poll["answers"])]
    return {
        "question": poll["question"], "answers": answers, "expiry": stamp(api.world.clock()),
        "allow_multiselect": bool(poll.get("allow_multiselect")), "layout_type": 1,
        "results": {"answer_counts": [], "is_finalized": False},
    }  # fmt: skip
