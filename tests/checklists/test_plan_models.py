"""A measure's verbs and what was decided about steps: versions, undo, constraints, hand-over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from checklists.models import (
    Measure,
    MeasureConflict,
    MeasureEvent,
    Question,
    Step,
    StepDecision,
)
from checklists.reminders import hand_over_orphaned
from portal.accounts.days import add_months
from tests.factories import make_measure, make_member, make_round, make_user

pytestmark = pytest.mark.sqlite


@pytest.fixture
def step(db) -> Step:
    return Question.objects.get(aid__code="E03", number=2).step


@pytest.fixture
def gap(db) -> Question:
    return Question.objects.get(aid__code="E03", number=2)


@pytest.fixture
def measure(cast, assessment, step, gap) -> Measure:
    return Measure.take(cast.company, step, by=cast.anna, assessment=assessment, gaps=[gap])


def told(measure: Measure) -> list[str]:
    return list(measure.events.values_list("what", flat=True))


# --- Taking a step --------------------------------------------------------------------------------


def test_a_taken_step_is_filled_in(cast, measure, step, gap):
    assert measure.title == step.title
    assert measure.done_when == step.done_when
    assert measure.responsible == cast.anna
    assert measure.due_on == timezone.localdate() + timedelta(days=28)
    assert [each.question for each in measure.closes.all()] == [gap]
    assert told(measure) == ["taken"]
    assert measure.affects_staff == ""


def test_a_step_that_names_the_works_council_affects_the_staff(cast, assessment):
    step = Question.objects.exclude(works_council="").first().step
    measure = Measure.take(cast.company, step, by=cast.anna, assessment=assessment)
    assert measure.affects_staff == "yes"
    measure.change({"affects_staff": "no"}, gaps=[], version=1, by=cast.anna)
    assert measure.events.last().told == "Betrifft das die Beschäftigten?"
    measure.undo(version=2, by=cast.anna)
    assert measure.affects_staff == "yes"


def test_a_step_taken_twice_leads_to_the_measure_that_is_there(cast, assessment, measure, step):
    with pytest.raises(ValidationError) as caught:
        Measure.take(cast.company, step, by=cast.anna, assessment=assessment)
    assert caught.value.code == "taken"
    assert caught.value.params["measure"] == measure
    assert Measure.objects.count() == 1


def test_a_done_step_may_be_taken_again(cast, assessment, measure, step):
    measure.finish(version=1, by=cast.anna)
    again = Measure.take(cast.company, step, by=cast.anna, assessment=assessment)
    with pytest.raises(ValidationError, match="inzwischen als andere Maßnahme"):
        measure.reopen(version=measure.version, by=cast.anna)
    measure.refresh_from_db()
    assert (measure.status, again.status) == ("done", "open")


def test_the_latest_round_counts_even_when_closed_an_older_one_does_not(cast, assessment, step):
    assessment.close()
    Measure.take(cast.company, step, by=cast.anna, assessment=assessment).delete()
    make_round(cast.company, "E03")
    with pytest.raises(ValidationError) as caught:
        Measure.take(cast.company, step, by=cast.anna, assessment=assessment)
    assert caught.value.code == "newer"
    assert not Measure.objects.exists()
    assert not MeasureEvent.objects.exists()


def test_taking_out_is_for_what_nobody_touched(cast, measure, step):
    measure.start(version=1, by=cast.anna)
    with pytest.raises(ValidationError, match="schon gearbeitet"):
        Measure.take_out(cast.company, step)
    measure.delete()
    Measure.take_out(cast.company, step)
    Measure.take_out(cast.company, step)


# --- Verbs and versions ---------------------------------------------------------------------------


def test_a_double_click_on_done_is_once(cast, measure):
    seen = Measure.objects.get(pk=measure.pk)
    measure.finish(version=1, by=cast.anna)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        seen.finish(version=1, by=cast.anna)
    assert seen.version == 2
    assert seen.done_on == timezone.localdate()
    assert told(measure) == ["taken", "finished"]
    assert measure.checks.count() == 3


def test_two_people_moving_one_measure_both_hear_of_it(cast, measure):
    seen = Measure.objects.get(pk=measure.pk)
    measure.start(version=1, by=cast.anna)
    with pytest.raises(MeasureConflict) as caught:
        seen.decline("Kein Bedarf.", version=1, by=cast.anna)
    assert caught.value.current.status == "in_work"
    measure.refresh_from_db()
    assert (measure.status, measure.reason, measure.version) == ("in_work", "", 2)


def test_due_days_move_for_what_is_to_be_done(cast, measure):
    later = timezone.localdate() + timedelta(days=60)
    measure.move_due(later, version=1, by=cast.anna)
    measure.move_due(later, version=1, by=cast.anna)  # a second click
    assert (measure.due_on, measure.version) == (later, 2)
    with pytest.raises(ValidationError, match="vor dem Beginn"):
        measure.move_due(timezone.localdate() - timedelta(days=1), version=2, by=cast.anna)
    measure.refresh_from_db()
    assert measure.due_on == later
    measure.finish(version=2, by=cast.anna)
    with pytest.raises(ValidationError, match="ist erledigt"):
        measure.move_due(later + timedelta(days=1), version=3, by=cast.anna)


@pytest.mark.parametrize("days", [0, -1])
def test_later_is_a_day_that_is_still_to_come(cast, measure, days):
    with pytest.raises(ValidationError, match="der noch kommt"):
        measure.put_off(timezone.localdate() + timedelta(days=days), version=1, by=cast.anna)


def test_putting_off_and_going_on(cast, measure):
    until = timezone.localdate() + timedelta(days=90)
    measure.put_off(until, version=1, by=cast.anna)
    assert (measure.status, measure.look_again_on) == ("put_off", until)
    measure.start(version=2, by=cast.anna)
    assert (measure.status, measure.look_again_on) == ("in_work", None)


def test_declining_a_measure_declines_its_step_and_reopening_takes_that_back(cast, measure, step):
    with pytest.raises(ValidationError, match="warum nicht"):
        measure.decline("  ", version=1, by=cast.anna)
    measure.decline("Zu groß für uns.", version=1, by=cast.anna)
    standing = StepDecision.objects.current().get(company=cast.company, step=step)
    assert (standing.kind, standing.reason) == ("declined", "Zu groß für uns.")
    measure.reopen(version=2, by=cast.anna)
    assert not StepDecision.objects.current().exists()
    assert StepDecision.objects.count() == 1


def test_only_who_belongs_there_can_be_responsible(cast, measure):
    for stranger in (cast.clara, cast.emil, cast.frida):
        with pytest.raises(ValidationError):
            measure.hand_to(stranger, version=1, by=cast.anna)
    measure.hand_to(cast.ben, version=1, by=cast.anna)
    assert measure.responsible == cast.ben
    assert measure.events.last().about == cast.ben


def test_what_the_database_refuses(cast, measure):
    rows = Measure.objects.filter(pk=measure.pk)
    for wrong in (
        {"due_on": date(2000, 1, 1)},
        {"due_on": None, "starts_on": date(1999, 12, 31)},
        {"due_on": date(2101, 1, 1)},
        {"status": "done"},
        {"status": "put_off"},
        {"status": "declined"},
        {"status": "egal"},
        {"title": ""},
        {"responsible_role": "Meister"},
        {"priority": 4},
        {"budget_amount": 5},
        {"affects_staff": "x"},
        {"budget": "yes", "budget_amount": -1},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Measure.objects.create(company=cast.company, step=measure.step, title="Noch einmal")


# --- Undo -----------------------------------------------------------------------------------------


def test_every_verb_can_be_taken_back(cast, measure, gap):
    today = timezone.localdate()
    verbs = [
        lambda m: m.start(version=m.version, by=cast.anna),
        lambda m: m.finish(version=m.version, by=cast.anna),
        lambda m: m.put_off(today + timedelta(days=9), version=m.version, by=cast.anna),
        lambda m: m.decline("Nein.", version=m.version, by=cast.anna),
        lambda m: m.move_due(today + timedelta(days=77), version=m.version, by=cast.anna),
        lambda m: m.hand_to(cast.ben, version=m.version, by=cast.anna),
        lambda m: m.change({"title": "Anders"}, gaps=[], version=m.version, by=cast.anna),
    ]
    for verb in verbs:
        before = state(measure)
        verb(measure)
        assert state(measure) != before
        assert measure.undo(version=measure.version, by=cast.anna)
        measure.refresh_from_db()
        assert state(measure) == before
    assert not StepDecision.objects.current().exists()
    assert not measure.checks.exists()


def state(measure: Measure) -> tuple:
    names = ("status", "title", "due_on", "look_again_on", "reason", "done_on", "responsible_id")
    gaps = sorted(measure.closes.values_list("question", flat=True))
    return (*(getattr(measure, name) for name in names), gaps)


def test_undo_is_once_and_only_of_the_last_change(cast, measure):
    measure.start(version=1, by=cast.anna)
    again = Measure.objects.get(pk=measure.pk)
    assert measure.undo(version=2, by=cast.anna)
    assert again.undo(version=2, by=cast.anna)  # the second click
    measure.refresh_from_db()
    assert (measure.status, measure.version) == ("open", 3)
    with pytest.raises(MeasureConflict):
        measure.undo(version=1, by=cast.anna)


def test_undoing_the_taking_leaves_nothing(cast, measure, step):
    assert measure.undo(version=1, by=cast.anna) is False
    assert not Measure.objects.exists()
    assert not MeasureEvent.objects.exists()


# --- Steps that wait or are not for us ------------------------------------------------------------


def test_decisions_are_superseded_never_changed(cast, assessment, step):
    day = timezone.localdate() + timedelta(days=100)
    first = StepDecision.put_off(cast.company, step, day, assessment=assessment, by=cast.anna)
    same = StepDecision.put_off(cast.company, step, day, assessment=assessment, by=cast.anna)
    assert same == first
    StepDecision.decline(cast.company, step, "Nein.", assessment=assessment, by=cast.anna)
    assert [each.kind for each in StepDecision.objects.order_by("pk")] == ["later", "declined"]
    assert StepDecision.objects.current().count() == 1
    measure = Measure.take(cast.company, step, by=cast.anna, assessment=assessment)
    assert not StepDecision.objects.current().exists()
    with pytest.raises(ValidationError, match="schon im Plan"):
        StepDecision.decline(cast.company, step, "Nein.", assessment=assessment, by=cast.anna)
    assert measure.is_live


# --- Who has left ---------------------------------------------------------------------------------


def test_measures_of_somebody_who_left_go_to_the_lead(cast, measure, mailoutbox):
    measure.hand_to(cast.ben, version=1, by=cast.anna)
    assert hand_over_orphaned() == 0
    cast.company.memberships.get(user=cast.ben).end(by=cast.anna)
    assert hand_over_orphaned() == 1
    assert hand_over_orphaned() == 0
    measure.refresh_from_db()
    assert (measure.responsible, measure.taken_over_from) == (cast.anna, cast.ben)
    assert told(measure)[-1] == "taken_over"
    assert [mail.to for mail in mailoutbox] == [["anna@betrieb.example"]]
    assert measure.title in mailoutbox[0].body


def test_measures_of_an_erased_account_too(cast, measure):
    measure.hand_to(cast.ben, version=1, by=cast.anna)
    cast.company.memberships.filter(user=cast.ben).update(left_at=timezone.now())
    cast.ben.delete()
    assert hand_over_orphaned() == 1
    measure.refresh_from_db()
    assert (measure.responsible, measure.taken_over_from) == (cast.anna, None)
    assert measure.taken_over_on == timezone.localdate()


def test_done_measures_and_those_of_nobody_stay(cast, measure):
    make_measure(cast.company, "Ohne Person", responsible_role="Werkstatt")
    measure.hand_to(cast.ben, version=1, by=cast.anna)
    measure.finish(version=2, by=cast.ben)
    cast.company.memberships.get(user=cast.ben).end(by=cast.anna)
    assert hand_over_orphaned() == 0


def test_who_sees_and_changes_which_measures(cast, measure):
    ours = make_measure(cast.company, "Bens Sache", responsible=cast.ben, assigned=True)
    make_measure(cast.other, "Emils Sache", responsible=cast.emil, assigned=True)
    none = ("clara", "dora", "frida", "hanna")
    seen = {
        name: Measure.objects.visible_to(getattr(cast, name)).count()
        for name in ("anna", "ben", "emil", *none)
    }
    assert seen == {"anna": 2, "ben": 2, "emil": 1} | dict.fromkeys(none, 0)
    assert set(Measure.objects.editable_by(cast.anna)) == {measure, ours}
    assert set(Measure.objects.editable_by(cast.ben)) == {ours}
    assert set(Measure.objects.opened_to(cast.dora)) == {measure, ours}
    assert not Measure.objects.opened_to(cast.hanna).exists()
    type(cast.engagement).objects.update(sees_plan=False)
    assert not Measure.objects.opened_to(cast.dora).exists()
    member = make_member(cast.company, make_user("Gerd"))
    assert not Measure.objects.editable_by(member.user).exists()


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 10, 31), 1, date(2026, 11, 30)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
        (date(2026, 3, 15), -6, date(2025, 9, 15)),
    ],
)
def test_months_end_where_months_end(day, months, expected):
    assert add_months(day, months) == expected
