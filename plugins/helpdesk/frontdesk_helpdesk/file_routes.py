"""/helpdesk/files/<id>: our own copy of a file, for who was given its signed link; a download, never a page."""

from urllib.parse import quote

from frontdesk import Desk
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from frontdesk_helpdesk.cabinet import Cabinet
from frontdesk_helpdesk.settings import HelpdeskSettings

_PASSIVE = frozenset(
    {
        "image/png", "image/jpeg", "image/gif", "image/webp", "audio/ogg", "audio/mpeg", "audio/wav", "audio/mp4",
        "video/mp4", "video/webm", "video/quicktime", "application/pdf", "application/zip", "text/plain",
    }
)  # fmt: skip
"""Types that a browser does not run; everything else is just bytes."""


def safe_type(content_type: str) -> str:
    """Give the type under which a stranger's file may be passed on."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind if kind in _PASSIVE else "application/octet-stream"


class FileRoutes:
    """Serves the copies.

    Args:
        desk: what the plugin was given.
        cabinet: where they are.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], cabinet: Cabinet) -> None:
        self._desk = desk
        self._cabinet = cabinet

    def routes(self) -> list[Route]:
        """Give the route."""
        return [Route("/files/{id}", self.download, methods=["GET"])]

    async def download(self, request: Request) -> Response:
        """Send the file, or say that it is not there."""
        say = self._desk.say(None)
        if not self._desk.services.signer.verify_request(request, self._desk.now()):
            return PlainTextResponse(say("file-link-wrong"), status_code=403)
        file = await self._cabinet.find(request.path_params["id"])
        if file is None or file.kept_at is None or not self._cabinet.path(file.id).is_file():
            return PlainTextResponse(say("file-not-here"), status_code=404)
        return FileResponse(
            self._cabinet.path(file.id),
            media_type=safe_type(file.given.content_type),
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, max-age=3600",
                "Referrer-Policy": "no-referrer",
            },
        )
