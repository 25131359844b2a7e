"""Everything that a real hikari client and the loopback Discord say to each other fits Discord's description."""

import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import hikari
import lightbulb
import pytest
from frontdesk_sandbox.discord import Exchange, File, Message
from frontdesk_sandbox.discord.contract import DiscordContract
from frontdesk_sandbox.discord.model import ChannelKind
from hikari.impl import MessageActionRowBuilder

from tests.sandbox.discord.bot_desk import Desk, check_understood, opened

SPEC = Path(__file__).parents[3] / "shared" / "specs" / "discord" / "openapi.json"

pytestmark = pytest.mark.skipif(not SPEC.exists(), reason="../shared/specs is not there")


@pytest.fixture
async def desk(caplog: pytest.LogCaptureFixture) -> AsyncIterator[Desk]:
    async with opened() as desk:
        yield desk
    check_understood(caplog)


@pytest.fixture
async def contract(desk: Desk) -> AsyncIterator[DiscordContract]:
    """Collects what breaks the contract during the test, and fails it at the end."""
    contract, problems = DiscordContract(SPEC), []

    def observe(exchange: Exchange) -> None:
        problems.extend(contract.check(exchange))

    desk.discord.on_exchange = observe
    yield contract
    assert not problems, "\n".join(problems)


def _row() -> MessageActionRowBuilder:
    row = MessageActionRowBuilder()
    row.add_interactive_button(hikari.ButtonStyle.PRIMARY, "a", label="A", emoji="👍")
    row.add_link_button("https://example.org", label="B")
    return row


def _select() -> MessageActionRowBuilder:
    row = MessageActionRowBuilder()
    row.add_text_menu("s", placeholder="Choose").add_option("One", "1").add_option("Two", "2").parent  # noqa: B018  # builder
    return row


def _embed() -> hikari.Embed:
    embed = hikari.Embed(title="T", description="D", color=0x112233, url="https://example.org")
    embed.add_field("n", "v", inline=True).set_footer("f").set_author(name="a")
    return embed.set_image(hikari.Bytes(b"png", "a.png"))


async def test_messages(desk: Desk, contract: DiscordContract) -> None:
    bot = desk.bot()
    await desk.start(bot)
    rest, channel = bot.rest, desk.general.id
    mina = desk.member()
    said = await mina.say("hello <@1>", "#general", attachments=[File("a.txt", b"a")])
    await mina.react(said, "👍")
    sent = await rest.create_message(
        channel,
        f"hi <@{mina.user.id}>",
        embeds=[_embed()],
        components=[_row(), _select()],
        attachment=hikari.Bytes(b"x", "x.txt"),
        reply=said.id,
        nonce="1",
        user_mentions=True,
    )
    await rest.add_reaction(channel, sent, "👍")
    await rest.fetch_reactions_for_emoji(channel, sent, "👍")
    await rest.delete_my_reaction(channel, sent, "👍")
    await rest.edit_message(channel, sent, "changed", embeds=[], components=[])
    await rest.pin_message(channel, sent)
    await rest.fetch_message(channel, sent)
    await rest.fetch_messages(channel, after=said.id)
    await rest.trigger_typing(channel)
    await rest.unpin_message(channel, sent)
    await rest.delete_message(channel, sent)
    more = [await rest.create_message(channel, "x") for _ in range(2)]
    await rest.delete_messages(channel, more)
    dm = await rest.create_dm_channel(mina.user.id)
    await rest.create_message(dm, "hi")
    news = desk.discord.world.create_channel(desk.guild, "news", ChannelKind.ANNOUNCEMENT)
    await rest.crosspost_message(news.id, await rest.create_message(news.id, "news"))
    for wrong in ("x" * 2001, ""):
        with pytest.raises(hikari.BadRequestError):
            await rest.create_message(channel, wrong)
    with pytest.raises(hikari.NotFoundError):
        await rest.fetch_message(channel, 1)
    assert len(contract.checked) > 15


