"""Frontdesk plugin: answers from the articles of the brand's knowledge base."""

from collections.abc import Iterable
from datetime import timedelta

from frontdesk import (
    Answer,
    Article,
    Check,
    Command,
    Desk,
    PeriodicTask,
    Question,
    answer_question,
    hookimpl,
    register_checks,
    register_commands,
    register_routes,
    register_tasks,
    start,
    suggest_articles,
)
from starlette.routing import BaseRoute

from frontdesk_knowledge.answers import answer, suggest
from frontdesk_knowledge.commands import knowledge_commands
from frontdesk_knowledge.libraries import Libraries
from frontdesk_knowledge.routes import knowledge_routes
from frontdesk_knowledge.settings import KnowledgeSettings

__all__ = ["Knowledge"]


class Knowledge:
    """Answers questions from a folder of Markdown articles, and shows the articles as pages."""

    api = "1.0"
    Settings = KnowledgeSettings

    def __init__(self, desk: Desk[KnowledgeSettings]) -> None:
        self.desk = desk
        self.libraries = Libraries(desk)

    @hookimpl(start)
    async def start(self) -> None:
        await self.libraries.open()

    @hookimpl(answer_question)
    async def answer_question(self, question: Question) -> Answer | None:
        person = question.person
        found = answer(
            self.libraries.catalogue(person.guild_id),
            question.text,
            self.desk.settings_for(person.guild_id),
            self.desk.say(question.language, person.guild_id),
            self.libraries.linker(person.guild_id),
        )
        self.libraries.count("answered" if found else "unanswered")
        return found

    @hookimpl(suggest_articles)
    async def suggest_articles(self, question: Question) -> list[Article] | None:
        guild_id = question.person.guild_id
        return suggest(
            self.libraries.catalogue(guild_id),
            question.text,
            question.language,
            self.desk.settings_for(guild_id),
            self.libraries.linker(guild_id),
        )

    @hookimpl(register_commands)
    def register_commands(self) -> Iterable[Command]:
        return knowledge_commands(self.desk, self.libraries)

    @hookimpl(register_routes)
    def register_routes(self) -> Iterable[BaseRoute]:
        return knowledge_routes(self.desk, self.libraries)

    @hookimpl(register_tasks)
    def register_tasks(self) -> Iterable[PeriodicTask]:
        pause = timedelta(seconds=self.desk.settings.reload_seconds)
        return [PeriodicTask("reload articles", pause, self.libraries.refresh)]

    @hookimpl(register_checks)
    def register_checks(self) -> Iterable[Check]:
        return self.libraries.checks()
