"""A company's own data: name it, change it."""

from __future__ import annotations

from pathlib import PurePath

from django.contrib import messages
from django.http import FileResponse, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts import access
from portal.accounts.forms import CompanyForm, WorksCouncilForm
from portal.accounts.logo_forms import LogoForm
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
    # A refused form has put its values on the instance: the page's head shows the stored name.
    stored = access.company_to_lead(request.user, pk)
    return _profile(request, stored, form, LogoForm())


def _profile(
    request: UserRequest, company: Company, form: CompanyForm, logo_form: LogoForm
) -> HttpResponse:
    context = {
        "form": form,
        "logo_form": logo_form,
        "company": company,
        "role": Role.LEAD,
        "nav": "company",
    }
    status = 422 if form.errors or logo_form.errors else 200
    return render(request, "accounts/company_form.html", context, status=status)


@require_GET
def logo(request: UserRequest, pk: int) -> FileResponse:
    """The company's logo, for its people. Raises Http404 where there is none."""
    kept = access.logo_of(access.company_to_read(request.user, pk))
    return FileResponse(kept, filename=f"logo{PurePath(kept.name or '').suffix}")


@require_http_methods(["GET", "POST"])
def put_logo(request: UserRequest, pk: int) -> HttpResponse:
    """Another logo; reports that there are already keep theirs."""
    company = access.company_to_lead(request.user, pk)
    if request.method == "GET":  # a refused picture's page, asked for anew
        return redirect("company_edit", company.pk)
    form = LogoForm(request.POST, request.FILES)
    if not form.is_valid():
        return _profile(request, company, CompanyForm(instance=company), form)
    company.put_logo(form.cleaned_data["logo"])
    messages.success(request, _("Das Logo ist gespeichert. Es steht in jedem neuen Bericht."))
    return redirect("company_edit", company.pk)


@require_POST
def remove_logo(request: UserRequest, pk: int) -> HttpResponse:
    """No logo any more; reports that there are already keep theirs."""
    company = access.company_to_lead(request.user, pk)
    company.put_logo(None)
    messages.success(request, _("Das Logo ist entfernt. Fertige Berichte behalten es."))
    return redirect("company_edit", company.pk)


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
