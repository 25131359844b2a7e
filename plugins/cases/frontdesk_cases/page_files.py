"""The files of a case: uploads by staff, and downloads, which are never pages."""

from collections.abc import Sequence
from urllib.parse import quote

from frontdesk import Role, UploadRoute
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from frontdesk_cases.changes import CaseError
from frontdesk_cases.page_case import CasePages, Kept
from frontdesk_cases.site import Site, Visit

AT_ONCE = 10
"""Files of one upload."""

_FORM = 65_536  # bytes of an upload that are not the files' own

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


class FilePages:
    """Uploads and downloads.

    Args:
        site: what all pages share.
        cases: shows the case again if a file cannot be kept.
    """

    def __init__(self, site: Site, cases: CasePages) -> None:
        self._site = site
        self._cases = cases
        limit = site.parts.cabinet.largest_file + _FORM
        self.routes: list[BaseRoute] = [
            UploadRoute("/{case_id:int}/files", self._upload, limit=limit),
            Route("/{case_id:int}/files/{file_id}", self._download),
        ]

    async def _upload(self, request: Request) -> Response:
        visit, case = await self._site.case(request, Role.AGENT)
        _, files = await self._site.form(request, files=AT_ONCE)
        try:
            await self._keep(visit, case.id, [file for file in files if file.filename])
        except CaseError as error:
            return await self._cases.page(visit, case, Kept(self._site.problem(visit, error), "files"))
        return self._site.go_to(visit, f"/{case.id}", "files")

    async def _keep(self, visit: Visit, case_id: int, files: Sequence[UploadFile]) -> None:
        if not files:
            raise CaseError("no-upload")
        for file in files:
            kind = file.content_type or "application/octet-stream"
            await self._site.parts.cabinet.add(case_id, file.filename or "", kind, await file.read(), visit.actor)

    async def _download(self, request: Request) -> Response:
        _, case = await self._site.case(request)
        cabinet, merged = self._site.parts.cabinet, await self._site.parts.book.merged(case.id)
        file = await cabinet.find(request.path_params["file_id"])
        if file is None or file.case_id not in {case.id, *(each.id for each in merged)} or file.kept_at is None:
            raise HTTPException(404)
        content = cabinet.path(file.id)
        if not content.is_file():
            raise HTTPException(404)
        return FileResponse(
            content,
            media_type=safe_type(file.content_type),
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
                "Referrer-Policy": "no-referrer",
            },
        )
