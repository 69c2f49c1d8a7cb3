"""Pages of the roof: start, one's company, health, the demo's mailbox."""

from __future__ import annotations

import shutil
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from checklists.access import assessments_of
from checklists.reading import Library
from checklists.sheet import Sheet
from checklists.views.public import ReaderRequest, page, public
from portal.accounts.access import companies_of, company_to_read, role_in
from portal.accounts.models import Role
from portal.accounts.requests import UserRequest
from portal.demo import LOGINS
from portal.mailbox import DemoMailbox
from reports.access import reports_of
from reports.models import Report

OLDEST_JOB_SECONDS = 600
LEAST_FREE_BYTES = 200 << 20


def site_context(request: HttpRequest) -> dict[str, Any]:
    """What every template may say about this instance."""
    return {
        "demo": settings.DEMO,
        "demo_logins": LOGINS if settings.DEMO else [],
        "portal_url": settings.PORTAL_URL,
    }


@public
def start(request: ReaderRequest, library: Library) -> HttpResponse:
    """What this is, for whoever comes by."""
    context = {
        "chapters": list(library.chapters.values()),
        "sample_question": library.questions.get("E03-01"),
    }
    return page(request, "start.html", context)


@require_GET
def home(request: UserRequest) -> HttpResponse:
    """After login: the one company's latest round, or the way to it."""
    companies = list(companies_of(request.user)[:2])
    if not companies:
        return redirect("company_create")
    if len(companies) > 1:
        return redirect("companies")
    if latest := assessments_of(request.user, companies[0]).first():
        return redirect("assessment", latest.pk)
    return redirect("company", companies[0].pk)


@require_GET
def company(request: UserRequest, pk: int) -> HttpResponse:
    """A company with its people, rounds and reports."""
    shown = company_to_read(request.user, pk)
    role = role_in(request.user, shown)
    sheets = Sheet.of_many(list(assessments_of(request.user, shown)[:20]))
    context = {
        "company": shown,
        "role": role,
        "can_edit": role == Role.LEAD,
        "rounds": [(sheet.assessment, sheet.tally) for sheet in sheets],
        "reports": reports_of(request.user, shown)[:20],
        "members": shown.memberships.filter(left_at=None).select_related("user").order_by("pk"),
        "nav": "company",
    }
    return render(request, "accounts/company.html", context)


@require_GET
@login_not_required
def mailbox(request: HttpRequest) -> HttpResponse:
    """The mails a demo would have sent. Outside the demo this page does not exist."""
    if not settings.DEMO:
        raise Http404
    return render(request, "mailbox.html", {"mails": DemoMailbox.read()})


# --- Health ---------------------------------------------------------------------------------------


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, migrations, oldest waiting job and disk: 200 when all are well, else 503."""
    checks = {"database": False, "migrations": False, "jobs": False, "disk": False}
    try:
        executor = MigrationExecutor(connection)
        checks["database"] = True
        checks["migrations"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        if checks["migrations"]:
            checks["jobs"] = _jobs_move()
    except DatabaseError:
        pass
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    checks["disk"] = shutil.disk_usage(settings.VAR_DIR).free >= LEAST_FREE_BYTES
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)


def _jobs_move() -> bool:
    waiting = Report.objects.waiting()
    oldest = waiting.order_by("queued_at").values_list("queued_at", flat=True).first()
    return oldest is None or (timezone.now() - oldest).total_seconds() < OLDEST_JOB_SECONDS


# --- Errors ---------------------------------------------------------------------------------------


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's secret is missing or old, mostly after a long break."""
    return render(request, "403.html", {"csrf": True}, status=403)
