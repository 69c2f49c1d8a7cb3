"""Trying the portal without an account: begin, and later keep or discard."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from checklists.access import assessments_of
from checklists.models import Assessment, DecisionAid
from checklists.sheet import Sheet
from portal.accounts.access import companies_of
from portal.accounts.forms import TrialNameForm
from portal.accounts.limits import address_of
from portal.accounts.models import Company
from portal.accounts.requests import UserRequest
from portal.accounts.trial import TRIALS, forget, pause, remember, trial_of
from reports.access import reports_of
from reports.company import discard_trial, keep_trial


@csrf_exempt  # the start page is the same for everybody and holds no secret: see _pressed_here
@require_http_methods(["GET", "POST"])
@login_not_required
@never_cache
def trial(request: HttpRequest) -> HttpResponse:
    """GET says what a trial is; POST begins one with all topics. Where there is one, go on."""
    if request.user.is_authenticated:
        return redirect("home")
    if (company := trial_of(request)) and (running := _round_of(company)):
        return redirect("assessment", running.pk)
    if request.method != "POST" or not _pressed_here(request):
        return render(request, "accounts/trial.html")
    if not TRIALS.take(address_of(request)):
        return pause(request, TRIALS)
    with transaction.atomic():
        company, token = Company.try_out()
        begun = Assessment.start(company, DecisionAid.objects.with_questions())
    response = redirect(_first_page(request, begun))
    remember(response, token)
    return response


def _first_page(request: HttpRequest, begun: Assessment) -> str:
    """The topic whose page one comes from, else all of them: the address of it."""
    asked = request.POST.get("thema", "")
    if asked in begun.topics.values_list("code", flat=True):
        return reverse("checklist", args=[begun.pk, asked])
    return reverse("assessment", args=[begun.pk])


def _pressed_here(request: HttpRequest) -> bool:
    """The button stood on a page of ours. Browsers say where a POST comes from, and no page can
    make them say otherwise; what says nothing is no browser, and has no cookies to misuse."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or origin == f"{request.scheme}://{request.get_host()}"


def _round_of(company: Company) -> Assessment | None:
    return assessments_of(company.visitor, company).first()


@require_http_methods(["GET", "POST"])
def keep(request: UserRequest) -> HttpResponse:
    """Make the trial of this browser one's own company, or discard it. Without one: nothing to
    ask."""
    company = trial_of(request)
    if company is None:
        return redirect("home")
    named = company.is_named
    initial = {"name": company.name} if named else {}
    form = TrialNameForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        if keep_trial(company, by=request.user, name=form.cleaned_data["name"]):
            messages.success(request, _("Alles ist noch da und gehört jetzt Ihrem Betrieb."))
            if not named and reports_of(request.user, company).exists():
                told = _(
                    "Der Bericht von vorhin bleibt, wie er war. Einen mit dem Namen Ihres Betriebs "
                    "erstellen Sie neu."
                )
                messages.info(request, told)
        response = redirect(company)
        forget(response)
        return response
    running = _round_of(company)
    context = {
        "form": form,
        "trial": company,
        "tally": Sheet.of(running).tally if running else None,
        "others": companies_of(request.user).exists(),
    }
    return render(request, "accounts/trial_keep.html", context, status=422 if form.errors else 200)


@require_POST
@login_not_required
def discard(request: HttpRequest) -> HttpResponse:
    """Delete the trial of this browser now."""
    if company := trial_of(request):
        discard_trial(company)
        messages.success(request, _("Ihr Versuch ist gelöscht, mit allen Antworten."))
    response = redirect("home" if request.user.is_authenticated else "trial")
    forget(response)
    return response
