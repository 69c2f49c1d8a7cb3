"""The plan as a report freezes it: what was decided, who, until when, and whether it helped."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document

from checklists.models import Measure, Question, StepDecision
from reports import summary
from reports.content import build, from_json, to_json
from reports.export import docx
from reports.kinds import Kind, Options
from reports.models import Report
from reports.pdf import html_of
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


def test_what_is_overdue_on_the_reports_day_says_so_in_every_format(login, cast, assessment):
    today = timezone.localdate()
    for title, days, status in (
        ("Gestern", -1, "open"), ("Heute", 0, "open"),
        ("Getan", -1, "done"), ("Liegt", -1, "put_off"),
    ):  # fmt: skip
        make_measure(
            cast.company, title, status=status, due_on=today + timedelta(days),
            done_on=today if status == "done" else None,
            look_again_on=today + timedelta(9) if status == "put_off" else None,
        )  # fmt: skip
    for kind in (Kind.ACTION, Kind.COUNCIL):
        report = Report.freeze(assessment, Options(kind=kind), by=cast.anna)
        late = [
            each.title for each in report.frozen.plan.measures if summary.late(report.frozen, each)
        ]
        assert late == ["Gestern"]
        html = login(cast.anna).get(reverse("report", args=[report.pk])).content.decode()
        paper = html_of(report.frozen, number=1, checksum="")
        word = docx.document_of(report.frozen, number=1, checksum="")
        tables = Document(BytesIO(word)).tables
        cells = [cell.text for table in tables for row in table.rows for cell in row.cells]
        for text in (html, paper, "|".join(cells)):
            assert text.count("überfällig") == 1
            assert "erledigt am" in text or kind == Kind.ACTION  # there a column of its own


def test_what_was_done_long_ago_is_not_in_it(cast, assessment):
    make_measure(cast.company, "Lange her", status="done", done_on=date(2020, 1, 1))
    assert build(assessment).plan is None


@pytest.mark.parametrize(
    ("staff", "others", "line"),
    [
        (["yes", ""], 1, "Eine weitere Maßnahme betrifft nach Angabe der Leitung keine"),
        (["yes"], 3, "Drei weitere Maßnahmen betreffen nach Angabe der Leitung keine"),
        ([], 2, "Zwei Maßnahmen betreffen nach Angabe der Leitung keine"),
        (["", ""], 0, ""),
    ],
)
def test_the_council_reads_what_affects_the_staff_and_how_much_else_there_is(
    login, cast, assessment, staff, others, line
):
    for affects in staff:
        make_measure(cast.company, "Schichten tauschen", affects_staff=affects)
    for _each in range(others):
        make_measure(cast.company, "Steuerberatung wechseln", affects_staff="no")
    make_measure(cast.company, "Steuerberatung sparen", status="declined", reason="Zu teuer.")
    report = Report.freeze(assessment, Options(kind=Kind.COUNCIL), by=cast.anna)
    assert [each.affects_staff for each in report.frozen.plan.measures] == staff
    assert "Steuerberatung" not in str(report.content), "not in any format of it"
    html = login(cast.anna).get(reverse("report", args=[report.pk])).content.decode()
    assert html.count("Schichten tauschen") == len(staff)
    assert ("nach Angabe der Leitung" in html) == bool(line)
    assert line in html
    assert len(build(assessment).plan.measures) == len(staff) + others


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
