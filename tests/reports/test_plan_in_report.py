"""The plan as a report freezes it: what was decided, who, until when, and whether it helped."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from checklists.models import Measure, Question, StepDecision
from reports.content import build, from_json, to_json
from reports.models import Report
from tests.factories import make_measure

pytestmark = pytest.mark.sqlite


@pytest.fixture
def planned(cast, assessment) -> Measure:
    gap = Question.objects.get(aid__code="E03", number=2)
    return Measure.take(cast.company, gap.step, by=cast.anna, assessment=assessment, gaps=[gap])


def test_without_decisions_there_is_no_plan(assessment):
    assert build(assessment).plan is None


def test_measures_decisions_and_effects_are_frozen(cast, assessment, planned):
    planned.finish(version=1, by=cast.anna)
    planned.checks.get(months=3).answer("teils", "Im Büro ja.", by=cast.anna)
    make_measure(cast.company, "Zu groß", status="declined", reason="Kein Geld.")
    other = Question.objects.get(aid__code="E05", number=1).step
    day = timezone.localdate() + timedelta(days=50)
    StepDecision.put_off(cast.company, other, day, assessment=assessment, by=cast.anna)
    content = build(assessment)
    assert content == from_json(to_json(content))
    done = content.plan.measures[0]
    assert (done.step, done.closes, done.who) == (1, ("E03-02",), "Anna")
    assert (done.looked_at.helped_name, done.looked_at.why) == ("teils", "Im Büro ja.")
    assert done.next_look.months == 6
    assert [(each.kind, each.reason) for each in content.plan.decisions] == [
        ("later", ""), ("declined", "Kein Geld."),
    ]  # fmt: skip


def test_what_was_done_long_ago_is_not_in_it(cast, assessment):
    make_measure(cast.company, "Lange her", status="done", done_on=date(2020, 1, 1))
    assert build(assessment).plan is None


def test_the_page_shows_the_frozen_plan(login, cast, assessment, planned):
    report = Report.freeze(assessment, by=cast.anna)
    Measure.objects.update(title="Inzwischen anders")
    html = login(cast.anna).get(reverse("report", args=[report.pk])).content.decode()
    assert planned.title in html
    assert "Inzwischen anders" not in html


def test_building_it_asks_six_questions_more(
    cast, assessment, planned, django_assert_max_num_queries
):
    build(assessment)
    for number in range(40):
        make_measure(cast.company, f"Nummer {number}", due_on=timezone.localdate())
    with django_assert_max_num_queries(20):
        build(assessment)
