"""Several people at one measure at once, on the real database with real threads."""

from __future__ import annotations

from functools import partial

import pytest
from django.core.exceptions import ValidationError

from checklists.models import Measure, MeasureConflict, Question
from portal.accounts.models import Company, User
from tests.checklists.test_races import at_once
from tests.factories import make_company, make_member, make_round, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anna() -> User:
    return make_user("Anna")


@pytest.fixture
def company(anna) -> Company:
    return make_company(anna)


@pytest.fixture
def ben(company) -> User:
    ben = make_user("Ben")
    make_member(company, ben)
    return ben


def planned(company: Company, by: User) -> Measure:
    return Measure.plan(company, by=by, title="Werkzeug ordnen", responsible=by, assigned=True)


def seen(measure: Measure) -> Measure:
    """The measure as somebody has it on screen."""
    return Measure.objects.get(pk=measure.pk)


def told(measure: Measure) -> list[str]:
    return list(measure.events.values_list("what", flat=True))


def test_of_two_who_move_one_measure_one_wins_and_the_other_sees_what_stands(company, anna):
    for _again in range(5):
        measure = planned(company, anna)
        outcomes = at_once(
            partial(seen(measure).start, version=1, by=anna),
            partial(seen(measure).decline, "Kein Bedarf.", version=1, by=anna),
        )
        lost = [outcome for outcome in outcomes if isinstance(outcome, MeasureConflict)]
        assert len(lost) == 1
        measure.refresh_from_db()
        assert outcomes.count(None) == 1
        assert lost[0].current.status == measure.status
        won = ["started", "declined"][outcomes.index(None)]
        assert (told(measure), measure.version) == (["created", won], 2)


def test_who_hands_over_while_the_carrier_writes_loses_nobodys_words(company, anna, ben):
    for _again in range(5):
        measure = planned(company, anna)
        write = {"way": "Samstag früh."}
        outcomes = at_once(
            partial(seen(measure).hand_to, ben, version=1, by=anna),
            partial(seen(measure).change, write, gaps=[], version=1, by=anna),
        )
        assert [type(outcome) for outcome in outcomes].count(MeasureConflict) == 1
        measure.refresh_from_db()
        if outcomes[0] is None:
            assert (measure.responsible, measure.way) == (ben, "")
            measure.change(write, gaps=[], version=2, by=ben)
        else:
            assert (measure.responsible, measure.way) == (anna, "Samstag früh.")
            measure.hand_to(ben, version=2, by=anna)
        assert (measure.responsible, measure.way) == (ben, "Samstag früh.")


def test_many_clicks_on_done_are_one(company, anna):
    measure = planned(company, anna)
    outcomes = at_once(*[partial(seen(measure).finish, version=1, by=anna) for _ in range(6)])
    assert outcomes == [None] * 6
    measure.refresh_from_db()
    assert (told(measure), measure.version) == (["created", "finished"], 2)
    assert measure.checks.count() == 3


def test_an_effect_told_many_times_stands_in_the_story_once(company, anna):
    measure = planned(company, anna)
    measure.finish(version=1, by=anna)
    checks = [measure.checks.get(months=3) for _ in range(6)]
    at_once(*[partial(check.answer, "teils", "Im Büro ja.", by=anna) for check in checks])
    assert told(measure) == ["created", "finished", "effect"]
    assert measure.checks.get(months=3).helped == "teils"


def test_a_step_taken_by_many_at_once_is_one_measure(catalogue, company, anna):
    step = Question.objects.get(aid__code="E03", number=2).step
    assessment = make_round(company, "E03")
    take = partial(Measure.take, company, step, by=anna, assessment=assessment)
    outcomes = at_once(*[take] * 6)
    measure = Measure.objects.get()
    refused = [outcome for outcome in outcomes if isinstance(outcome, ValidationError)]
    assert outcomes.count(measure) == 1
    assert [each.params["measure"] for each in refused] == [measure] * 5
    assert told(measure) == ["taken"]
