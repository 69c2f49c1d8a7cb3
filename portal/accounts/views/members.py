"""Who belongs to a company, in which role, and who gave it to them."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portal.accounts import access, mails
from portal.accounts.keyset import Page
from portal.accounts.models import Membership, Role
from portal.accounts.requests import UserRequest


@require_GET
def members(request: UserRequest, pk: int) -> HttpResponse:
    """Everybody of the company, and for those who invite, who has been asked."""
    company = access.company_to_read(request.user, pk)
    mine = access.membership_in(request.user, company)
    role = mine.role if mine else ""
    asked = access.invitations_of(request.user, company, role)
    context = {
        "company": company,
        "role": role,
        "membership": mine,
        "people": Page.of(access.members_of(request.user, company), request, "nach"),
        "asked": Page.of(asked, request, "vor"),
        "council_sits": access.council_sits(company),
        "invites": role in (Role.LEAD, Role.WORKS_COUNCIL),
        "notice_ends": timezone.now() + Membership.NOTICE,
        "nav": "company",
    }
    return render(request, "accounts/members.html", context)


@require_POST
def role(request: UserRequest, pk: int) -> HttpResponse:
    """From the team into the lead or back."""
    membership = access.membership_to_lead(request.user, pk)
    try:
        membership.change_role(request.POST.get("role", ""), by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        said = (
            _("%(name)s gehört jetzt zur Leitung. Rückgängig: „Ins Team zurück“.")
            if membership.role == Role.LEAD
            else _("%(name)s gehört jetzt zum Team. Rückgängig: „Zur Leitung machen“.")
        )
        messages.success(request, said % {"name": membership.user})
    return redirect("members", membership.company_id)


@require_POST
def end(request: UserRequest, pk: int) -> HttpResponse:
    """Leave, or have somebody leave."""
    membership = access.membership_to_end(request.user, pk)
    names = {"name": membership.user, "company": membership.company}
    try:
        asked = membership.remove(by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("members", membership.company_id)
    if membership.user == request.user:
        messages.success(request, _("Sie gehören nicht mehr zu „%(company)s“.") % names)
        return redirect("companies")
    if membership.left_at:
        said = _("%(name)s gehört nicht mehr zum Betrieb. Zurück geht es mit einer Einladung.")
        messages.success(request, said % names)
    else:
        _tell_of_removal(request, membership, mail=asked)
    return redirect("members", membership.company_id)


def _tell_of_removal(request: UserRequest, membership: Membership, *, mail: bool) -> None:
    """What a lead is told who wants a works-council member to leave; the member, once by mail."""
    if membership.user is None or membership.removal_at is None:  # taken back at the same moment
        return
    date = date_format(timezone.localtime(membership.removal_at), "j. F Y")
    sent = not mail or mails.send(
        mails.Kind.REMOVAL,
        membership.user,
        link=mails.absolute("members", membership.company_id),
        link_text=_("Zum Betrieb"),
        company=membership.company.name,
        by=" ".join(str(request.user).split()),
        date=date,
    )
    said = _("Beantragt. %(name)s scheidet spätestens am %(date)s aus und hat eine Mail bekommen.")
    if not sent:
        said = _(
            "Beantragt. %(name)s scheidet spätestens am %(date)s aus. Die Mail darüber ging nicht "
            "hinaus: Bitte sagen Sie es selbst."
        )
    messages.success(request, said % {"name": membership.user, "date": date})


@require_POST
def keep(request: UserRequest, pk: int) -> HttpResponse:
    """The lead takes back that a works-council member is to leave."""
    membership = access.membership_to_lead(request.user, pk)
    membership.drop_removal(by=request.user)
    if membership.left_at:
        messages.error(request, _("Diese Person gehört nicht mehr zum Betrieb."))
    else:
        said = _("Der Antrag ist zurückgenommen. %(name)s bleibt im Betriebsrat.")
        messages.success(request, said % {"name": membership.user})
    return redirect("members", membership.company_id)


@require_GET
def log(request: UserRequest, pk: int) -> HttpResponse:
    """Who was given which say, and by whom."""
    company, role, events = access.authority_log_of(request.user, pk)
    context = {
        "company": company,
        "role": role,
        "events": Page.of(events, request, "vor"),
        "nav": "company",
    }
    return render(request, "accounts/authority_log.html", context)
