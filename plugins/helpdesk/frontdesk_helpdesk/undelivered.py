"""A line of an agent that never reaches the member: its case has it from nowhere else, so the desk tells it.

Its files are told by their names: nobody brings them to the case, and the links to our copies end.
"""

from frontdesk import Desk, Line, RelayedMessage, Speaker
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import files, lines
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.news import Teller
from frontdesk_helpdesk.settings import HelpdeskSettings


async def tell_case(
    desk: Desk[HelpdeskSettings], teller: Teller, session: AsyncSession, conversation: Conversation, key: str
) -> None:
    """Have the other plugins hear of it as of a line of the desk: once for each line, whatever part is missing.

    Args:
        desk: what the plugin was given.
        teller: tells the other plugins.
        session: the transaction that settles the delivery.
        conversation: which.
        key: the line's key.
    """
    line = await lines.find(session, conversation.id, key)
    if line is None or not line.text:
        return
    names = [file.name for file in await files.of_line(session, conversation.id, key)]
    said = "\n".join(filter(None, [line.words, *names])) or line.text  # the files may be forgotten by now
    person, say = conversation.person, desk.say(None, conversation.person.guild_id)
    text = say("agent-line-not-delivered", agent=line.name, name=person.name, text=said)
    note = Line(Speaker.VIRTUAL_AGENT, say("virtual-agent"), text, desk.now(), f"{line.said.key}:undelivered")
    await teller.write(session, RelayedMessage(conversation.id, person, conversation.case, note))
