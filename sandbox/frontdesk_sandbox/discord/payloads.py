"""The world in Discord's JSON: one function a kind of thing. Absent optionals are left out, as Discord does."""

from datetime import datetime

from frontdesk_sandbox.discord.model import (
    Attachment,
    Channel,
    ChannelKind,
    Guild,
    GuildMember,
    Json,
    Message,
    Overwrite,
    Role,
    User,
)
from frontdesk_sandbox.discord.snowflakes import moment_of


def stamp(moment: datetime) -> str:
    """A moment as Discord writes it."""
    return moment.isoformat(timespec="microseconds")


def user(person: User) -> Json:
    """A user object."""
    payload: Json = {
        "id": str(person.id), "username": person.name, "global_name": person.display_name,
        "avatar": None, "discriminator": "0", "public_flags": 0, "flags": 0, "primary_guild": None,
    }  # fmt: skip
    if person.bot:
        payload["bot"] = True
    return payload


def own_user(person: User) -> Json:
    """The user object that somebody gets of themself: the bot, or who has signed in elsewhere."""
    return {
        **user(person), "mfa_enabled": True, "locale": person.locale, "verified": True, "email": None,
        "premium_type": 0,
    }  # fmt: skip


def member(one: GuildMember, *, with_user: bool = True) -> Json:
    """A guild member object."""
    payload: Json = {
        "avatar": None, "banner": None, "flags": 0, "joined_at": stamp(one.joined_at), "nick": one.nick,
        "communication_disabled_until": stamp(one.timed_out_until) if one.timed_out_until else None,
        "pending": False, "premium_since": None, "roles": [str(role) for role in one.roles],
        "mute": False, "deaf": False,
    }  # fmt: skip
    if with_user:
        payload["user"] = user(one.user)
    return payload


def role(one: Role) -> Json:
    """A role object."""
    payload: Json = {
        "id": str(one.id), "name": one.name, "permissions": str(one.permissions), "position": one.position,
        "color": one.color, "hoist": one.hoist, "managed": one.bot_id is not None,
        "colors": {"primary_color": one.color, "secondary_color": None, "tertiary_color": None},
        "mentionable": one.mentionable, "icon": None, "unicode_emoji": None, "flags": 0,
    }  # fmt: skip
    if one.bot_id is not None:
        payload["tags"] = {"bot_id": str(one.bot_id)}
    return payload


def overwrite(one: Overwrite) -> Json:
    """A permission overwrite object."""
    return {"id": str(one.id), "type": one.kind, "allow": str(one.allow), "deny": str(one.deny)}


def channel(one: Channel, people: dict[int, User], viewer: int) -> Json:
    """A channel object of any kind, as ``viewer`` (a user id) is shown it."""
    payload: Json = {
        "id": str(one.id), "type": int(one.kind), "flags": one.settings.get("flags", 0),
        "last_message_id": str(one.last_message_id) if one.last_message_id else None,
    }  # fmt: skip
    if one.kind is ChannelKind.DM:
        payload["recipients"] = [user(people[id_]) for id_ in one.recipients if id_ != viewer]
        return payload
    payload |= {"guild_id": str(one.guild_id), "name": one.name}
    payload["parent_id"] = str(one.parent_id) if one.parent_id else None
    payload["rate_limit_per_user"] = one.settings.get("rate_limit_per_user", 0)
    if one.is_thread:
        return payload | _thread(one, viewer)
    payload |= {
        "position": one.position, "permission_overwrites": [overwrite(each) for each in one.overwrites],
        "nsfw": one.settings.get("nsfw", False), "topic": one.settings.get("topic"),
    }  # fmt: skip
    if one.kind is ChannelKind.VOICE:
        payload |= {"bitrate": 64000, "user_limit": 0, "rtc_region": None}
    if one.kind is ChannelKind.FORUM:
        payload |= {
            "available_tags": one.settings.get("available_tags", []), "default_forum_layout": 0,
            "default_reaction_emoji": None, "default_sort_order": None,
        }  # fmt: skip
    return payload


def _thread(one: Channel, viewer: int) -> Json:
    created = moment_of(one.id)
    payload: Json = {
        "owner_id": str(one.owner_id), "member_count": len(one.thread_members),
        "message_count": len(one.messages), "total_message_sent": len(one.messages),
        "thread_metadata": {
            "archived": one.archived, "locked": one.locked,
            "archive_timestamp": stamp(one.archive_moment or created),
            "auto_archive_duration": one.settings.get("auto_archive_duration", 1440),
            "create_timestamp": stamp(created),
        },
    }  # fmt: skip
    if one.kind is ChannelKind.PRIVATE_THREAD:
        payload["thread_metadata"]["invitable"] = one.settings.get("invitable", True)
    if applied := one.settings.get("applied_tags"):
        payload["applied_tags"] = applied
    if viewer in one.thread_members:
        payload["member"] = thread_member(one, viewer)
    return payload


def thread_member(thread: Channel, user_id: int) -> Json:
    """A thread member object."""
    joined = stamp(thread.thread_members[user_id])
    return {"id": str(thread.id), "user_id": str(user_id), "join_timestamp": joined, "flags": 0}


