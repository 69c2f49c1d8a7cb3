"""A company's own data: name it, change it."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts import access
from portal.accounts.forms import CompanyForm, WorksCouncilForm
from portal.accounts.models import Company, Role
from portal.accounts.requests import UserRequest


@require_GET
def companies(request: UserRequest) -> HttpResponse:
    """The companies one belongs to, each with one's role, and what one is invited to."""
    context = {
        "memberships": access.memberships_of(request.user),
        "invitations": access.invitations_to(request.user),
    }
    return render(request, "accounts/companies.html", context)


@require_http_methods(["GET", "POST"])
def create(request: UserRequest) -> HttpResponse:
    """Name a company; who does so leads it."""
    form = CompanyForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        company = Company.found(by=request.user, **form.cleaned_data)
        return redirect("assessment_start", company.pk)
    status = 422 if form.errors else 200
    return render(request, "accounts/company_form.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    """Change the company's profile."""
    company = access.company_to_lead(request.user, pk)
    form = CompanyForm(_posted(request), instance=company)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("company", company.pk)
    status = 422 if form.errors else 200
    # A refused form has put its values on the instance: the page's head shows the stored name.
    stored = access.company_to_lead(request.user, pk)
    context = {"form": form, "company": stored, "role": Role.LEAD, "nav": "company"}
    return render(request, "accounts/company_form.html", context, status=status)


@require_POST
def council(request: UserRequest, pk: int) -> HttpResponse:
    """Whether there is a works council; asked before the first invitation."""
    company = access.company_to_lead(request.user, pk)
    form = WorksCouncilForm(request.POST, instance=company)
    if form.is_valid():
        form.save()
    return redirect("invitation_create", company.pk)


@require_POST
def put_first_steps_away(request: UserRequest, pk: int) -> HttpResponse:
    """Nobody has to be led any more; once and for good."""
    company = access.company_to_lead(request.user, pk)
    company.put_first_steps_away()
    return redirect("latest", company.pk, "ueberblick")


def _posted(request: UserRequest) -> QueryDict | None:
    """What a form is bound to: also an empty post is one, and is to be refused in words."""
    return request.POST if request.method == "POST" else None
