"""A whole sandbox with its pages, and a small real bot: commands, a modal, and a bridge from DM to agent."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import hikari
import lightbulb
from frontdesk import Twilio
from frontdesk_sandbox.changes import Changes
from frontdesk_sandbox.discord import Channel, Guild, LoopbackDiscord, Member, Message, Overwrite, Permission
from frontdesk_sandbox.pages import Pages
from frontdesk_sandbox.server import LoopbackServer
from frontdesk_sandbox.twilio import LoopbackTwilio
from frontdesk_sandbox.twilio.chat.state import Conversation, Origin
from frontdesk_sandbox.twilio.chat.state import Message as Spoken
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

CASE_PAGE = """<!doctype html><meta charset=utf-8><title>Case 7</title>
<h1>Case FD-7</h1><p>The lantern does not light.</p>"""

SIGN_IN_PAGE = """<!doctype html><meta charset=utf-8><title>Sign-in</title><h1>Signing in</h1>
<script>
  const heard = [];
  addEventListener("message", ({ origin, data }) => {
    heard.push({ origin, data });
    document.querySelector("h1").textContent = "Signed in";
  });
  const ask = () => parent.postMessage({ type: "frontdesk:ready" }, "*");
  ask();
</script>"""
"""Does what the desk's page does in Flex: asks for the token, and here keeps what it hears."""


class Helpme(lightbulb.SlashCommand, name="helpme", description="Ask for help in a direct message"):
    topic = lightbulb.string(
        "topic", "What it is about", choices=lightbulb.utils.to_choices([("Account", "account"), ("Game", "game")])
    )
    note = lightbulb.string("note", "Anything that we should know", default="nothing")

    @lightbulb.invoke
    async def run(self, ctx: lightbulb.Context) -> None:
        await ctx.respond(f"I have written to you about your **{self.topic}**: {self.note}", ephemeral=True)
        dm = await ctx.client.app.rest.create_dm_channel(ctx.user.id)
        panel = Panel()
        article = (
            hikari.Embed(title="Lighting a lantern", description="Hold **F** for two seconds.", color=0x5B47D6)
            .add_field("Platform", "PC", inline=True)
            .add_field("Reading time", "2 minutes", inline=True)
            .set_footer("Lantern Keep handbook")
        )
        await dm.send("Here is what I found. Does it help?", embed=article, components=panel)
        panel.attach_persistent(ctx.client, timeout=None)


async def _suggest(ctx: lightbulb.AutocompleteContext[str]) -> None:
    await ctx.respond([f"{ctx.focused.value} {word}" for word in ("basics", "settings")])


class Article(lightbulb.SlashCommand, name="article", description="Read an article"):
    title = lightbulb.string("title", "Which one", autocomplete=_suggest)

    @lightbulb.invoke
    async def run(self, ctx: lightbulb.Context) -> None:
        await ctx.respond(f"# {self.title}\n- one\n- two\n> quoted")


class Silent(lightbulb.SlashCommand, name="silent", description="Never answers"):
    @lightbulb.invoke
    async def run(self, ctx: lightbulb.Context) -> None:
        pass


class Form(lightbulb.components.Modal):
    def __init__(self) -> None:
        self.short = self.add_short_text_input("What is wrong", max_length=80, placeholder="In a few words")
        self.story = self.add_paragraph_text_input("What happened", required=False)

    async def on_submit(self, ctx: lightbulb.components.ModalContext) -> None:
        await ctx.respond(f"Thank you. Your report: {ctx.value_for(self.short)}", ephemeral=True)


class Bug(lightbulb.SlashCommand, name="bug", description="Report a bug"):
    @lightbulb.invoke
    async def run(self, ctx: lightbulb.Context) -> None:
        form = Form()
        await ctx.respond_with_modal("Report a bug", f"bug-{ctx.interaction.id}", components=form)
        await form.attach(ctx.client, f"bug-{ctx.interaction.id}", timeout=30)


class Announce(
    lightbulb.SlashCommand,
    name="announce",
    description="Post an announcement",
    default_member_permissions=hikari.Permissions.MANAGE_MESSAGES,
):
    text = lightbulb.string("text", "What to say")

    @lightbulb.invoke
    async def run(self, ctx: lightbulb.Context) -> None:
        await ctx.respond(self.text)


class Panel(lightbulb.components.Menu):
    def __init__(self) -> None:
        self.yes = self.add_interactive_button(hikari.ButtonStyle.SUCCESS, self.on_yes, label="That helped", emoji="✅")
        self.talk = self.add_interactive_button(hikari.ButtonStyle.PRIMARY, self.on_talk, label="Talk to a person")
        self.add_link_button("https://example.org/handbook", label="Handbook")
        self.next_row()
        self.mood = self.add_text_select([("Fine", "1"), ("So so", "2")], self.on_mood, placeholder="How are you?")

    async def on_yes(self, ctx: lightbulb.components.MenuContext) -> None:
        await ctx.respond("Glad to hear it.", edit=True, components=[])

    async def on_talk(self, ctx: lightbulb.components.MenuContext) -> None:
        await ctx.respond("I am asking a person to come.")

    async def on_mood(self, ctx: lightbulb.components.MenuContext) -> None:
        await ctx.respond(f"You chose {ctx.selected_values_for(self.mood)[0]}.")