def attachment(one: Attachment) -> Json:
    """An attachment object."""
    payload: Json = {
        "id": str(one.id), "filename": one.file.name, "size": len(one.file.data), "url": one.url,
        "proxy_url": one.url, "content_type": one.file.media_type,
    }  # fmt: skip
    if one.file.description is not None:
        payload["description"] = one.file.description
    if one.ephemeral:
        payload["ephemeral"] = True
    if one.file.seconds is not None:
        payload |= {"duration_secs": one.file.seconds, "waveform": "AAAA"}
    return payload


def emoji(key: str) -> Json:
    """A partial emoji object from ``name`` (Unicode) or ``name:id``."""
    name, _, id_ = key.partition(":")
    return {"id": id_ or None, "name": name}


def message(one: Message, people: dict[int, User], viewer: int, *, deep: bool = True) -> Json:
    """A message object, as ``viewer`` (a user id) is shown it.

    Args:
        one: the message.
        people: everyone, by id.
        viewer: decides what ``me`` means in reactions.
        deep: whether the message replied to is included.
    """
    payload: Json = {
        "id": str(one.id), "channel_id": str(one.channel_id), "type": int(one.kind), "content": one.content,
        "author": user(one.author), "timestamp": stamp(moment_of(one.id)),
        "edited_timestamp": stamp(one.edited_at) if one.edited_at else None, "tts": one.tts,
        "mention_everyone": one.mention_everyone, "mentions": [user(each) for each in one.mentions],
        "mention_roles": [str(each) for each in one.mention_roles],
        "attachments": [attachment(each) for each in one.attachments], "embeds": one.embeds,
        "components": one.components, "pinned": one.pinned_at is not None, "flags": one.flags,
    }  # fmt: skip
    if one.reactions:
        payload["reactions"] = [_reaction(key, users, viewer) for key, users in one.reactions.items()]
    if one.stickers:
        payload["sticker_items"] = one.stickers
    if one.poll is not None:
        payload["poll"] = one.poll
    if one.forwarded is not None:
        payload["message_reference"] = _reference(one.forwarded) | {"type": 1}
        payload["message_snapshots"] = [{"message": _snapshot(one.forwarded)}]
    if one.reply_to is not None:
        payload["message_reference"] = _reference(one.reply_to)
        if deep:
            original = one.reply_to
            payload["referenced_message"] = None if original.deleted else message(original, people, viewer, deep=False)
    if one.thread is not None:
        payload["thread"] = channel(one.thread, people, viewer)
    if one.interaction is not None:
        payload["interaction_metadata"] = one.interaction
    if one.webhook_id is not None:
        payload |= {"webhook_id": str(one.webhook_id), "application_id": str(one.webhook_id)}
    return payload


def _snapshot(original: Message) -> Json:
    payload: Json = {
        "type": int(original.kind), "content": original.content, "embeds": original.embeds,
        "attachments": [attachment(each) for each in original.attachments], "flags": original.flags,
        "timestamp": stamp(moment_of(original.id)), "mentions": [user(each) for each in original.mentions],
        "edited_timestamp": stamp(original.edited_at) if original.edited_at else None, "components": [],
        "mention_roles": [str(each) for each in original.mention_roles],
    }  # fmt: skip
    if original.stickers:
        payload["sticker_items"] = original.stickers
    return payload


def _reference(original: Message) -> Json:
    payload: Json = {"type": 0, "message_id": str(original.id), "channel_id": str(original.channel_id)}
    if original.guild_id:
        payload["guild_id"] = str(original.guild_id)
    return payload


def _reaction(key: str, users: list[int], viewer: int) -> Json:
    return {
        "emoji": emoji(key), "count": len(users), "count_details": {"burst": 0, "normal": len(users)},
        "burst_colors": [], "me_burst": False, "me": viewer in users,
    }  # fmt: skip


def guild(one: Guild) -> Json:
    """A guild object as REST gives it."""
    return {
        "id": str(one.id), "name": one.name, "icon": None, "description": None, "home_header": None,
        "splash": None, "discovery_splash": None, "features": ["COMMUNITY", "NEWS"], "banner": None,
        "owner_id": str(one.owner_id), "application_id": None, "region": "us-east", "afk_channel_id": None,
        "afk_timeout": 300, "system_channel_id": None, "system_channel_flags": 0, "widget_enabled": False,
        "widget_channel_id": None, "verification_level": 0, "default_message_notifications": 0,
        "roles": [role(each) for each in one.roles.values()], "mfa_level": 0, "explicit_content_filter": 0,
        "max_presences": None, "max_members": 500000, "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25, "vanity_url_code": None, "premium_tier": 0,
        "premium_subscription_count": 0, "preferred_locale": one.locale, "rules_channel_id": None,
        "safety_alerts_channel_id": None, "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False, "nsfw": False, "nsfw_level": 0, "emojis": [], "stickers": [],
        "incidents_data": None,
    }  # fmt: skip


def guild_create(one: Guild, people: dict[int, User], viewer: int, visible: list[Channel], now: datetime) -> Json:
    """The data of GUILD_CREATE: of the members only the bot itself, as without the presence intent."""
    threads = [each for each in visible if each.is_thread and not each.archived]
    return guild(one) | {
        "joined_at": stamp(one.members[viewer].joined_at if viewer in one.members else now),
        "large": False, "unavailable": False, "member_count": len(one.members), "voice_states": [],
        "members": [member(one.members[viewer])] if viewer in one.members else [],
        "channels": [channel(each, people, viewer) for each in visible if not each.is_thread],
        "threads": [channel(each, people, viewer) for each in threads],
        "presences": [], "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [],
    }  # fmt: skip
