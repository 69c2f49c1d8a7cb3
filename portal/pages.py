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
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from checklists.access import assessments_of, delegated_topic, noted_answers, rounds_to_answer
from checklists.plan_access import measures_seen
from checklists.reading import Library
from checklists.search import search_catalogue, search_measures, search_notes, words_of
from checklists.sheet import Sheet
from checklists.views.public import ReaderRequest, page, public
from portal.accounts.access import (
    companies_of,
    company_to_read,
    engagements_offered_to,
    members_of,
    memberships_of,
    role_in,
)
from portal.accounts.models import Company, Role, User, Visitor, open_invitations
from portal.accounts.requests import ActorRequest, UserRequest
from portal.accounts.trial import trial_allowed, trial_of, visitor_of
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
        "trial_days": Company.TRIAL.days,
        "portal_url": settings.PORTAL_URL,
    }


@public
def start(request: ReaderRequest, library: Library) -> HttpResponse:
    """What this is, for whoever comes by."""
    context = {
        "chapters": list(library.chapters.values()),
        "sample_question": library.questions.get("E03-01"),
        "price": settings.OPERATOR_PRICE,
        "question_count": sum(each.question_count for each in library.chapters.values()),
    }
    return page(request, "start.html", context)


@trial_allowed
@require_GET
def home(request: ActorRequest) -> HttpResponse:
    """After login: where one's work is, or the way to it."""
    user = request.user
    if isinstance(user, Visitor):
        return redirect("trial")
    if trial_of(request):
        return redirect("trial_keep")
    companies = list(companies_of(user)[:2])
    if len(companies) > 1 or (companies and user.is_consultant):
        return redirect("companies")
    if companies:
        return redirect(_room(user, companies[0]))
    if user.is_consultant or engagements_offered_to(user).exists():
        return redirect("consultant_room")
    return redirect("companies" if open_invitations(user).exists() else "company_create")


def _room(user: User, company: Company) -> str:
    """The page where the user goes on in the company: the address of it."""
    if role_in(user, company) == Role.WORKS_COUNCIL:
        return reverse("council_room", args=[company.pk])
    latest = assessments_of(user, company).first()
    if latest is None:
        return company.get_absolute_url()
    if latest.is_open and (code := delegated_topic(user, latest)):
        return reverse("checklist", args=[latest.pk, code])
    return reverse("assessment", args=[latest.pk])


@never_cache
@require_GET
@login_not_required
def answer_topic(request: HttpRequest, code: str) -> HttpResponse:
    """From reading a topic to answering it, with ?frage=E03-02 at that question: in the round that
    is open, or where one begins. Public pages know nobody, so this is where their readers part."""
    library = Library.current()
    if code not in library.chapters:
        raise Http404
    user = request.user if isinstance(request.user, User) else visitor_of(request)
    if user is None:
        return render(request, "accounts/trial.html", {"chapter": library.chapters[code]})
    rounds = list(rounds_to_answer(user)[:2])
    if len(rounds) == 1 and rounds[0].topics.filter(code=code).exists():
        asked = request.GET.get("frage", "")
        here = f"#{asked}" if asked in library.questions else ""
        return redirect(reverse("checklist", args=[rounds[0].pk, code]) + here)
    if isinstance(user, Visitor) or trial_of(request):
        return redirect("home")
    led = [each.company_id for each in memberships_of(user).filter(role=Role.LEAD)[:2]]
    if len(led) != 1 or len(rounds) > 1:
        return redirect("home")
    if rounds:
        return redirect("assessment_topics", rounds[0].pk)
    return redirect(f"{reverse('assessment_start', args=led)}?thema={code}")


LATEST = {"ueberblick": "assessment", "ergebnis": "results"}


@require_GET
def latest(request: UserRequest, pk: int, page: str) -> HttpResponse:
    """The company's latest round, for the navigation of pages that belong to no round."""
    shown = company_to_read(request.user, pk)
    if page not in LATEST:
        raise Http404
    newest = assessments_of(request.user, shown).first()
    return redirect(LATEST[page], newest.pk) if newest else redirect(shown)


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
        "members": list(members_of(request.user, shown)[:9]),  # one more than is shown
        "nav": "company",
    }
    return render(request, "accounts/company.html", context)


@require_safe
@login_not_required
def search(request: HttpRequest) -> HttpResponse:
    """What has these words: the catalogue for everybody, notes and measures of one's own firms for
    whoever is in."""
    query = request.GET.get("q", "")[:100].strip()
    words = words_of(query)
    groups = []
    if words:
        if request.user.is_authenticated:
            groups = search_notes(noted_answers(request.user), words)
            groups += search_measures(measures_seen(request.user), words)
        groups += search_catalogue(Library.current(), words)
    context = {
        "query": query,
        "groups": groups,
        "count": sum(len(group.hits) for group in groups),
        "nav": "search",
    }
    return render(request, "search.html", context)


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
