"""Engagements: whom a company lets see what, and the consultant's yes or no to it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts import access, mails
from portal.accounts.forms import EngagementForm, TermsForm
from portal.accounts.models import Company, Engagement, Role
from portal.accounts.requests import UserRequest


@require_GET
def engagements(request: UserRequest, pk: int) -> HttpResponse:
    """Who advises the company and what they see. `?neu=3` fills the form in from engagement 3."""
    company = access.company_to_read(request.user, pk)
    form = EngagementForm()
    before = request.GET.get("neu", "")
    if before.isdecimal() and len(before) < 10:
        form = EngagementForm.like(access.engagement_to_change(request.user, int(before)))
    return _page(request, company, form)


@require_POST
def create(request: UserRequest, pk: int) -> HttpResponse:
    """Offer an engagement to an address. Whether there is an account with it nobody learns."""
    company = access.company_to_lead(request.user, pk)
    form = EngagementForm(request.POST)
    if not form.is_valid():
        return _page(request, company, form)
    try:
        engagement = Engagement.engage(company, by=request.user, **form.cleaned_data)
    except ValidationError as error:
        if error.code != "running":
            form.add_error("email", error)
            return _page(request, company, form)
        messages.info(
            request,
            _("Für diese Adresse läuft schon ein Mandat. Sie können es in der Liste ändern."),
        )
        return redirect("engagements", company.pk)
    if _tell(engagement, request.user.name):
        messages.success(
            request,
            _("Das Mandat ist angeboten. Es gilt, sobald die Beratung es annimmt."),
        )
    else:
        messages.warning(
            request,
            _(
                "Das Mandat ist angeboten, aber die Mail ging nicht hinaus. Sagen Sie der Beratung "
                "Bescheid: Nach der Anmeldung steht es unter „Mandate“."
            ),
        )
    return redirect("engagements", company.pk)


@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    """Grant more or less, or until another day."""
    engagement = access.engagement_to_change(request.user, pk)
    form = TermsForm(
        request.POST if request.method == "POST" else None, initial=TermsForm.terms_of(engagement)
    )
    if request.method == "POST" and form.is_valid():
        try:
            engagement.change(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(
                request, _("Geändert. Es gilt ab der nächsten Seite, die jemand öffnet.")
            )
        return redirect("engagements", engagement.company_id)
    context = {
        "form": form,
        "engagement": engagement,
        "company": engagement.company,
        "role": Role.LEAD,
        "nav": "company",
    }
    return render(
        request, "consulting/engagement_form.html", context, status=422 if form.errors else 200
    )


@require_POST
def end(request: UserRequest, pk: int) -> HttpResponse:
    """End it: from the next request on nothing of the company is to be seen."""
    engagement = access.engagement_to_change(request.user, pk)
    engagement.end(by=request.user)
    messages.success(
        request,
        _(
            "Das Mandat ist beendet. Die Beratung sieht ab sofort nichts mehr. War es ein "
            "Versehen, erteilen Sie es unter „Ein Mandat erteilen“ neu."
        ),
    )
    return redirect("engagements", engagement.company_id)


@require_POST
def accept(request: UserRequest, pk: int) -> HttpResponse:
    """The consultant takes an engagement on."""
    offered = access.engagement_meant_for(request.user, pk)
    try:
        offered.accept(request.user)
    except ValidationError as error:
        messages.info(request, error.messages[0])
        return redirect("consultant_profile" if error.code == "profile" else "consultant_room")
    return redirect("client", offered.pk)


@require_POST
def leave(request: UserRequest, pk: int) -> HttpResponse:
    """The consultant ends an engagement or declines it."""
    held = access.engagement_meant_for(request.user, pk)
    held.end(by=request.user)
    if held.accepted_at:
        messages.success(
            request, _("Das Mandat ist beendet. Sie sehen von dem Betrieb nichts mehr.")
        )
    else:
        messages.success(request, _("Sie haben das Mandat abgelehnt."))
    return redirect("consultant_room")


def _tell(engagement: Engagement, name: str) -> bool:
    """Write to the address, whoever owns it. False when the mail did not go out."""
    return mails.send(
        mails.Kind.ENGAGEMENT,
        engagement.email,
        mails.absolute("consultant_room"),
        _("Mandat ansehen"),
        company=engagement.company.name,
        by=name,
        engagement=engagement,
    )


def _page(request: UserRequest, company: Company, form: EngagementForm) -> HttpResponse:
    role = access.role_in(request.user, company)
    found = list(access.engagements_of(request.user, company)[:200])
    context = {
        "company": company,
        "role": role,
        "can_edit": role == Role.LEAD,
        "running": [each for each in found if each.is_running],
        "over": [each for each in found if not each.is_running],
        "form": form,
        "nav": "company",
    }
    return render(
        request, "consulting/engagements.html", context, status=422 if form.errors else 200
    )
