"""Round against round: what moved, over the questions that both ask in the same words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from checklists.comparison import Move, compare, move_of, through_rounds, with_measures
from checklists.models import Answer, Assessment, DecisionAid, Edition, Measure, Question
from checklists.results import ENTFAELLT, JA, NEIN, OFFEN, WEISS_NICHT
from checklists.sheet import Sheet
from reports.content import build, from_json, to_json
from tests.factories import fill, make_round

VALUES = [JA, NEIN, WEISS_NICHT, ENTFAELLT, OFFEN]


@pytest.fixture
def two(cast, assessment) -> tuple[Assessment, Assessment]:
    """A closed round with E03 and E05, and the open one after it with E03 and E01."""
    fill(assessment, {"E03-03": "ja", "E03-04": "weissnicht"})
    assessment.close()
    second = make_round(cast.company, "E01", "E03")
    fill(second, {"E03-01": "nein", "E03-02": "ja", "E03-03": "ja", "E03-04": "entfaellt"})
    return assessment, second


def compared(two):
    return compare(*Sheet.of_many(two))


def done(company, *keys: str, title: str = "Lernplan", days_ago: int = 0, by) -> Measure:
    codes = {(key[:3], int(key[4:])) for key in keys}
    gaps = [q for q in Question.objects.select_related("aid") if (q.aid.code, q.number) in codes]
    measure = Measure.plan(company, by=by, gaps=gaps, title=title)
    measure.finish(version=1, by=by)
    day = timezone.localdate() - timedelta(days=days_ago)
    Measure.objects.filter(pk=measure.pk).update(done_on=day)
    return measure


@given(st.sampled_from(VALUES), st.sampled_from(VALUES))
def test_every_change_has_a_name_and_nothing_else_does(before, after):
    move = move_of(before, after)
    assert (move is None) == (after in {before, OFFEN})
    assert (move == Move.CLOSED) == ((before, after) == (NEIN, JA))
    assert (move == Move.REOPENED) == ((before, after) == (JA, NEIN))


@pytest.mark.sqlite
def test_what_moved(two):
    found = compared(two)
    moved = {each.now.key: each.move for each in found.topics[0].moved}
    assert moved == {
        "E03-01": Move.REOPENED,
        "E03-02": Move.CLOSED,
        "E03-04": Move.DROPPED,
    }
    assert (found.tally_then.ja, found.tally_now.ja, found.tally_now.total) == (2, 2, 5)
    assert [aid.code for aid in found.only_now] == ["E01"]
    assert [aid.code for aid in found.only_then] == ["E05"]


def test_a_reworded_question_is_named_and_not_compared(cast, two):
    first, second = two
    old = Edition.objects.create(
        checksum="f" * 64, questions={**first.edition.questions, "E03-02": "0" * 16}
    )
    Answer.objects.filter(assessment=first, question__number=2).update(wording_hash="0" * 16)
    Assessment.objects.filter(pk=first.pk).update(edition=old)
    first.refresh_from_db()
    question = Question.objects.get(aid__code="E03", number=2)
    question.wordings.create(hash="0" * 16, text="Damals anders gefragt.", help="", plain="")
    topic = compare(*Sheet.of_many([first, second])).topics[0]
    assert topic.reworded == ("E03-02",)
    assert "E03-02" not in {each.now.key for each in topic.moved}
    assert topic.then.tally.total == topic.now.tally.total == 4


def test_a_question_of_one_round_only_is_named(two):
    first, second = two
    hashes = dict(second.edition.questions)
    hashes.pop("E03-05")
    new = Edition.objects.create(checksum="e" * 64, questions=hashes)
    Assessment.objects.filter(pk=second.pk).update(edition=new)
    second.refresh_from_db()
    topic = compare(*Sheet.of_many([first, second])).topics[0]
    assert topic.unpaired == ("E03-05",)


def test_what_is_not_confirmed_has_not_moved(cast, assessment):
    assessment.close()
    aids = DecisionAid.objects.filter(code="E03")
    second = Assessment.start(cast.company, aids, carry=True)
    found = compared((assessment, second))
    assert found.topics[0].moved == []
    assert (found.tally_then.ja, found.tally_now.ja, found.tally_now.to_confirm) == (1, 0, 2)


def test_measures_done_in_between_stand_with_the_gaps_they_were_to_close(cast, two):
    first, _second = two
    Assessment.objects.filter(pk=first.pk).update(started_at=timezone.now() - timedelta(days=60))
    first.refresh_from_db()
    done(cast.company, "E03-02", "E03-01", by=cast.anna)
    done(cast.company, "E03-01", title="War damals Ja", by=cast.anna)
    done(cast.company, "E03-02", title="Lange davor", days_ago=90, by=cast.anna)
    Measure.plan(cast.company, by=cast.anna, title="Noch nicht fertig")
    topic = with_measures(compared(two), cast.company.measures.all()).topics[0]
    assert [(each.measure.title, each.closed, each.standing) for each in topic.measures] == [
        ("Lernplan", ("E03-02",), ())
    ]


# --- The page -------------------------------------------------------------------------------------


def test_the_page_says_it(cast, two, login):
    done(cast.company, "E03-02", by=cast.anna)
    page = login(cast.ben).get(reverse("comparison", args=[cast.company.pk]))
    html = page.content.decode()
    assert "Damals 2 von 5 mit Ja, jetzt 2 von 5." in html
    assert "<b>geschlossen</b>" in html
    assert "<b>neu offen</b>" in html
    assert "Lernplan" in html
    assert "IT-Sicherheit: nur in Durchgang 1." in html


def test_before_the_second_round_it_says_what_will_be_here(cast, assessment, login):
    html = login(cast.anna).get(reverse("comparison", args=[cast.company.pk])).content.decode()
    assert "Hier steht nach dem zweiten Durchgang" in html


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", "Durchgang 2 und Durchgang 3"),
        ("?von=1&mit=3", "Durchgang 1 und Durchgang 3"),
        ("?von=3&mit=1", "Durchgang 1 und Durchgang 3"),
        ("?mit=3", "Durchgang 2 und Durchgang 3"),
        ("?mit=2", "Durchgang 1 und Durchgang 2"),
        ("?von=1&mit=1", "Durchgang 2 und Durchgang 3"),
        ("?von=x&mit=99999999999999999999", "Durchgang 2 und Durchgang 3"),
    ],
)
def test_any_two_rounds_compare(cast, two, login, query, shown):
    two[1].close()
    make_round(cast.company, "E03")
    page = login(cast.anna).get(reverse("comparison", args=[cast.company.pk]) + query)
    assert shown in page.content.decode()


def test_ten_rounds_cost_less_than_20_queries(cast, two, login):
    rounds = list(two)
    for _number in range(8):
        rounds[-1].close()
        rounds.append(make_round(cast.company, "E03", "E05"))
        fill(rounds[-1], {"E03-01": "ja"})
    Answer.objects.filter(assessment__in=rounds).update(wording_hash="y" * 16)  # the hardest case
    anna = login(cast.anna)
    address = reverse("comparison", args=[cast.company.pk])
    for query in ("?alle=1", "?von=1&mit=10"):
        anna.get(address + query)
        with CaptureQueriesContext(connection) as queries:
            html = anna.get(address + query).content.decode()
        assert len(queries) < 20, query
        assert "Durchgang 10" in html
    rows = through_rounds(Sheet.of_many(rounds))
    assert [row.aid.code for row in rows] == ["E01", "E03", "E05"]
    assert [tally and tally.ja for tally in rows[1].tallies] == [2, 2, *[1] * 8]
    assert [tally is None for tally in rows[0].tallies] == [True, False, *[True] * 8]


# --- The report -----------------------------------------------------------------------------------


def test_the_report_holds_it_and_older_ones_stay_readable(cast, two):
    done(cast.company, "E03-02", by=cast.anna)
    content = build(two[1])
    told = content.comparison
    assert (told.round_number, told.then.ja, told.now.ja) == (1, 2, 2)
    assert [(each.key, each.move) for each in told.topics[0].moved][:2] == [
        ("E03-01", "neu offen"),
        ("E03-02", "geschlossen"),
    ]
    assert told.topics[0].measures[0].title == "Lernplan"
    assert (told.only_now, told.only_then) == (("Potenziale der Arbeit 4.0",), ("IT-Sicherheit",))
    data = to_json(content)
    assert from_json(data) == content
    del data["comparison"]
    for topic in data["topics"]:
        for question in topic["questions"]:
            del question["earlier"]
    assert from_json(data | {"schema": 1}).comparison is None
    assert build(two[0]).comparison is None


def test_the_web_report_shows_it(cast, two, login):
    from tests.factories import make_report

    report = make_report(two[1], cast.anna)
    html = login(cast.anna).get(reverse("report", args=[report.pk])).content.decode()
    assert "Was sich bewegt hat" in html
    assert "E03-02 geschlossen:" in html
