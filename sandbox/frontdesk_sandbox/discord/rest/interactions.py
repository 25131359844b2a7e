"""Answers to interactions: the callback, and the follow-ups through the application's webhook."""

import asyncio

from frontdesk_sandbox.discord import components, messages, payloads
from frontdesk_sandbox.discord.errors import ApiError, invalid, unknown
from frontdesk_sandbox.discord.interactions import Interaction, InteractionKind, Stage
from frontdesk_sandbox.discord.model import Json, Message, MessageFlag
from frontdesk_sandbox.discord.rest import drafts
from frontdesk_sandbox.discord.rest.endpoint import Api, Call, Endpoint

_MESSAGE, _DEFER, _DEFER_UPDATE, _UPDATE, _CHOICES, _MODAL = 4, 5, 6, 7, 8, 9
_WITH_SOURCE = frozenset({_DEFER_UPDATE, _UPDATE})


def _callback(api: Api, call: Call) -> Json | None:
    interaction = api.interactions.get(call.id("interaction"), call.ids["token"])
    body = call.json()
    kind, data = int(body.get("type") or 0), body.get("data") or {}
    _check_kind(interaction, kind)
    message = _ANSWERS[kind](api, call, interaction, data)
    api.interactions.told(interaction)
    if call.query.get("with_response") not in {"true", "True", "1"}:
        return None
    return _callback_response(api, interaction, kind, message)


def _check_kind(interaction: Interaction, kind: int) -> None:
    if interaction.stage is not Stage.PENDING:
        raise ApiError(400, 40060, "Interaction has already been acknowledged.")
    autocomplete = interaction.kind is InteractionKind.AUTOCOMPLETE
    if kind not in _ANSWERS or (kind == _CHOICES) != autocomplete:
        raise invalid("type", "This callback type cannot answer this interaction", "BASE_TYPE_CHOICES")
    if kind in _WITH_SOURCE and interaction.source is None:
        raise invalid("type", "There is no message to update", "BASE_TYPE_CHOICES")
    if kind == _MODAL and interaction.kind is InteractionKind.MODAL:
        raise invalid("type", "A modal cannot be answered with a modal", "BASE_TYPE_CHOICES")


def _say(api: Api, call: Call, interaction: Interaction, data: Json) -> Message:
    draft = drafts.read(api, call, data, interaction.channel)
    api.interactions.acknowledge(interaction, Stage.ANSWERED)
    return api.interactions.say(interaction, draft, ephemeral=_ephemeral(data))


def _defer(api: Api, _call: Call, interaction: Interaction, data: Json) -> Message:
    api.interactions.acknowledge(interaction, Stage.DEFERRED)
    return api.interactions.promise(interaction, ephemeral=_ephemeral(data))


def _defer_update(api: Api, _call: Call, interaction: Interaction, _data: Json) -> None:
    api.interactions.acknowledge(interaction, Stage.DEFERRED)
    interaction.original = interaction.source


def _update(api: Api, call: Call, interaction: Interaction, data: Json) -> Message:
    assert interaction.source is not None
    _rewrite(api, call, interaction.source, data)
    api.interactions.acknowledge(interaction, Stage.ANSWERED)
    interaction.original = interaction.source
    return interaction.source


def _suggest(api: Api, _call: Call, interaction: Interaction, data: Json) -> None:
    choices = data.get("choices") or []
    if len(choices) > 25:
        raise invalid("data.choices", "Must be 25 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    api.interactions.acknowledge(interaction, Stage.ANSWERED)
    interaction.choices = choices


def _open_modal(api: Api, _call: Call, interaction: Interaction, data: Json) -> None:
    modal = components.clean_modal(data)
    api.interactions.acknowledge(interaction, Stage.ANSWERED)
    interaction.modal = modal
    interaction.modal_since = asyncio.get_running_loop().time()


_ANSWERS = {
    _MESSAGE: _say, _DEFER: _defer, _DEFER_UPDATE: _defer_update, _UPDATE: _update, _CHOICES: _suggest,
    _MODAL: _open_modal,
}  # fmt: skip


def _ephemeral(data: Json) -> bool:
    return bool(int(data.get("flags") or 0) & MessageFlag.EPHEMERAL)


def _callback_response(api: Api, interaction: Interaction, kind: int, message: Message | None) -> Json:
    about: Json = {"id": str(interaction.id), "type": int(interaction.kind)}
    if interaction.channel is not None:
        about["channel_id"] = str(interaction.channel.id)
    if interaction.guild is not None:
        about["guild_id"] = str(interaction.guild.id)
    if message is None:
        return {"interaction": about}
    about |= {
        "response_message_id": str(message.id), "response_message_loading": message.loading,
        "response_message_ephemeral": bool(message.flags & MessageFlag.EPHEMERAL),
    }  # fmt: skip
    if kind == _DEFER:
        return {"interaction": about}
    return {"interaction": about, "resource": {"type": kind, "message": _shown(api, message)}}


def _shown(api: Api, message: Message) -> Json:
    return payloads.message(message, api.world.users, api.world.bot.id)


def _interaction(api: Api, call: Call) -> Interaction:
    if call.id("application") != api.world.bot.id:
        raise unknown("Webhook")
    return api.interactions.by_token(call.ids["token"])


def _answer(api: Api, call: Call) -> tuple[Interaction, Message]:
    interaction = _interaction(api, call)
    which = call.ids.get("message", "@original")
    if which == "@original":
        found = interaction.original
    else:
        known = [*interaction.responses, *([interaction.original] if interaction.original else [])]
        found = next((each for each in known if str(each.id) == which), None)
    if found is None or found.deleted:
        raise unknown("Message")
    return interaction, found


def _follow_up(api: Api, call: Call) -> Json:
    interaction, body = _interaction(api, call), call.json()
    draft = drafts.read(api, call, body, interaction.channel)
    return _shown(api, api.interactions.say(interaction, draft, ephemeral=_ephemeral(body)))


def _get(api: Api, call: Call) -> Json:
    return _shown(api, _answer(api, call)[1])


def _edit(api: Api, call: Call) -> Json:
    interaction, message = _answer(api, call)
    if message.loading:
        draft = drafts.read(api, call, call.json(), interaction.channel)
        api.interactions.keep_promise(message, draft)
    else:
        _rewrite(api, call, message, call.json())
    api.interactions.told(interaction)
    return _shown(api, message)


def _rewrite(api: Api, call: Call, message: Message, body: Json) -> None:
    draft = drafts.change(call, body, message)
    message.flags = draft.flags
    messages.fill(api.world, api.world.channels[message.channel_id], message, draft)
    messages.edited(api.world, message)


def _delete(api: Api, call: Call) -> None:
    interaction, message = _answer(api, call)
    messages.delete(api.world, message)
    if message in interaction.responses:
        interaction.responses.remove(message)
    api.interactions.told(interaction)


_BASE = "/webhooks/{application}/{token}"

ENDPOINTS = [
    Endpoint("POST", "/interactions/{interaction}/{token}/callback", _callback),
    Endpoint("POST", _BASE, _follow_up),
    *(
        endpoint
        for which in ("/messages/@original", "/messages/{message}")
        for endpoint in (
            Endpoint("GET", _BASE + which, _get),
            Endpoint("PATCH", _BASE + which, _edit),
            Endpoint("DELETE", _BASE + which, _delete),
        )
    ),
]
