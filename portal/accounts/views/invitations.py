"""Inviting somebody to a company, and being invited."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts import access, mails
from portal.accounts.forms import InvitationForm
from portal.accounts.models import Company, Invitation, Role, User
from portal.accounts.requests import UserRequest

HOUR = "3600"  # seconds


@require_http_methods(["GET", "POST"])
def create(request: UserRequest, pk: int) -> HttpResponse:
    """Invite an address. Before a lead's first one: is there a works council?"""
    company, role = access.company_to_invite_to(request.user, pk)
    context = {"company": company, "role": role, "nav": "company"}
    unasked = role == Role.LEAD and not company.works_council and "weiter" not in request.GET
    if request.method == "GET" and unasked:
        return render(request, "accounts/invitation_council.html", context)
    posted = request.POST if request.method == "POST" else None
    form = InvitationForm(posted, roles=Invitation.roles_from(company, role))
    status = 200
    if posted is not None:
        status = _issued(request, company, form)
        if status == 200:
            return redirect("members", company.pk)
    response = render(
        request, "accounts/invitation_form.html", context | {"form": form}, None, status
    )
    if status == 429:
        response.headers["Retry-After"] = HOUR
    return response


def _issued(request: UserRequest, company: Company, form: InvitationForm) -> int:
    """Send out what the form says. 200, or the status of the refusal the form then explains."""
    if not form.is_valid():
        return 422
    try:
        invitation, token = Invitation.issue(company, by=request.user, **form.cleaned_data)
    except ValidationError as error:
        too_many = error.code == "rate"
        form.add_error(None if too_many else "email", error)
        return 429 if too_many else 422
    _send(request, invitation, token)
    return 200


def _send(request: UserRequest, invitation: Invitation, token: str) -> None:
    """The mail, and what the inviter is told about it. Without a token it went out a moment ago."""
    address = {"email": invitation.email}
    if not token:
        messages.info(request, _("Die Einladung an %(email)s steht schon unten.") % address)
        return
    sent = mails.send(
        mails.Kind.INVITATION,
        invitation.email,
        link=mails.absolute("invitation", token),
        link_text=_("Einladung ansehen"),
        company=_one_line(invitation.company.name),
        by=_one_line(str(request.user)),
        role=invitation.role,
        message=invitation.message,
        until=invitation.expires_at,
    )
    if sent:
        messages.success(request, _("Die Einladung an %(email)s ist unterwegs.") % address)
    else:
        said = _(
            "Die Mail an %(email)s ging nicht hinaus. Die Einladung steht unten: Versuchen Sie es "
            "dort in ein paar Minuten mit „Noch einmal senden“."
        )
        messages.error(request, said % address)


def _one_line(text: str) -> str:
    """A name that cannot start a new paragraph of the mail."""
    return " ".join(text.split())


@require_POST
def renew(request: UserRequest, pk: int) -> HttpResponse:
    """Send it again, with a new link; the old one dies."""
    invitation = access.invitation_to_change(request.user, pk)
    try:
        again, token = invitation.renew(by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        _send(request, again, token)
    return redirect("members", invitation.company_id)


@require_POST
def withdraw(request: UserRequest, pk: int) -> HttpResponse:
    """The link is no longer good."""
    invitation = access.invitation_to_change(request.user, pk)
    try:
        invitation.withdraw(by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        said = _("Die Einladung an %(email)s ist zurückgezogen. Sie können neu einladen.")
        messages.success(request, said % {"email": invitation.email})
    return redirect("members", invitation.company_id)


@require_http_methods(["GET", "POST"])
@login_not_required
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What somebody is invited to. Reading it changes nothing; accepting is a press. What is no
    longer good looks the same as what never was."""
    found = access.invitation_of(token)
    user = request.user if isinstance(request.user, User) else None
    mine = found is not None and user is not None and found.is_for(user)
    if found and user and mine and found.accepted_at and access.membership_in(user, found.company):
        return redirect(found.company)
    if found is None or not found.is_live:
        return render(request, "accounts/invitation_gone.html", status=404)
    context = {"invitation": found, "here": request.path}
    if user is None and request.method == "POST":
        return redirect_to_login(request.path)
    if user is None:
        return render(request, "accounts/invitation.html", context)
    if not mine:
        return render(request, "accounts/invitation_other.html", {"here": request.path}, status=403)
    if request.method == "POST":
        return _accepted(request, found, user)
    return render(request, "accounts/invitation.html", context)


@require_POST
def accept_own(request: UserRequest, pk: int) -> HttpResponse:
    """Accept without the mail: the address is proven to be one's own."""
    return _accepted(request, access.invitation_offered(request.user, pk), request.user)


def _accepted(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    company = invitation.company
    try:
        invitation.accept(user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        belongs = access.membership_in(user, company)
        return redirect(company) if belongs else redirect("companies")
    messages.success(request, _("Sie gehören jetzt zu „%(company)s“.") % {"company": company})
    return redirect(company)
