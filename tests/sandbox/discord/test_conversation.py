"""Commands, components, modals and messages between a real bot and a member."""

import asyncio
import json

import aiohttp
import hikari
import lightbulb
import pytest
from frontdesk_sandbox.changes import NotSeenError
from frontdesk_sandbox.discord import File, RefusedError, Stage

from tests.sandbox.discord.bot_desk import Desk


class Helpme(lightbulb.SlashCommand, name="helpme", description="Ask for help", localize=False):
    note = lightbulb.string("note", "What it is about", default="nothing")
    times = lightbulb.integer("times", "How often", default=1, min_value=1, max_value=3)
    whom = lightbulb.user("whom", "About whom", default=None)

    @lightbulb.invoke
    async def run(self, ctx: lightbulb.Context) -> None:
        whom = self.whom.username if self.whom else "nobody"
        await ctx.respond(f"{self.note} x{self.times} about {whom}")


class Slow(lightbulb.SlashCommand, name="slow", description="Takes its time"):
    @lightbulb.invoke
    async def run(self, ctx: lightbulb.Context) -> None:
        await ctx.defer(ephemeral=True)
        await ctx.respond("first")
        second = await ctx.respond("second")
        await ctx.edit_response(second, "second, mended")
        public = await ctx.respond("third", ephemeral=False)
        await ctx.delete_response(public)


class Silent(lightbulb.SlashCommand, name="silent", description="Never answers"):
    @lightbulb.invoke
    async def run(self, ctx: lightbulb.Context) -> None:
        pass


class Upload(lightbulb.SlashCommand, name="upload", description="Takes a file"):
    file = lightbulb.attachment("file", "The file")

    @lightbulb.invoke
    async def run(self, ctx: lightbulb.Context) -> None:
        data = await self.file.read()
        await ctx.respond("echo", attachment=hikari.Bytes(data[::-1], "back.txt"))


async def suggest(ctx: lightbulb.AutocompleteContext[str]) -> None:
    await ctx.respond([f"{ctx.focused.value}-{n}" for n in range(3)])


class Parrot(lightbulb.SlashCommand, name="parrot", description="Suggests"):
    word = lightbulb.string("word", "A word", autocomplete=suggest)

    @lightbulb.invoke
    async def run(self, ctx: lightbulb.Context) -> None:
        await ctx.respond(self.word, ephemeral=True)


tickets = lightbulb.Group("tickets", "About tickets")


@tickets.register
class TicketClose(lightbulb.SlashCommand, name="close", description="Close one"):
    number = lightbulb.integer("number", "Which")

    @lightbulb.invoke
    async def run(self, ctx: lightbulb.Context) -> None:
        await ctx.respond(f"closed {self.number}")


class Quote(lightbulb.MessageCommand, name="Quote this"):
    @lightbulb.invoke
    async def run(self, ctx: lightbulb.Context) -> None:
        await ctx.respond(f"> {self.target.content}")


async def test_a_command_with_options_is_answered(desk: Desk) -> None:
    await desk.start(desk.bot(), Helpme)
    mina, omid = desk.member(), desk.member("Omid")
    answer = await (await mina.command("/helpme note:my cat: lost times:2 whom:@Omid")).response()
    assert answer.content == "my cat: lost x2 about omid"
    assert await omid.sees("my cat: lost", "#general") is answer


async def test_the_client_refuses_what_was_not_registered(desk: Desk) -> None:
    await desk.start(desk.bot(), Helpme)
    mina = desk.member()
    for text, reason in {
        "/nothing": "not offered",
        "/helpme nothing:x": "does not take",
        "/helpme times:9": "between 1 and 3",
        "/helpme times:many": "no number",
        "helpme": "slash",
    }.items():
        with pytest.raises(RefusedError, match=reason):
            await mina.command(text)


async def test_deferred_ephemeral_edited_and_deleted_answers(desk: Desk) -> None:
    await desk.start(desk.bot(), Slow)
    mina, omid = desk.member(), desk.member("Omid")
    interaction = await mina.command("/slow")
    await mina.sees("second, mended")
    assert (await interaction.response()).content == "first"
    assert interaction.original is interaction.responses[0]
    await desk.discord.changes.until(lambda: len(interaction.responses) == 2, what="the third one gone")
    assert [one.seen_only_by for one in interaction.responses] == [mina.user.id, None]
    assert omid.seen("first") is None


async def test_a_silent_bot_is_reported_as_such(desk: Desk) -> None:
    await desk.start(desk.bot(), Silent)
    interaction = await desk.member().command("/silent")
    with pytest.raises(NotSeenError, match="did not respond"):
        await interaction.response()
    assert interaction.stage is Stage.FAILED


async def test_files_travel_both_ways(desk: Desk) -> None:
    await desk.start(desk.bot(), Upload)
    mina = desk.member()
    answer = await (await mina.command("/upload", file=File("a.txt", b"abc", "text/plain"))).response()
    assert answer.attachments[0].file.data == b"cba"
    async with aiohttp.ClientSession() as session, session.get(answer.attachments[0].url) as response:
        assert (response.status, await response.read()) == (200, b"cba")


async def test_suggestions_subcommands_and_message_menus(desk: Desk) -> None:
    bot = desk.bot()
    client = lightbulb.client_from_app(bot)
    client.register(tickets)
    client.register(Parrot)
    client.register(Quote)
    await bot.start(check_for_updates=False)
    await client.start()
    mina = desk.member()
    assert [one["name"] for one in await mina.autocomplete("/parrot word:po")] == ["po-0", "po-1", "po-2"]
    assert (await (await mina.command("/tickets close number:7")).response()).content == "closed 7"
    said = await mina.say("wise words", "#general")
    assert (await (await mina.use(said, "Quote this")).response()).content == "> wise words"