async def test_channels_threads_roles_and_members(desk: Desk, contract: DiscordContract) -> None:
    bot = desk.bot()
    await desk.start(bot)
    rest, guild = bot.rest, desk.guild.id
    mina = desk.member()
    text = await rest.create_guild_text_channel(guild, "text", topic="t")
    await rest.create_guild_news_channel(guild, "news")
    await rest.create_guild_category(guild, "box")
    tags = [hikari.ForumTag(name="bug")]
    forum = await rest.create_guild_forum_channel(guild, "forum", available_tags=tags)
    await rest.create_guild_voice_channel(guild, "voice")
    await rest.edit_channel(text, topic="u")
    await rest.edit_permission_overwrite(
        text, mina.user.id, target_type=hikari.PermissionOverwriteType.MEMBER, allow=hikari.Permissions.VIEW_CHANNEL
    )
    await rest.delete_permission_overwrite(text, mina.user.id)
    await rest.fetch_guild_channels(guild)
    post = await rest.create_forum_post(forum, "Post", "text", tags=[forum.available_tags[0].id])
    message = await rest.create_message(text, "m")
    thread = await rest.create_message_thread(text, message, "from message")
    await rest.fetch_message(text, message)
    private = await rest.create_thread(text, hikari.ChannelType.GUILD_PRIVATE_THREAD, "private")
    await rest.add_thread_member(private, mina.user.id)
    await rest.fetch_thread_members(private)
    await rest.remove_thread_member(private, mina.user.id)
    await rest.fetch_active_threads(guild)
    await rest.edit_channel(post, archived=True)
    await rest.fetch_public_archived_threads(forum)
    await rest.delete_channel(thread)
    role = await rest.create_role(guild, name="Helper")
    await rest.edit_role(guild, role, color=0x00FF00)
    await rest.add_role_to_member(guild, mina.user.id, role)
    await rest.remove_role_from_member(guild, mina.user.id, role)
    await rest.fetch_roles(guild)
    await rest.delete_role(guild, role)
    await rest.fetch_member(guild, mina.user.id)
    await rest.fetch_members(guild)
    await rest.search_members(guild, "mina")
    await rest.edit_my_member(guild, nickname="Desk")
    await rest.fetch_guild(guild)
    await rest.fetch_user(mina.user.id)
    await rest.fetch_my_user()
    await rest.fetch_my_guilds()
    with pytest.raises(hikari.ForbiddenError):
        await rest.kick_user(guild, mina.user.id)
    await rest.delete_channel(text)
    assert len(contract.checked) > 30


CHOICES = [lightbulb.Choice("Plain", "plain"), lightbulb.Choice("Late", "late")]


class Everything(lightbulb.SlashCommand, name="everything", description="All kinds of answers"):
    how = lightbulb.string("how", "Which", choices=CHOICES)
    count = lightbulb.integer("count", "How many", default=1, min_value=1)

    @lightbulb.invoke
    async def run(self, ctx: lightbulb.Context) -> None:
        if self.how == "late":
            await ctx.defer(ephemeral=True)
        first = await ctx.respond("one", components=[_row()], ephemeral=True)
        await ctx.edit_response(first, "one, mended")
        await ctx.fetch_response(first)
        second = await ctx.respond("two", attachment=hikari.Bytes(b"x", "x.txt"))
        await ctx.delete_response(second)
        await ctx.respond("done")


class Form(lightbulb.components.Modal):
    def __init__(self) -> None:
        self.title = self.add_short_text_input("Title")

    async def on_submit(self, ctx: lightbulb.components.ModalContext) -> None:
        await ctx.respond("thanks")


class Panel(lightbulb.components.Menu):
    def __init__(self) -> None:
        self.form = self.add_interactive_button(hikari.ButtonStyle.PRIMARY, self.on_form, label="Form")
        self.edit = self.add_interactive_button(hikari.ButtonStyle.PRIMARY, self.on_edit, label="Edit")

    async def on_form(self, ctx: lightbulb.components.MenuContext) -> None:
        form = Form()
        await ctx.respond_with_modal("Form", "form", components=form)
        await form.attach(ctx.client, "form", timeout=10)

    async def on_edit(self, ctx: lightbulb.components.MenuContext) -> None:
        await ctx.respond("edited", edit=True)


