"""The articles as pages: an index with a search box, and one page an article. Public; nothing secret is here."""

import posixpath
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from frontdesk import Desk, Say
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from frontdesk_knowledge.articles import Document
from frontdesk_knowledge.libraries import Libraries
from frontdesk_knowledge.library import Catalogue, Found
from frontdesk_knowledge.markdown import headings, plain, shorten, to_html
from frontdesk_knowledge.settings import KnowledgeSettings

HERE = Path(__file__).parent
LONGEST_QUERY = 300
RESULTS = 10
SUMMARY = 180


def knowledge_routes(desk: Desk[KnowledgeSettings], libraries: Libraries) -> Sequence[BaseRoute]:
    """Make the plugin's routes for one bot."""
    site = _Site(desk, libraries)
    return [
        Route("/", site.index),
        Mount("/static", StaticFiles(directory=HERE / "static")),
        Route("/{slug:path}", site.article),
    ]


class _Site:
    def __init__(self, desk: Desk[KnowledgeSettings], libraries: Libraries) -> None:
        self._desk = desk
        self._libraries = libraries
        self._pages = desk.pages(HERE / "templates")

    async def index(self, request: Request) -> Response:
        server = _server(request)
        catalogue = self._libraries.catalogue(server)
        say = self._say(request, server)
        query = request.query_params.get("q", "").strip()[:LONGEST_QUERY]
        settings = self._desk.settings_for(server)
        found = [f for f in catalogue.search(query, say.language, RESULTS) if f.score >= settings.suggest_from]
        documents = [f.document for f in found] if query else _in_language(catalogue, say.language)
        sections = {f.document.slug: f for f in found}
        return self._pages.render(
            request,
            "index.html",
            say=say,
            query=query,
            server=server,
            entries=[self._entry(document, sections.get(document.slug), server) for document in documents],
        )

    async def article(self, request: Request) -> Response:
        server = _server(request)
        catalogue = self._libraries.catalogue(server)
        document = catalogue.document(request.path_params["slug"])
        if document is None:
            raise HTTPException(404)
        say = self._say(request, server)
        related = catalogue.search(" ".join((document.title, *document.tags)), document.language, 4)
        others = [f.document for f in related if f.document.topic != document.topic and f.score >= 0.1]
        return self._pages.render(
            request,
            "article.html",
            say=say,
            document=document,
            server=server,
            direction=_direction(document),
            body=Markup(to_html(document.markdown, _linker(document, server))),  # noqa: S704  # HTML in it was escaped
            contents=[h for h in headings(document.markdown) if h.level <= 3],
            related=[self._entry(other, None, server) for other in others[:3]],
        )

    def _entry(self, document: Document, found: Found | None, server: int | None) -> dict[str, str]:
        section = found.section if found else document.sections[0]
        return {
            "href": quote(document.slug) + _query(server) + (f"#{quote(section.anchor)}" if section.anchor else ""),
            "title": document.title,
            "summary": shorten(plain(section.text), SUMMARY),
            "language": document.language,
            "direction": _direction(document),
        }

    def _say(self, request: Request, server: int | None) -> Say:
        wanted = request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip()
        return self._desk.say(wanted or None, server)


def _server(request: Request) -> int | None:
    given = request.query_params.get("server", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 20 else None


def _query(server: int | None) -> str:
    return f"?server={server}" if server else ""


def _in_language(catalogue: Catalogue, language: str) -> Iterable[Document]:
    """One article a topic: in the reader's language where there is a translation."""
    topics: dict[str, Document] = {}
    for document in catalogue.shelf.documents:
        if document.topic not in topics or document.language == language:
            topics[document.topic] = document
    return sorted(topics.values(), key=lambda document: (document.language != language, document.title.casefold()))


def _linker(document: Document, server: int | None) -> Callable[[str], str]:
    """Turn a link to a neighbouring Markdown file into the address of that article's page."""
    depth = document.slug.count("/")

    def link(address: str) -> str:
        path, hash_sign, anchor = address.partition("#")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(document.slug), unquote(path)))
        if target.startswith(("..", "/")):
            return "#"
        target = target.removesuffix(".md").casefold()
        return "../" * depth + quote(target) + _query(server) + hash_sign + anchor

    return link


def _direction(document: Document) -> str:
    return "rtl" if document.language in {"fa", "ar", "he", "ur"} else "ltr"
