"""The consultant's side: profile, clients, and what a client's engagement grants to be seen."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from checklists import access
from checklists.clients import client_with_rounds, clients, sheet_for
from checklists.forms import ConsultantForm
from checklists.models import DecisionAid, Resource
from checklists.next_steps import next_steps, with_places
from portal.accounts.access import client_to_read, clients_of, engagements_offered_to
from portal.accounts.models import ConsultantProfile
from portal.accounts.requests import UserRequest

PER_PAGE = 50


@require_http_methods(["GET", "POST"])
def profile(request: UserRequest) -> HttpResponse:
    """Say who one is as a consultant. Whoever does so is one from then on."""
    networks = Resource.objects.filter(kind=Resource.Kind.NETWORK, retired=False)
    form = ConsultantForm(
        request.POST if request.method == "POST" else None,
        initial=ConsultantProfile.as_initial(request.user),
        networks=networks.values_list("key", "name"),
        aids=[(aid.code, aid.short) for aid in DecisionAid.objects.with_questions()],
    )
    if request.method == "POST" and form.is_valid():
        ConsultantProfile.present(request.user, **form.cleaned_data)
        messages.success(request, _("Ihr Beratungsprofil ist gespeichert."))
        return redirect("consultant_room")
    context = {
        "form": form,
        "second_factor": settings.SECOND_FACTOR_REQUIRED,
        "nav": "consulting",
    }
    return render(request, "consulting/profile.html", context, status=422 if form.errors else 200)


@require_GET
def room(request: UserRequest) -> HttpResponse:
    """Offers that wait, and the clients in the order of their names, 50 a page: ten queries,
    however many there are."""
    query = request.GET.get("q", "").replace("\x00", "")[:100].strip()
    after = request.GET.get("nach", "")
    found = clients_of(request.user)
    if query:
        found = found.filter(company__name__icontains=query)
    if after.isdecimal() and len(after) < 10:
        found = found.following(int(after))
    page = list(found[: PER_PAGE + 1])
    shown = clients(page[:PER_PAGE])
    context = {
        "offers": [] if after or query else engagements_offered_to(request.user),
        "clients": shown,
        "moved": sum(1 for client in shown if client.news),
        "first": not after,
        "last": len(page) <= PER_PAGE,
        "query": query,
        "second_factor": settings.SECOND_FACTOR_REQUIRED,
        "nav": "consulting",
    }
    return render(request, "consulting/room.html", context)


@require_GET
def client(request: UserRequest, pk: int) -> HttpResponse:
    """One client: what the engagement grants, what is new, rounds and reports."""
    engagement = client_to_read(request.user, pk)
    company = engagement.company
    shown, rounds = client_with_rounds(engagement)
    context = {
        "engagement": engagement,
        "client": shown,
        "rounds": rounds,
        "reviews": access.released_by(request.user, company)[:20],
        "reports": company.reports.defer("content").order_by("-number")[:50]
        if engagement.sees_reports
        else [],
        "nav": "consulting",
    }
    return render(request, "consulting/client.html", context)


@require_POST
def visited(request: UserRequest, pk: int) -> HttpResponse:
    """Remember what stands as seen: what the page showed, not what came after it."""
    engagement = client_to_read(request.user, pk)
    now = clients([engagement])[0]
    if request.POST.get("stand") == now.stand:
        engagement.mark_seen(now.standing)
        messages.success(request, _("Gemerkt. Was sich von jetzt an ändert, ist wieder markiert."))
    else:
        messages.info(
            request, _("Inzwischen hat sich noch etwas geändert. Sehen Sie es sich zuerst an.")
        )
    return redirect("client", pk)


@require_GET
def client_round(request: UserRequest, pk: int, number: int) -> HttpResponse:
    """A client's round, to be read: every question with the firm's answer, gaps, next steps."""
    engagement, assessment = access.client_round_to_read(request.user, pk, number)
    sheet = sheet_for(engagement, assessment)
    latest = clients([engagement])[0]
    changes = {}
    if latest.round and latest.round.number == assessment.number:
        changes = {change.key: change for change in latest.news.answers}
    context = {
        "engagement": engagement,
        "round": assessment,
        "client": latest,
        "sheet": sheet,
        "topics": [
            (topic, [(line, changes.get(line.key)) for line in topic.lines])
            for topic in sheet.topics
        ],
        "changes": changes,
        "steps": with_places(next_steps(sheet), engagement.company.region),
        "nav": "consulting",
    }
    return render(request, "consulting/round.html", context)
