"""Plan and answers for other tools: Excel and CSV. Who takes them along stands in the company's
log, so it is done by POST."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from checklists.access import assessment_to_read
from checklists.plan_access import company_with_plan, latest_sheet, measures_of
from checklists.sheet import Sheet
from portal.accounts.models import Company
from portal.accounts.requests import UserRequest
from reports.export import csv, tables, xlsx
from reports.models.report import UMLAUTS


@require_POST
def round_xlsx(request: UserRequest, pk: int) -> HttpResponse:
    """A round's answers, and the plan beside them."""
    assessment = assessment_to_read(request.user, pk)
    company = assessment.company
    book = xlsx.workbook(
        [
            tables.answers(Sheet.of(assessment)),
            tables.measures(measures_of(request.user, company), company),
        ]
    )
    said = _("Antworten aus Durchgang %(number)d und Plan (Excel)") % {"number": assessment.number}
    company.note_export(by=request.user, what=said)
    return _file(book, xlsx.TYPE, company, f"durchgang-{assessment.number}", "xlsx")


@require_POST
def plan_xlsx(request: UserRequest, pk: int) -> HttpResponse:
    """The plan, and the latest round's answers beside it."""
    company = company_with_plan(request.user, pk)
    found = [tables.measures(measures_of(request.user, company), company)]
    if sheet := latest_sheet(request.user, company):
        found.append(tables.answers(sheet))
    company.note_export(by=request.user, what=_("Plan und Antworten (Excel)"))
    return _file(xlsx.workbook(found), xlsx.TYPE, company, "plan", "xlsx")


@require_POST
def plan_csv(request: UserRequest, pk: int) -> HttpResponse:
    """The measures alone."""
    company = company_with_plan(request.user, pk)
    table = tables.measures(measures_of(request.user, company), company)
    company.note_export(by=request.user, what=_("Maßnahmen (CSV)"))
    return _file(csv.text_of(table), csv.TYPE, company, "massnahmen", "csv")


def _file(data: bytes, kind: str, company: Company, what: str, ending: str) -> HttpResponse:
    firm = slugify(company.name.translate(UMLAUTS))[:60] or "betrieb"
    name = f"{what}-{firm}.{ending}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(data, content_type=kind, headers=headers)
