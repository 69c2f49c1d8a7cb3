"""A recommended step: into the plan, later, or not for us."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from checklists import plan_access as access
from checklists.models import Assessment, Measure, Step, StepDecision
from checklists.next_steps import with_places
from checklists.plan_forms import DecisionForm
from checklists.planned_steps import recommended, with_states
from checklists.sheet import Sheet
from checklists.views.undo import done, where_from
from portal.accounts.access import role_in
from portal.accounts.models import Role, User
from portal.accounts.requests import UserRequest


@require_http_methods(["GET", "POST"])
def step_decide(request: UserRequest, pk: int, key: str) -> HttpResponse:
    """One step of a round with all that helps to decide, and the decision itself: the lead's."""
    assessment, step = access.step_to_decide(request.user, pk, key)
    if request.method == "GET":
        return _page(request, assessment, step, DecisionForm())
    if role_in(request.user, assessment.company) != Role.LEAD:
        raise PermissionDenied
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, assessment, step, form, status=422)
    try:
        _decide(request, assessment, step, form.cleaned_data)
    except ValidationError as error:
        messages.info(request, error.messages[0])
        if standing := _standing(error):
            return redirect("measure", standing.pk)
    return redirect(where_from(request, reverse("step_decide", args=[pk, key])))


def _decide(request: UserRequest, assessment: Assessment, step: Step, said: dict[str, Any]) -> None:
    """Do what was pressed, and say it."""
    company, user, title = assessment.company, request.user, {"title": step.title}
    match said["was"]:
        case "aufnehmen":
            measure = _take(assessment, step, user)
            done(request, _("„%(title)s“ steht im Plan. Sie sind verantwortlich.") % title, measure)
        case "spaeter":
            StepDecision.put_off(company, step, said["wieder"], assessment=assessment, by=user)
            done(request, _("„%(title)s“ ist auf später gelegt.") % title)
        case "nicht":
            StepDecision.decline(company, step, said["grund"], assessment=assessment, by=user)
            done(request, _("Festgehalten: „%(title)s“ ist nichts für Sie.") % title)
        case "doch":
            access.decisions_about(user, company, step).withdraw()
            done(request, _("„%(title)s“ ist wieder offen.") % title)
        case "heraus":
            Measure.take_out(company, step)
            done(request, _("„%(title)s“ ist wieder aus dem Plan.") % title)


def _take(assessment: Assessment, step: Step, user: User) -> Measure:
    found = recommended(Sheet.of(assessment), step)
    gaps = access.questions_by_key(assessment, found.closes if found else ())
    return Measure.take(assessment.company, step, by=user, assessment=assessment, gaps=gaps)


def _standing(error: ValidationError) -> Measure | None:
    """The measure that a step is in the plan as, when that is why it was refused."""
    found = (getattr(error, "params", None) or {}).get("measure")
    return found if isinstance(found, Measure) else None


def _page(
    request: UserRequest, assessment: Assessment, step: Step, form: DecisionForm, status: int = 200
) -> HttpResponse:
    company = assessment.company
    role = role_in(request.user, company)
    found = recommended(Sheet.of(assessment), step)
    steps = with_states(with_places([found], company.region), company) if found else []
    context = {
        "assessment": assessment,
        "company": company,
        "role": role,
        "can_decide": role == Role.LEAD,
        "step": step,
        "each": steps[0] if steps else None,
        "form": form,
        "here": reverse("step_decide", args=[assessment.pk, step.key]),
        "nav": "results",
    }
    return render(request, "plan/step.html", context, status=status)
