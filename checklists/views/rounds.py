"""A company's rounds: start one, see where it stands, close it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from checklists import access
from checklists.directory import nobody_for
from checklists.first_steps import in_order
from checklists.forms import FirstTopicForm, StartForm, TopicsForm
from checklists.models import Assessment, DecisionAid, Delegation
from checklists.next_steps import NextStep, next_steps, with_places
from checklists.plan_access import measures_of
from checklists.planned_steps import with_states
from checklists.results import Tally
from checklists.reviews import released_reviews
from checklists.sheet import Sheet, Topic
from portal.accounts.access import company_to_lead, invitations_of, role_in
from portal.accounts.models import Company, Role, User, Visitor
from portal.accounts.requests import ActorRequest, UserRequest
from portal.accounts.trial import trial_allowed


@require_http_methods(["GET", "POST"])
def start(request: UserRequest, pk: int) -> HttpResponse:
    """Choose topics and open a round. Who starts twice lands in the round that is open."""
    company = company_to_lead(request.user, pk)
    if running := access.assessments_of(request.user, company).filter(closed_at=None).first():
        return redirect("assessment", running.pk)
    form = StartForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        chosen, carry = form.cleaned_data["topics"], form.cleaned_data["carry"]
        try:
            assessment = Assessment.start(company, chosen, carry=carry)
        except ValidationError as error:
            messages.info(request, error.messages[0])
            return redirect("company", company.pk)
        return redirect("assessment", assessment.pk)
    last = access.assessments_of(request.user, company).first()
    return _topics_page(
        request,
        "checklists/assessment_start.html",
        form,
        company=company,
        chosen=_preset(request, last),
        last=last,
        carry=form.cleaned_data.get("carry") if form.is_bound else True,
        first=None if last else FirstTopicForm(request.GET, headcount=company.headcount),
        measures=measures_of(request.user, company).live().count(),
    )


def _preset(request: UserRequest, last: Assessment | None) -> set[str]:
    """The topics that are ticked to begin with: the one whose page one comes from, else those of
    the last round. None in the first: one is enough for a start."""
    if asked := request.GET.get("thema"):
        return {asked}
    return set(last.topics.values_list("code", flat=True)) if last else set()


@require_http_methods(["GET", "POST"])
def topics(request: UserRequest, pk: int) -> HttpResponse:
    """Take topics into an open round or leave them out; answers given stay."""
    assessment = access.assessment_to_lead(request.user, pk)
    form = TopicsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            assessment.choose_topics(form.cleaned_data["topics"])
        except ValidationError as error:
            messages.error(request, error.messages[0])
        return redirect("assessment", assessment.pk)
    return _topics_page(
        request,
        "checklists/assessment_topics.html",
        form,
        company=assessment.company,
        assessment=assessment,
        chosen=set(assessment.topics.values_list("code", flat=True)),
    )


def _topics_page(
    request: UserRequest,
    template: str,
    form: TopicsForm,
    *,
    company: Company,
    assessment: Assessment | None = None,
    chosen: set[str],
    first: FirstTopicForm | None = None,
    **more: Any,
) -> HttpResponse:
    aids = {aid.code: aid for aid in DecisionAid.objects.with_questions().count_questions()}
    said = first.said() if first else {}
    places = in_order(aids, **said)
    if any(said.values()):
        chosen = {place.code for place in places[:1]}
    if form.is_bound:
        chosen = set(request.POST.getlist("topics"))
    errors = form.errors.get("topics")
    context = {
        "company": company,
        "role": Role.LEAD,
        "assessment": assessment,
        "form": form,
        "rows": [(aids[place.code], place.reasons) for place in places],
        "first": first,
        "suggested": any(said.values()),
        "chosen": chosen,
        "error": errors[0] if errors else "",
        "nav": "topics",
        **more,
    }
    return render(request, template, context, status=422 if errors else 200)


@trial_allowed
@require_GET
@gzip_page
def overview(request: ActorRequest, pk: int) -> HttpResponse:
    """Where the round stands, topic by topic, and the one next thing to do."""
    assessment = access.assessment_to_read(request.user, pk)
    sheet = Sheet.of(assessment)
    steps = next_steps(sheet)
    roles = access.roles_in_team(assessment)
    role = roles.get(request.user.pk or 0, "")  # a visitor has no key
    handed = list(access.delegations_of(assessment)) if role else []
    mine, next_topic = _next_topic(
        sheet,
        [h for h in handed if h.user_id == request.user.pk],
        short_first=isinstance(request.user, Visitor),
    )
    context = {
        "assessment": assessment,
        "company": assessment.company,
        "role": role,
        "can_lead": role == Role.LEAD,
        "sheet": sheet,
        "rows": [
            (topic, [each for each in handed if each.aid == topic.aid]) for topic in sheet.topics
        ],
        "together": bool(role) and (len(roles) > 1 or bool(handed)),
        "next_topic": next_topic,
        "next_handed": mine,
        "left_out": sheet.left_out,
        "steps": steps[:3],
        "step_count": len(steps),
        "reports": list(assessment.reports.defer("content").order_by("-number")[:5]),
        "nav": "overview",
    }
    done = {"answered": sheet.tally.started, "reported": bool(context["reports"])}
    context["first_steps"] = _first_steps(request.user, sheet, role, done, alone=len(roles) == 1)
    return render(request, "checklists/assessment.html", context)


def _first_steps(
    user: User | Visitor, sheet: Sheet, role: str, done: dict[str, bool], *, alone: bool
) -> dict[str, bool]:
    """What a new firm does first and whether it is done, for its lead; empty once all is done or
    the list was put away."""
    company = sheet.assessment.company
    if not isinstance(user, User) or role != Role.LEAD or company.first_steps_away:
        return {}
    invited = not alone or invitations_of(user, company, role).exists()
    steps = done | {"invited": invited}
    return {} if all(steps.values()) else steps


def _next_topic(
    sheet: Sheet, handed: list[Delegation], *, short_first: bool
) -> tuple[Delegation | None, Topic | None]:
    """The topic to go on with: the first one handed to the user that has something open, else the
    first that was begun and is not through, else the first untouched (who only tries the portal:
    the shortest), else one with a "weiß nicht"."""
    waiting = {topic.aid.pk: topic for topic in sheet.topics if topic.next_open}
    mine = next((each for each in handed if each.aid_id in waiting), None)
    if mine:
        return mine, waiting[mine.aid_id]
    order = sorted(
        waiting.values(),
        key=lambda t: (not t.tally.offen, not t.tally.started, short_first * t.tally.total),
    )
    return None, next(iter(order), None)


@trial_allowed
@require_GET
@gzip_page
def results(request: ActorRequest, pk: int) -> HttpResponse:
    """Counts, gaps and recommended next steps of the round."""
    assessment = access.assessment_to_read(request.user, pk)
    sheet, company = Sheet.of(assessment), assessment.company
    role = role_in(request.user, company)
    reviews = released_reviews(assessment)
    begun = [topic for topic in sheet.topics if topic.tally.started]
    context = {
        "assessment": assessment,
        "company": company,
        "role": role,
        "can_report": role == Role.LEAD or isinstance(request.user, Visitor),
        "has_reviews": role == Role.LEAD and bool(reviews),
        "begun": begun,
        "waiting": [topic for topic in sheet.topics if not topic.tally.started],
        "tally": sum((topic.tally for topic in begun), Tally()),
        "steps": _decided(with_places(next_steps(sheet), company.region), company, role),
        "can_decide": role == Role.LEAD,
        "nobody": nobody_for(assessment.company.region),
        "reviews": reviews,
        "open_lines": [line for topic in begun for line in topic.lines if line.open],
        "nav": "results",
    }
    return render(request, "checklists/results.html", context)


def _decided(steps: list[NextStep], company: Company, role: str) -> list[NextStep]:
    """The steps with what the firm decided about them: for its leads and members."""
    return with_states(steps, company) if role else steps


@require_POST
def close(request: UserRequest, pk: int) -> HttpResponse:
    assessment = access.assessment_to_lead(request.user, pk)
    assessment.close()
    messages.success(
        request,
        _(
            "Durchgang %(number)d ist abgeschlossen. "
            "Sie können ihn %(days)d Tage lang wieder öffnen."
        )
        % {"number": assessment.number, "days": Assessment.REOPEN_DAYS},
    )
    return redirect("results", assessment.pk)


@require_POST
def reopen(request: UserRequest, pk: int) -> HttpResponse:
    assessment = access.assessment_to_lead(request.user, pk)
    try:
        assessment.reopen()
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("assessment", assessment.pk)
