"""The libraries of all servers: most share one folder, a server may have its own."""

from collections.abc import Iterable
from urllib.parse import quote

from frontdesk import Check, CheckState, Desk, StartError

from frontdesk_knowledge.answers import Link
from frontdesk_knowledge.articles import ArticleError, fingerprint, read_shelf
from frontdesk_knowledge.library import Catalogue, Found, Library
from frontdesk_knowledge.settings import KnowledgeSettings


class Libraries:
    """Finds the articles that hold in a server, and their addresses.

    Args:
        desk: the plugin's.
    """

    def __init__(self, desk: Desk[KnowledgeSettings]) -> None:
        self._desk = desk
        own = desk.own_settings
        self._by_place: dict[tuple[str, str], Library] = {}
        for settings in (own.default, *own.servers.values()):
            place = _place(settings)
            folder = desk.services.config_folder / settings.articles
            self._by_place.setdefault(place, Library(folder.absolute(), settings.language))
        self._told: set[str] = set()
        self._questions = desk.metrics.counter(
            "knowledge_questions_total", "Questions asked of the knowledge base, by outcome.", ("outcome",)
        )
        self._articles = desk.metrics.gauge("knowledge_articles", "Articles that can be found.")

    async def open(self) -> None:
        """Read all folders.

        Raises:
            StartError: a folder is not there.
        """
        try:
            for library in self._by_place.values():
                await library.refresh()
        except ArticleError as error:
            raise StartError(str(error)) from error
        self._report()

    async def refresh(self) -> None:
        """Read what has changed; a folder that went away is reported once, and its articles stay."""
        for library in self._by_place.values():
            try:
                changed = await library.refresh()
            except ArticleError as error:
                self._tell("articles cannot be read", str(library.folder), str(error))
            else:
                if changed:
                    self._told.clear()
                    self._desk.log.info("articles read", folder=str(library.folder), articles=len(library))
        self._report()

    def _report(self) -> None:
        self._articles.set(sum(len(library) for library in self._by_place.values()))
        for library in self._by_place.values():
            for skipped in library.unreadable:
                self._tell("article skipped", str(library.folder / skipped.file), skipped.reason)

    def _tell(self, event: str, file: str, reason: str) -> None:
        if file + reason not in self._told:
            self._told.add(file + reason)
            self._desk.log.warning(event, file=file, reason=reason)

    def count(self, outcome: str) -> None:
        """Count a question by what became of it."""
        self._questions.labels(outcome).inc()

    def catalogue(self, guild_id: int | None) -> Catalogue:
        """Give the articles that hold in a server."""
        return self._by_place[_place(self._desk.settings_for(guild_id))].catalogue

    def linker(self, guild_id: int | None) -> Link:
        """Give what knows the articles' addresses in a server."""
        settings = self._desk.settings_for(guild_id)
        server = "" if _place(settings) == _place(self._desk.settings) else f"?server={guild_id}"

        def link(found: Found) -> str:
            anchor = f"#{quote(found.section.anchor)}" if found.section.anchor else ""
            if found.document.url:
                return found.document.url + ("" if "#" in found.document.url else anchor)
            path = quote(found.document.slug)
            if settings.base_url:
                return f"{settings.base_url.rstrip('/')}/{path}{anchor}"
            return self._desk.url(f"/{path}{server}{anchor}")

        return link

    def checks(self) -> Iterable[Check]:
        """Look at the folders anew, for ``frontdesk check``."""
        for (_, language), library in self._by_place.items():
            name = f"Articles in {library.folder}"
            try:
                fingerprint(library.folder)
            except ArticleError as error:
                yield Check(name, CheckState.PROBLEM, str(error), "Create the folder or correct [plugins.knowledge].")
                continue
            shelf = read_shelf(library.folder, language)
            if shelf.unreadable:
                skipped = "; ".join(f"{one.file}: {one.reason}" for one in shelf.unreadable)
                yield Check(name, CheckState.PROBLEM, skipped, "Correct these files; the others are used.")
            elif not shelf.documents:
                yield Check(name, CheckState.PROBLEM, "There is no article in it.", "Write at least one Markdown file.")
            else:
                yield Check(name, CheckState.OK, f"{len(shelf.documents)} articles.")


def _place(settings: KnowledgeSettings) -> tuple[str, str]:
    return settings.articles, settings.language