def _texts(messages: list[Message]) -> list[str]:
    return [one.content for one in messages]


async def _until(desk: Desk, messages: list[Message], wanted: list[str]) -> None:
    await desk.discord.changes.until(lambda: _texts(messages) == wanted, what=str(wanted))


async def test_interactions(desk: Desk, contract: DiscordContract) -> None:
    bot = desk.bot()
    client = await desk.start(bot, Everything)
    mina = desk.member()
    for how in ("Plain", "Late"):
        said = (await mina.command(f"/everything how:{how} count:2")).responses
        await _until(desk, said, ["one, mended", "done"])
    panel = Panel()
    await bot.rest.create_message(desk.general.id, "panel", components=panel)
    panel.attach_persistent(client, timeout=None)
    await mina.click("Form")
    await mina.submit(Title="x")
    await mina.sees("thanks")
    await mina.click("Edit")
    await mina.sees("edited")
    me, guild = desk.discord.world.bot.id, desk.guild.id
    made = await bot.rest.create_slash_command(me, "local", "x", guild=guild)
    await bot.rest.edit_application_command(me, made, guild, description="y")
    await bot.rest.fetch_application_commands(me, guild)
    await bot.rest.delete_application_command(me, made, guild)
    assert len(contract.checked) > 10


async def test_who_has_signed_in_elsewhere(desk: Desk, contract: DiscordContract) -> None:
    world, oauth, back = desk.discord.world, desk.discord.oauth, "http://127.0.0.1:1/back"
    person = desk.member().user
    world.redirect_uris.append(back)
    base = desk.discord.rest_url.removesuffix("/api/v10")
    verifier = "v" * 43
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code", "client_id": str(world.bot.id), "scope": "identify", "redirect_uri": back,
        "state": "s&t", "code_challenge": challenge, "code_challenge_method": "S256", "member": str(person.id),
    }  # fmt: skip
    async with aiohttp.ClientSession() as session:

        async def code(**other: str) -> str:
            asked = query | other
            async with session.get(f"{base}/oauth2/authorize", params=asked, allow_redirects=False) as answer:
                if answer.status != 302:
                    return ""
                told = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
            assert told["state"] == "s&t"
            return told["code"]

        async def exchange(given: str, **other: str) -> tuple[int, dict[str, Any]]:
            form = {
                "grant_type": "authorization_code", "code": given, "redirect_uri": back, "code_verifier": verifier,
                "client_id": str(world.bot.id), "client_secret": oauth.client_secret,
            }  # fmt: skip
            async with session.post(f"{desk.discord.rest_url}/oauth2/token", data=form | other) as answer:
                return answer.status, await answer.json()

        for wrong in ({"redirect_uri": "http://127.0.0.1:1/other"}, {"client_id": "1"}, {"scope": "all"}):
            assert await code(**wrong) == ""
        assert (await exchange(await code(), client_secret="no"))[0] == 401
        assert (await exchange(await code(), code_verifier="w" * 43))[1]["error"] == "invalid_grant"
        assert (await exchange("nonsense"))[1]["error"] == "invalid_grant"
        once = await code()
        status, token = await exchange(once)
        assert (status, token["token_type"], token["scope"]) == (200, "Bearer", "identify")
        assert (await exchange(once))[1]["error"] == "invalid_grant", "a code is for one use"
        bearer = {"Authorization": f"Bearer {token['access_token']}"}
        async with session.get(f"{desk.discord.rest_url}/users/@me", headers=bearer) as answer:
            assert (await answer.json())["id"] == str(person.id)
        async with session.get(f"{desk.discord.rest_url}/users/@me/guilds", headers=bearer) as answer:
            assert answer.status == 401
    assert "GET /users/@me" in contract.checked
