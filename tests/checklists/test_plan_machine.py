"""Anything that people may do with steps and measures, in any order: what must hold, holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from checklists.models import EffectCheck, Measure, MeasureConflict, Question, StepDecision
from tests.factories import make_company, make_member, make_round, make_user

DAYS = st.integers(1, 300)
NUMBERS = st.integers(0, 1000)


class Plan(RuleBasedStateMachine):
    """One firm, three steps, two people; `seen` are versions somebody may still have on screen."""

    started = 0

    def __init__(self) -> None:
        super().__init__()
        Plan.started += 1
        self.lead = make_user(f"Lead{Plan.started}")
        self.company = make_company(self.lead)
        self.member = make_member(self.company, make_user(f"Member{Plan.started}")).user
        self.assessment = make_round(self.company, "E03")
        questions = Question.objects.filter(aid__code="E03").select_related("step")
        self.steps = list({question.step.pk: question.step for question in questions}.values())[:3]
        self.seen: dict[int, int] = {}  # measure → a version once shown

    def measures(self):
        return Measure.objects.filter(company=self.company).order_by("pk")

    def pick(self, number: int) -> Measure:
        found = list(self.measures())
        measure = found[number % len(found)]
        self.seen.setdefault(measure.pk, measure.version)
        return measure

    def has_measures(self) -> bool:
        return self.measures().exists()

    def today_plus(self, days: int):
        return timezone.localdate() + timedelta(days=days)

    @rule(number=NUMBERS)
    def take(self, number):
        step = self.steps[number % 3]
        live = self.measures().live().filter(step=step).exists()
        try:
            Measure.take(self.company, step, by=self.lead, assessment=self.assessment)
            assert not live
        except ValidationError:
            assert live

    @rule(number=NUMBERS, days=DAYS, later=st.booleans())
    def decide(self, number, days, later):
        step = self.steps[number % 3]
        live = self.measures().live().filter(step=step).exists()
        terms = {"assessment": self.assessment, "by": self.lead}
        try:
            if later:
                StepDecision.put_off(self.company, step, self.today_plus(days), **terms)
            else:
                StepDecision.decline(self.company, step, f"Grund {days}", **terms)
            assert not live
        except ValidationError:
            assert live

    @precondition(has_measures)
    @rule(number=NUMBERS, days=DAYS, verb=st.sampled_from(
        ["start", "finish", "put_off", "decline", "reopen", "move_due", "hand_to", "change"]
    ), stale=st.booleans())  # fmt: skip
    def move(self, number, days, verb, stale):
        measure = self.pick(number)
        version = self.seen[measure.pk] if stale else measure.version
        before = Measure.objects.filter(pk=measure.pk).values().get()
        arguments = {
            "put_off": [self.today_plus(days)],
            "decline": [f"Grund {days}"],
            "move_due": [self.today_plus(days)],
            "hand_to": [self.lead if days % 2 else self.member],
            "change": [{"title": f"Titel {days}"}],
        }.get(verb, [])
        more: dict[str, list[Question]] = {"gaps": []} if verb == "change" else {}
        try:
            getattr(measure, verb)(*arguments, **more, version=version, by=self.lead)
        except MeasureConflict:
            assert version != before["version"]
            assert Measure.objects.filter(pk=measure.pk).values().get() == before
        except ValidationError:
            assert Measure.objects.filter(pk=measure.pk).values().get() == before
        else:
            measure.refresh_from_db()
            assert measure.version in (before["version"], before["version"] + 1)
            # Only who saw what stood may have changed it.
            assert measure.version == before["version"] or version == before["version"]
        self.seen[measure.pk] = Measure.objects.get(pk=measure.pk).version

    @precondition(has_measures)
    @rule(number=NUMBERS, stale=st.booleans())
    def undo(self, number, stale):
        measure = self.pick(number)
        version = max(0, measure.version - 1) if stale else measure.version
        count = measure.events.count()
        try:
            stays = measure.undo(version=version, by=self.lead)
        except (MeasureConflict, ValidationError):
            assert Measure.objects.filter(pk=measure.pk).exists()
            return
        if stays:
            assert measure.events.count() in (count, count + 1)
        else:
            assert not Measure.objects.filter(pk=measure.pk).exists()
            self.seen.pop(measure.pk, None)

    @invariant()
    def one_live_measure_and_one_decision_per_step(self):
        for step in self.steps:
            live = self.measures().live().filter(step=step).count()
            decided = StepDecision.objects.current().filter(company=self.company, step=step)
            assert live <= 1
            assert decided.count() <= 1 - live

    @invariant()
    def what_is_done_is_looked_at_again(self):
        for measure in self.measures():
            checks = EffectCheck.objects.filter(measure=measure).count()
            assert checks == (3 if measure.status == "done" else 0)
            assert (measure.done_on is None) == (measure.status != "done")
            assert (measure.look_again_on is None) == (measure.status != "put_off")

    @invariant()
    def the_story_is_whole(self):
        for measure in self.measures():
            versions = list(measure.events.values_list("version", flat=True))
            assert versions == list(range(1, measure.version + 1))


SOME = settings(
    max_examples=8,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
MANY = settings(SOME, max_examples=150, stateful_step_count=40)


@pytest.mark.sqlite
def test_any_order_of_decisions(db):
    run_state_machine_as_test(Plan, settings=SOME)


@pytest.mark.sweep
def test_any_order_of_decisions_many_times(db):
    run_state_machine_as_test(Plan, settings=MANY)
