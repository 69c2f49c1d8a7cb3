"""One measure: read it, change it, move it, talk about it, say whether it helped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from checklists import calendar
from checklists import plan_access as access
from checklists.models import Measure, MeasureComment, MeasureConflict
from checklists.plan_forms import CheckForm, MeasureCommentForm, MeasureForm, MoveForm
from checklists.story import gap_lines, story_of
from checklists.views.undo import done, where_from
from portal.accounts.access import role_in
from portal.accounts.models import Company
from portal.accounts.requests import UserRequest

Verb = Callable[[Measure, dict[str, Any], Any], None]

MOVES: dict[str, tuple[Verb, Any]] = {
    "beginnen": (
        lambda m, said, by: m.start(version=said["version"], by=by),
        gettext_lazy("„%(title)s“ ist begonnen."),
    ),
    "erledigt": (
        lambda m, said, by: m.finish(version=said["version"], by=by),
        gettext_lazy("„%(title)s“ ist erledigt."),
    ),
    "zurueck": (
        lambda m, said, by: m.reopen(version=said["version"], by=by),
        gettext_lazy("„%(title)s“ ist wieder offen."),
    ),
    "frist": (
        lambda m, said, by: m.move_due(said["frist"], version=said["version"], by=by),
        gettext_lazy("Die Frist von „%(title)s“ ist verschoben."),
    ),
    "spaeter": (
        lambda m, said, by: m.put_off(said["wieder"], version=said["version"], by=by),
        gettext_lazy("„%(title)s“ ruht bis zur Wiedervorlage."),
    ),
    "nicht": (
        lambda m, said, by: m.decline(said["grund"], version=said["version"], by=by),
        gettext_lazy("Festgehalten: „%(title)s“ ist nichts für Sie."),
    ),
}


@require_GET
def measure(request: UserRequest, pk: int) -> HttpResponse:
    """All about one measure: what, why, how, who, until when, and its story."""
    return _page(request, access.measure_to_read(request.user, pk))


@require_http_methods(["GET", "POST"])
def create(request: UserRequest, pk: int) -> HttpResponse:
    """A measure of the firm's own, or one that a consultant proposed. A member's is theirs to
    carry."""
    company = access.company_with_plan(request.user, pk)
    role = role_in(request.user, company)
    sheet = access.latest_sheet(request.user, company)
    proposed = access.reviewed_topic(request.user, company, request.GET.get("aus", ""))
    initial = {"title": proposed.next_step[:160], "way": proposed.next_step} if proposed else {}
    form = MeasureForm(
        request.POST if request.method == "POST" else None,
        people=access.people_to_carry(role, company),
        gaps=access.gaps_for(sheet),
        initial=initial,
    )
    if request.method == "POST" and form.is_valid():
        try:
            said = form.said(carrier=request.user)
            planned = Measure.plan(company, by=request.user, gaps=form.chosen_gaps(), **said)
        except ValidationError as error:
            form.add_refusal(error)
        else:
            done(request, _("„%(title)s“ steht im Plan.") % {"title": planned.title}, planned)
            return redirect("measure", planned.pk)
    return _form_page(request, form, company, role, proposed=proposed)


@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    """Change what stands there. Somebody else was quicker: 409 with both, nothing lost."""
    shown = access.measure_to_change(request.user, pk)
    role, closed = role_in(request.user, shown.company), access.closed_by(shown)
    sheet = access.latest_sheet(request.user, shown.company)
    form = MeasureForm(
        request.POST if request.method == "POST" else None,
        instance=shown,
        initial={"version": shown.version, "gaps": closed},
        people=access.people_to_carry(role, shown.company),
        gaps=access.gaps_for(sheet, closed),
    )
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            shown.change(form.said(), gaps=form.chosen_gaps(), version=version, by=request.user)
        except MeasureConflict as conflict:
            return _form_page(request, form, shown.company, role, standing=conflict.current)
        except ValidationError as error:
            form.add_refusal(error)
        else:
            done(request, _("„%(title)s“ ist gespeichert.") % {"title": shown.title}, shown)
            return redirect("measure", shown.pk)
    return _form_page(request, form, shown.company, role, shown=shown)


@require_POST
def move(request: UserRequest, pk: int) -> HttpResponse:
    """One button press: begin, done, later, another due day. Each can be taken back."""
    moved = access.measure_to_change(request.user, pk)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _page(request, moved, move_form=form, status=422)
    access.need_say(request.user, moved, form.cleaned_data["was"])
    verb, said = MOVES[form.cleaned_data["was"]]
    try:
        verb(moved, form.cleaned_data, request.user)
    except MeasureConflict as conflict:
        return _conflict(request, conflict.current, form)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        done(request, said % {"title": moved.title}, moved)
    if form.cleaned_data["was"] == "erledigt" and moved.status == Measure.Status.DONE:
        return redirect(f"{reverse('measure', args=[pk])}#fragen")
    return redirect(where_from(request, reverse("measure", args=[pk])))


@require_POST
def undo(request: UserRequest, pk: int) -> HttpResponse:
    """Take the last change back."""
    shown = access.measure_to_undo(request.user, pk)
    version = request.POST.get("version", "")
    back = reverse("plan", args=[shown.company_id])
    try:
        stays = shown.undo(version=int(version) if version.isdecimal() else 0, by=request.user)
    except (MeasureConflict, ValidationError):
        messages.error(
            request,
            _("Das lässt sich nicht mehr zurücknehmen: Inzwischen wurde noch etwas geändert."),
        )
        return redirect("measure", pk)
    done(request, _("Zurückgenommen."))
    return redirect(where_from(request, reverse("measure", args=[pk]) if stays else back))


@require_POST
def comment(request: UserRequest, pk: int) -> HttpResponse:
    """Say something about the measure; leads and members may."""
    shown = access.measure_to_read(request.user, pk)
    form = MeasureCommentForm(request.POST)
    if not form.is_valid():
        return _page(request, shown, comment_form=form, status=422)
    MeasureComment.say(shown, form.cleaned_data["text"], by=request.user)
    return redirect(f"{reverse('measure', args=[pk])}#gespraech")


@require_POST
def effect(request: UserRequest, pk: int, months: int) -> HttpResponse:
    """Did it help: yes, partly, no, or too early to say."""
    check = access.check_to_answer(request.user, pk, months)
    form = CheckForm(request.POST)
    if not form.is_valid():
        return _page(request, check.measure, check_form=(months, form), status=422)
    try:
        check.answer(form.cleaned_data["helped"], form.cleaned_data["why"], by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Festgehalten. Es steht im nächsten Bericht."))
    return redirect(f"{reverse('measure', args=[pk])}#wirkung-{months}")


@require_GET
def entry(request: UserRequest, pk: int) -> HttpResponse:
    """The due day for one's own calendar."""
    shown = access.measure_with_due(request.user, pk)
    response = HttpResponse(calendar.one_entry(shown), content_type=calendar.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="massnahme-{pk}.ics"'
    return response


def _page(
    request: UserRequest,
    shown: Measure,
    *,
    status: int = 200,
    move_form: MoveForm | None = None,
    comment_form: MeasureCommentForm | None = None,
    check_form: tuple[int, CheckForm] | None = None,
) -> HttpResponse:
    role = role_in(request.user, shown.company)
    sheet = access.latest_sheet(request.user, shown.company)
    context = {
        "measure": shown,
        "company": shown.company,
        "role": role,
        "assessment": sheet and sheet.assessment,
        "may_change": access.may_change(request.user, shown),
        "has_say": access.has_say(role, shown),
        "former": access.has_left(shown),
        "gaps": gap_lines(shown, sheet),
        "checks": shown.checks.all(),
        "story": story_of(shown),
        "comments": shown.comments.select_related("author"),
        "move_form": move_form or MoveForm(),
        "comment_form": comment_form or MeasureCommentForm(),
        "check_form": check_form or (0, CheckForm()),
        "helped": CheckForm().fields["helped"],
        "nav": "plan",
    }
    return render(request, "plan/measure.html", context, status=status)


def _form_page(
    request: UserRequest,
    form: MeasureForm,
    company: Company,
    role: str,
    *,
    shown: Measure | None = None,
    standing: Measure | None = None,
    **more: Any,
) -> HttpResponse:
    if standing:
        form.go_on_from(standing.version)
    context = {
        "form": form,
        "company": company,
        "role": role,
        "measure": shown or standing,
        "standing": standing,
        "differs": form.differences(standing) if standing else [],
        "nav": "plan",
        **more,
    }
    status = 409 if standing else 422 if form.errors else 200
    return render(request, "plan/measure_form.html", context, status=status)


def _conflict(request: UserRequest, current: Measure, form: MoveForm) -> HttpResponse:
    """Two people moved it: what stands, and what was wanted."""
    was = form.cleaned_data["was"]
    context = {
        "measure": current,
        "company": current.company,
        "role": role_in(request.user, current.company),
        "wanted": dict(MoveForm.VERBS)[was],
        "form": form,
        "weiter": where_from(request, ""),
        "nav": "plan",
    }
    return render(request, "plan/conflict.html", context, status=409)
