"""What the JSON API does with the files of cases."""

from urllib.parse import quote

from starlette.responses import FileResponse, Response

from frontdesk_cases import api_models as shapes
from frontdesk_cases.api_calls import Answered, Call
from frontdesk_cases.changes import CaseError
from frontdesk_cases.site import Parts


class FileCalls:
    """The operations on files.

    Args:
        parts: what does the work.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def files(self, call: Call) -> Answered:
        case = call.the_case
        merged = [other.id for other in await self._parts.book.merged(case.id)]
        files = await self._parts.cabinet.of_cases([case.id, *merged])
        return 200, shapes.FilesOut(files=[shapes.FileOut.of(file) for file in files])

    async def upload(self, call: Call) -> Answered:
        content = await call.request.body()
        kind = call.request.headers.get("content-type", "").partition(";")[0].strip() or "application/octet-stream"
        file = await self._parts.cabinet.add(call.the_case.id, call.query.name, kind, content, call.by)
        return 201, shapes.FileOut.of(file)

    async def file(self, call: Call) -> Response:
        file = await self._parts.cabinet.find(call.request.path_params["file_id"])
        case = call.the_case
        belonging = {case.id, *(other.id for other in await self._parts.book.merged(case.id))}
        if file is None or file.case_id not in belonging or file.kept_at is None:
            raise CaseError("no-file")
        path = self._parts.cabinet.path(file.id)
        if not path.is_file():
            raise CaseError("no-file")
        return FileResponse(
            path,
            # What a stranger sent is bytes, whatever they call it: no browser shall run it.
            media_type="application/octet-stream",
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
            },
        )
