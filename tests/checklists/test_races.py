"""Several people and several clicks at once, on the real database with real threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from checklists.models import (
    Answer,
    Assessment,
    Conflict,
    DecisionAid,
    MeasureConflict,
    Question,
)
from portal.accounts.models import Company
from tests.factories import make_company, make_round, make_user

pytestmark = [pytest.mark.usefixtures("catalogue"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def company(catalogue) -> Company:
    return make_company(make_user("Anna"))


@pytest.fixture
def assessment(company) -> Assessment:
    return make_round(company, "E03")


@pytest.fixture
def question(catalogue) -> Question:
    return Question.objects.get(aid__code="E03", number=1)


def at_once(*actions: Callable[[], object]) -> list[object]:
    """Run the actions in threads that start together; what each returned or raised."""
    barrier = threading.Barrier(len(actions))
    outcomes: list[object] = [None] * len(actions)

    def run(place: int, action: Callable[[], object]) -> None:
        try:
            barrier.wait(10)
            outcomes[place] = action()
        except (Conflict, MeasureConflict, ValidationError) as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def test_two_people_never_overwrite_each_other_silently(assessment, question):
    for version in range(5):
        Answer.objects.filter(assessment=assessment).update(version=version, value="")
        outcomes = at_once(
            partial(assessment.record, question, version=version, value="ja"),
            partial(assessment.record, question, version=version, value="nein"),
        )
        won = [outcome for outcome in outcomes if isinstance(outcome, int)]
        lost = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
        assert (len(won), len(lost)) == (1, 1)
        winner = "ja" if isinstance(outcomes[0], int) else "nein"
        assert lost[0].current.value == winner
        assert Answer.objects.get(assessment=assessment).value == winner


def test_control_without_versions_loses_an_answer(assessment, question):
    """What the version is for: a plain save lets the second writer win, and nobody hears of it."""
    assessment.record(question, version=0, value="")
    read = [Answer.objects.get(assessment=assessment) for _ in range(2)]

    def save(answer: Answer, value: str) -> None:
        answer.value = value
        answer.save(update_fields=["value"])

    outcomes = at_once(lambda: save(read[0], "ja"), lambda: save(read[1], "nein"))
    assert outcomes == [None, None]


def test_twenty_equal_posts_give_one_row(assessment, question):
    outcomes = at_once(*[lambda: assessment.record(question, version=0, value="ja")] * 20)
    assert all(isinstance(outcome, int) for outcome in outcomes)
    answer = Answer.objects.get(assessment=assessment)
    assert (answer.value, answer.version) == ("ja", 1)


def test_closing_and_answering_at_once_keep_the_round_consistent(company, question):
    for _ in range(5):
        opened = make_round(company, "E03")
        outcomes = at_once(opened.close, partial(opened.record, question, version=0, value="ja"))
        answered = Answer.objects.filter(assessment=opened).exists()
        assert answered == isinstance(outcomes[1], int)
        assert not Assessment.objects.get(pk=opened.pk).is_open


def test_two_leads_starting_at_once_get_one_round(company):
    aids = list(DecisionAid.objects.filter(code="E03"))
    outcomes = at_once(*[lambda: Assessment.start(company, aids)] * 4)
    assert sum(isinstance(outcome, Assessment) for outcome in outcomes) == 1
    assert company.assessments.count() == 1


def test_any_order_of_clicks_ends_in_the_last_acknowledged_one(assessment, question):
    """A state machine of two writers, each with the version they saw last."""

    class Writers(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            Answer.objects.filter(assessment=assessment).delete()
            self.seen = [0, 0]
            self.acknowledged: tuple[str, str] = ("", "")
            self.told: tuple[Answer | None, Answer] | None = None

        @rule(who=st.integers(0, 1), value=st.sampled_from(["ja", "nein", "weissnicht", ""]))
        def click(self, who: int, value: str) -> None:
            self.write(who, value=value)

        @rule(who=st.integers(0, 1), note=st.sampled_from(["", "eins", "zwei"]))
        def note(self, who: int, note: str) -> None:
            self.write(who, note=note)

        def write(self, who: int, **change: str) -> None:
            before = Answer.objects.filter(assessment=assessment).first()
            try:
                version = assessment.record(question, version=self.seen[who], **change)
            except Conflict as conflict:
                self.told = (before, conflict.current)
                self.seen[who] = conflict.current.version
                return
            self.seen[who] = version
            self.acknowledged = (
                change.get("value", self.acknowledged[0]),
                change.get("note", self.acknowledged[1]),
            )

        @rule(who=st.integers(0, 1))
        def reload(self, who: int) -> None:
            answer = Answer.objects.filter(assessment=assessment).first()
            self.seen[who] = answer.version if answer else 0

        @invariant()
        def a_conflict_tells_what_stood(self) -> None:
            if self.told:
                stood, told = self.told
                assert stood is not None
                assert told.version == stood.version

        @invariant()
        def nothing_acknowledged_is_lost(self) -> None:
            answer = Answer.objects.filter(assessment=assessment).first()
            stands = (answer.value, answer.note) if answer else ("", "")
            assert stands == self.acknowledged

    run_state_machine_as_test(
        Writers,
        settings=settings(
            max_examples=25,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