class Form(lightbulb.components.Modal):
    def __init__(self) -> None:
        self.title = self.add_short_text_input("Short title")
        self.story = self.add_paragraph_text_input("What happened", required=False)

    async def on_submit(self, ctx: lightbulb.components.ModalContext) -> None:
        await ctx.respond(f"{ctx.value_for(self.title)} / {ctx.value_for(self.story)}", ephemeral=True)


class Panel(lightbulb.components.Menu):
    def __init__(self) -> None:
        self.talk = self.add_interactive_button(hikari.ButtonStyle.PRIMARY, self.on_talk, label="Talk to a person")
        self.form = self.add_interactive_button(hikari.ButtonStyle.SECONDARY, self.on_form, label="Write")
        self.add_link_button("https://example.org", label="Read")
        self.next_row()
        options = [("Red", "r"), ("Green", "g")]
        self.colour = self.add_text_select(options, self.on_colour, placeholder="Colour")

    async def on_talk(self, ctx: lightbulb.components.MenuContext) -> None:
        await ctx.respond("a person comes", edit=True, components=[])

    async def on_form(self, ctx: lightbulb.components.MenuContext) -> None:
        form = Form()
        await ctx.respond_with_modal("A report", f"form-{ctx.interaction.id}", components=form)
        await form.attach(ctx.client, f"form-{ctx.interaction.id}", timeout=10)

    async def on_colour(self, ctx: lightbulb.components.MenuContext) -> None:
        await ctx.respond(f"you chose {ctx.selected_values_for(self.colour)[0]}")


async def test_buttons_selects_and_modals(desk: Desk) -> None:
    bot = desk.bot()
    client = await desk.start(bot)
    mina = desk.member()
    panel = Panel()
    dm = await bot.rest.create_dm_channel(mina.user.id)
    await dm.send("How can I help?", components=panel)
    panel.attach_persistent(client, timeout=None)
    with pytest.raises(RefusedError, match="link"):
        await mina.click("Read")
    chosen = await mina.choose("Colour", "Green", where="dm")
    assert (await chosen.response()).content == "you chose g"
    await mina.click("Write")
    with pytest.raises(RefusedError, match="no field"):
        await mina.submit(Short_title="Fire", mood="x")
    with pytest.raises(RefusedError, match="must be filled in"):
        await mina.submit()
    sent = await mina.submit(Short_title="Fire")
    assert (await sent.response()).content.startswith("Fire /")
    await mina.click("Talk to a person")
    message = await mina.sees("a person comes", "dm")
    assert message.components == []


async def test_direct_messages_both_ways(desk: Desk) -> None:
    bot = desk.bot()
    heard: asyncio.Queue[hikari.Event] = asyncio.Queue()
    for kind in (hikari.DMMessageCreateEvent, hikari.DMMessageUpdateEvent, hikari.DMMessageDeleteEvent):
        bot.subscribe(kind, heard.put)
    await desk.start(bot)
    mina = desk.member()
    said = await mina.say(
        "hello", attachments=[File("log.txt", b"log")], stickers=["Wave"], poll=("Now?", ["Yes", "No"])
    )
    event = await asyncio.wait_for(heard.get(), 5)
    assert isinstance(event, hikari.DMMessageCreateEvent)
    assert event.content == "hello"
    assert event.message.poll is not None
    assert event.message.stickers[0].name == "Wave"
    assert await event.message.attachments[0].read() == b"log"
    await mina.edit(said, "hello!")
    event = await asyncio.wait_for(heard.get(), 5)
    assert isinstance(event, hikari.DMMessageUpdateEvent)
    assert event.content == "hello!"
    sent = await bot.rest.create_message(said.channel_id, "hi", reply=said.id, nonce="n1")
    assert isinstance(await asyncio.wait_for(heard.get(), 5), hikari.DMMessageCreateEvent)
    again = await bot.rest.create_message(said.channel_id, "hi", reply=said.id, nonce="n1")
    assert again.id == sent.id
    assert [one.content for one in mina.dm] == ["hello!", "hi"]
    history = await bot.rest.fetch_messages(said.channel_id)
    assert [one.nonce for one in history] == [None, None]
    await bot.rest.edit_message(said.channel_id, sent.id, "hi there")
    seen = await mina.sees("hi there", "dm")
    await mina.react(seen, "👍")
    await bot.rest.delete_message(said.channel_id, sent.id)
    await mina.sees_no_more(seen)
    await mina.delete(said)
    for kind in (hikari.DMMessageUpdateEvent, hikari.DMMessageDeleteEvent, hikari.DMMessageDeleteEvent):
        assert isinstance(await asyncio.wait_for(heard.get(), 5), kind)


async def test_the_screen_as_json(desk: Desk) -> None:
    await desk.start(desk.bot(), Helpme, Slow)
    mina = desk.member()
    await mina.command("/slow")
    await mina.sees("second, mended")
    await mina.say("hello")
    screen = json.loads(json.dumps(desk.discord.world.view_for(mina)))
    (general,) = screen["servers"][0]["channels"]
    assert {one["name"] for one in general["commands"]} == {"helpme", "slow"}
    assert general["messages"][0]["ephemeral"]
    assert screen["dms"][0]["messages"][0]["content"] == "hello"
