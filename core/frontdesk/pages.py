"""HTML pages: Jinja2 templates of one folder, with the house's layout (``frontdesk/base.html``) around them."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from frontdesk.words import Say

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"
ROOT_SCOPE_KEY = "frontdesk.root"  # the path in front of ours in the public address, "" mostly


def content_security_policy(frame_ancestors: Iterable[str] = ()) -> str:
    """What a page of ours may load: only from this server, no inline scripts or styles.

    Args:
        frame_ancestors: the origins that may show the page in a frame; nobody by default.
    """
    ancestors = " ".join(frame_ancestors) or "'none'"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    )


class Pages:
    """Renders the templates of one folder.

    A template may use ``say`` (the person's language), ``root`` (put it before every path of ours),
    ``static(name)`` (address of a file of the house) and ``request``. A name that is not given is an error.

    Args:
        folder: where the templates are.
    """

    def __init__(self, folder: Path) -> None:
        self._environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(folder), PrefixLoader({"frontdesk": FileSystemLoader(TEMPLATES)})]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def document(self, name: str, *, say: Say, **context: object) -> str:
        """Make a document that stands for itself, such as a file to send: no layout, no address of ours.

        Args:
            name: the template's file name.
            say: speaks to the person in their language.
            context: the template's values; they are escaped where they appear.

        Raises:
            jinja2.TemplateError: if the template is missing or wrong, or lacks a value.
        """
        return self._environment.get_template(name).render(context | {"say": say})

    def render(
        self,
        request: Request,
        name: str,
        *,
        say: Say,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        frame_ancestors: Iterable[str] = (),
        **context: object,
    ) -> Response:
        """Make a page.

        Args:
            request: what is answered.
            name: the template's file name.
            say: speaks to the person in their language, and decides the direction of writing.
            status_code: the HTTP status.
            headers: further headers.
            frame_ancestors: the origins that may show the page in a frame, for example Flex.
            context: the template's values; they are escaped where they appear.

        Raises:
            jinja2.TemplateError: if the template is missing or wrong, or lacks a value.
        """
        root = request.scope.get(ROOT_SCOPE_KEY, "")
        html = self._environment.get_template(name).render(
            context
            | {
                "request": request,
                "say": say,
                "root": root,
                "static": lambda file: f"{root}/static/{file}?v={_version(file)}",
            }
        )
        policy = {"Content-Security-Policy": content_security_policy(frame_ancestors)}
        return HTMLResponse(html, status_code, headers=policy | dict(headers or {}))


@cache
def _version(file: str) -> str:
    """Changes with the file's content, so that browsers may keep it for long."""
    return hashlib.sha256((STATIC / file).read_bytes()).hexdigest()[:12]
