"""The plan of a company: as a list, by stage, by month; and for a consultant to read."""

from __future__ import annotations

from typing import Any, cast

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from checklists import plan as arranging
from checklists import plan_access as access
from checklists.access import assessments_of
from checklists.models import DecisionAid
from checklists.models.planned import MeasureQuerySet
from checklists.plan_forms import PlanForm
from checklists.planned_steps import waiting_steps
from portal.accounts.access import role_in
from portal.accounts.models import Company, Role
from portal.accounts.requests import UserRequest


@require_GET
@gzip_page
def plan(request: UserRequest, pk: int) -> HttpResponse:
    """What the firm decided to do, what is overdue first."""
    company = access.company_with_plan(request.user, pk)
    role = role_in(request.user, company)
    measures = access.measures_of(request.user, company)
    context = _shown(request, company, measures, leads=role == Role.LEAD)
    context |= {
        "role": role,
        "can_lead": role == Role.LEAD,
        "latest": assessments_of(request.user, company).first(),
        "later": waiting_steps(company),
        "nav": "plan",
    }
    return render(request, "plan/plan.html", context)


@require_GET
def client_plan(request: UserRequest, pk: int) -> HttpResponse:
    """The same to read, for a consultant whom the firm lets see it."""
    engagement = access.client_with_plan(request.user, pk)
    measures = access.plan_of_client(request.user, engagement)
    context = _shown(request, engagement.company, measures, leads=False, read_only=True)
    context |= {"engagement": engagement, "company": None, "client": engagement.company}
    context |= {"nav": "consulting"}
    return render(request, "plan/client_plan.html", context)


def _shown(
    request: UserRequest,
    company: Company,
    measures: MeasureQuerySet,
    *,
    leads: bool,
    read_only: bool = False,
) -> dict[str, Any]:
    """What all views of a plan say: the summary, the filters, one page of rows in their groups."""
    form = PlanForm(request.GET, DecisionAid.objects.with_questions())
    asked = form.wanted()
    first = arranging.month_start(request.GET.get("ab", ""))
    found = arranging.wanted(arranging.arranged(measures), asked, request.user)
    if asked["ansicht"] == "zeit":
        found = arranging.in_months(found, first)
        asked["ab"] = f"{first:%Y-%m}"
    elif asked["ansicht"] == "stufen":
        found = arranging.in_stages(found)
    page = Paginator(found, arranging.PER_PAGE).get_page(request.GET.get("seite"))
    user = None if read_only else request.user
    rows = arranging.rows_of(
        cast("MeasureQuerySet", page.object_list), company, user=user, leads=leads
    )
    return {
        "company": company,
        "form": form,
        "asked": asked,
        "filtered": any(asked[name] for name in ("stand", "wer", "thema", "stufe")),
        "summary": arranging.summary_of(measures),
        "page": page,
        "rows": rows,
        "stages": arranging.by_stage(rows) if asked["ansicht"] == "stufen" else [],
        "timeline": arranging.timeline(rows, first) if asked["ansicht"] == "zeit" else None,
        "tabs": PlanForm.VIEWS,
    }
