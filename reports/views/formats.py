"""A frozen report in other formats, made when somebody asks."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from checklists.reading import Library
from checklists.views.public import ReaderRequest, public
from portal.accounts.requests import UserRequest
from reports import access
from reports.content import canonical
from reports.export import docx, frozen, xlsx
from reports.models import Report
from reports.schema import schema


@require_GET
def as_docx(request: UserRequest, pk: int) -> HttpResponse:
    report = access.report_to_take(request.user, pk)
    made = docx.document_of(report.frozen, number=report.number, checksum=report.checksum)
    return _file(report, made, docx.TYPE, "docx")


@require_GET
def as_xlsx(request: UserRequest, pk: int) -> HttpResponse:
    report = access.report_to_take(request.user, pk)
    return _file(report, xlsx.workbook(frozen.tables(report.frozen)), xlsx.TYPE, "xlsx")


@require_GET
def as_json(request: UserRequest, pk: int) -> HttpResponse:
    """The canonical content: the SHA-256 of this file is the report's checksum."""
    report = access.report_to_take(request.user, pk)
    return _file(report, canonical(report.content), "application/json", "json")


@public
def json_schema(_request: ReaderRequest, _library: Library) -> HttpResponse:
    """What the JSON file may hold."""
    return JsonResponse(schema(), json_dumps_params={"ensure_ascii": False, "indent": 1})


def _file(report: Report, data: bytes, kind: str, ending: str) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{report.named(ending)}"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(data, content_type=kind, headers=headers)