@dataclass
class Stage:
    """Everything that a browser test needs to know."""

    url: str
    bot_url: str
    discord: LoopbackDiscord
    twilio: LoopbackTwilio
    changes: Changes
    guild: Guild
    channels: dict[str, Channel]
    bot: hikari.GatewayBot
    mina: Member
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def ask_for_agent(self, member: Member, name: str = "Mina", **attributes: str) -> str:
        """Bring a member's DM to an agent: a task is offered, and words travel both ways."""
        chat, router = self.twilio.world.chat, self.twilio.world.router
        conversation = chat.create()
        api = Origin("API", None, fires=False)
        chat.join(conversation, api, identity=f"discord_{member.user.id}")
        for message in member.dm:
            author = "frontdesk" if message.author.bot else f"discord_{member.user.id}"
            if message.content:
                chat.say(conversation, api, author=author, body=message.content)
        about = {
            "customerName": name, "case_url": f"{self.bot_url}/case", "case": "FD-7", "language": member.user.locale,
            "reason": "The lantern does not light", **attributes,
        }  # fmt: skip
        properties = {
            "workspace_sid": router.workspace.sid, "workflow_sid": router.workflow.sid,
            "task_channel_unique_name": "chat", "attributes": about,
        }  # fmt: skip
        self.twilio.world.flex.create(
            {"type": "web", "properties": {"media_channel_sid": conversation.sid}}, {"properties": properties}
        )
        told, said = set(conversation.messages), {message.id for message in member.dm}
        self.tasks.add(asyncio.create_task(self._bridge(member, conversation, told, said)))
        return conversation.sid

    async def _bridge(self, member: Member, conversation: Conversation, told: set[str], said: set[int]) -> None:
        """Carry what is new to the other side; ``told`` and ``said`` are what both sides know already."""
        identity = f"discord_{member.user.id}"

        def news() -> list[Message | Spoken]:
            agents = [one for one in conversation.messages.values() if one.sid not in told and one.author != identity]
            return [*agents, *(one for one in member.dm if one.id not in said and not one.author.bot)]

        dm = await self.bot.rest.create_dm_channel(member.user.id)
        while True:
            for one in await self.changes.until(news, deadline=600, what="something to carry over"):
                if isinstance(one, Message):
                    said.add(one.id)
                    api = Origin("API", None, fires=False)
                    self.twilio.world.chat.say(conversation, api, author=identity, body=one.content)
                else:
                    told.add(one.sid)
                    await dm.send(f"**{one.author}:** {one.body}" if one.body else f"**{one.author}** sent a file")


@contextlib.asynccontextmanager
async def opened(port: int = 0) -> AsyncIterator[Stage]:
    """A sandbox with pages and the bot; one server, four members."""
    server, other = LoopbackServer(port), LoopbackServer()
    changes = Changes()
    discord, twilio = LoopbackDiscord(server.url, changes), LoopbackTwilio(server.url, changes)
    pages = Pages(discord, twilio, changes, bot_url=other.url)
    await server.start(Starlette(routes=[*discord.routes, *twilio.routes, *pages.routes]))
    shown = {"/case": HTMLResponse(CASE_PAGE), "/sign-in": HTMLResponse(SIGN_IN_PAGE)}
    await other.start(Starlette(routes=[Route(path, page) for path, page in shown.items()]))
    world = discord.world
    guild = world.create_guild("Lantern Keep")
    bot_role = next(role for role in guild.roles.values() if role.bot_id)
    writing = int(Permission.SEND_MESSAGES)
    closed = [Overwrite(guild.id, 0, deny=writing), Overwrite(bot_role.id, 0, allow=writing)]
    channels = {
        "general": world.create_channel(guild, "general", topic="Talk about the game, kindly"),
        "news": world.create_channel(guild, "announcements", "announcement", closed),
        "ideas": world.create_channel(guild, "ideas", "forum", topic="What the game needs"),
        "help": world.create_channel(guild, "customer-service", topic="Type /helpme and we will write to you"),
    }
    mina = discord.member(world.create_member(guild, "Mina Park"))
    discord.member(world.create_member(guild, "آرمان کیانی", locale="fa"))
    moderators = world.create_role(guild, "Moderator", int(Permission.MANAGE_MESSAGES), color=0xE67E22)
    world.create_member(guild, "Juno Reyes", roles=[moderators])
    bot = hikari.GatewayBot(discord.token, rest_url=discord.rest_url, banner=None, logs=None)
    client = lightbulb.client_from_app(bot)
    for command in (Helpme, Article, Silent, Bug, Announce):
        client.register(command)
    await bot.start(check_for_updates=False)
    await client.start()
    stage = Stage(server.url, other.url, discord, twilio, changes, guild, channels, bot, mina)
    try:
        yield stage
    finally:
        for task in stage.tasks:
            task.cancel()
        await asyncio.gather(*stage.tasks, return_exceptions=True)
        await bot.close()
        await discord.close()
        await twilio.close()
        await server.stop()
        await other.stop()


def words(stage: Stage, sid: str) -> list[str]:
    """What has been said in a conversation."""
    return [message.body for message in stage.twilio.world.chat.conversations[sid].messages.values()]


async def owner_of(stage: Stage, token: str) -> str | None:
    """The SID of the worker whose Flex token this is, as Twilio tells the bot."""
    twilio = stage.twilio
    client = Twilio(twilio.account_sid, twilio.auth_token, base_url=twilio.base_url)
    await client.open()
    try:
        return (await client.validate_token(token)).worker_sid
    finally:
        await client.close()
