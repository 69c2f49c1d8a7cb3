"""Did it help? Three, six and twelve months after a measure was done."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from checklists.models import EffectCheck, Measure
from tests.factories import make_measure

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def measure(cast) -> Measure:
    return make_measure(cast.company, "Schulung", responsible=cast.ben, assigned=True)


def finish(measure: Measure, moment: datetime, by) -> list[date]:
    with time_machine.travel(moment, tick=False):
        measure.finish(version=measure.version, by=by)
    return [check.due_on for check in measure.checks.all()]


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-30 12:00", ["2027-02-28", "2027-05-30", "2027-11-30"]),
        ("2027-08-31 12:00", ["2027-11-30", "2028-02-29", "2028-08-31"]),
        ("2028-02-29 12:00", ["2028-05-29", "2028-08-29", "2029-02-28"]),
        ("2026-10-25 02:30", ["2027-01-25", "2027-04-25", "2027-10-25"]),  # the hour that is twice
        ("2026-12-31 23:59", ["2027-03-31", "2027-06-30", "2027-12-31"]),
    ],
)
def test_the_days_to_look_again(cast, measure, moment, expected):
    when = datetime.fromisoformat(moment).replace(tzinfo=BERLIN)
    assert [str(day) for day in finish(measure, when, cast.ben)] == expected


@pytest.mark.sqlite
def test_half_past_midnight_in_berlin_is_the_next_day(cast, measure):
    when = datetime.fromisoformat("2026-11-30 23:30+00:00")
    finish(measure, when, cast.ben)
    assert measure.done_on == date(2026, 12, 1)


@pytest.mark.sqlite
def test_reopening_drops_what_nobody_answered_and_keeps_the_rest(cast, measure):
    measure.finish(version=1, by=cast.ben)
    measure.checks.get(months=3).answer("zu_frueh", "Erst zwei Leute geschult.", by=cast.ben)
    measure.reopen(version=2, by=cast.ben)
    assert [check.months for check in measure.checks.all()] == [3]
    measure.finish(version=3, by=cast.ben)
    assert [(check.months, check.helped) for check in measure.checks.all()] == [
        (3, "zu_frueh"), (6, ""), (12, ""),
    ]  # fmt: skip


@pytest.mark.sqlite
def test_an_answer_stands_in_the_story_once(cast, measure):
    measure.finish(version=1, by=cast.ben)
    check = measure.checks.get(months=3)
    for _ in range(2):
        check.answer("teils", " Im Büro ja. ", by=cast.ben)
    assert (check.helped, check.why, check.answered_on) == (
        "teils", "Im Büro ja.", timezone.localdate(),
    )  # fmt: skip
    assert measure.events.filter(what="effect").count() == 1
    with pytest.raises(ValidationError, match="eine der vier"):
        check.answer("vielleicht", "", by=cast.ben)
    measure.refresh_from_db()
    assert measure.undo(version=2, by=cast.ben)  # the answer does not stand in the way of undo


@pytest.mark.sqlite
def test_an_answer_to_a_reopened_measure_is_refused_in_words(cast, measure):
    measure.finish(version=1, by=cast.ben)
    check = measure.checks.get(months=3)
    measure.reopen(version=2, by=cast.ben)
    with pytest.raises(ValidationError, match="wieder geöffnet"):
        check.answer("ja", "", by=cast.ben)


@pytest.mark.sqlite
def test_what_the_database_refuses(cast, measure):
    measure.finish(version=1, by=cast.ben)
    for wrong in ({"helped": "ja"}, {"helped": "x", "answered_on": "2027-01-01"}, {"months": 4}):
        with pytest.raises(IntegrityError), transaction.atomic():
            measure.checks.filter(months=3).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        EffectCheck.objects.create(measure=measure, months=6, due_on=timezone.localdate())


def test_a_due_check_is_seen_on_the_plan_and_answered_there(login, cast, measure):
    measure.finish(version=1, by=cast.ben)
    client, plan = login(cast.ben), reverse("plan", args=[cast.company.pk])
    assert "Wirkung prüfen: Hat es geholfen?" not in client.get(plan).content.decode()
    measure.checks.filter(months=3).update(due_on=timezone.localdate() - timedelta(days=1))
    assert "Wirkung prüfen: Hat es geholfen?" in client.get(plan).content.decode()
    url = reverse("measure_effect", args=[measure.pk, 3])
    nothing = client.post(url, {"helped": "", "why": "Ich schwanke."})
    assert nothing.status_code == 422
    assert "Bitte wählen Sie eine der vier Antworten." in nothing.content.decode()
    assert 'value="Ich schwanke."' in nothing.content.decode()
    client.post(url, {"helped": "ja", "why": "Halb so viele Rückfragen."})
    html = client.get(plan).content.decode()
    assert "Hat es geholfen? ja: Halb so viele Rückfragen." in " ".join(html.split())
    assert "Wirkung prüfen: Hat es geholfen?" not in html


def test_only_the_lead_and_whose_it_is_answer(login, cast, measure):
    measure.finish(version=1, by=cast.ben)
    Measure.objects.update(responsible=cast.anna)
    url = reverse("measure_effect", args=[measure.pk, 3])
    assert login(cast.ben).post(url, {"helped": "ja"}).status_code == 403
    assert login(cast.anna).post(url, {"helped": "ja"}).status_code == 302
    missing = reverse("measure_effect", args=[measure.pk, 4])
    assert login(cast.anna).post(missing, {"helped": "ja"}).status_code == 404
