"""The next round: it begins with the answers of the last, which count once they are confirmed."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from checklists.models import Answer, Assessment, Conflict, DecisionAid, Measure, Question
from checklists.next_steps import next_steps
from checklists.results import OFFEN, Tally
from checklists.sheet import Sheet
from reports.content import build
from tests.factories import fill, make_round

pytestmark = pytest.mark.sqlite

HTMX = {"HX-Request": "true"}
FIRST = {"E03-01": "ja", "E03-02": "nein", "E05-01": "weissnicht", "E05-08": "entfaellt"}


@pytest.fixture
def second(cast, assessment) -> Assessment:
    """Anna's second round, of the same topics and E01, with the answers of the first."""
    assessment.close()
    aids = DecisionAid.objects.filter(code__in=["E01", "E03", "E05"])
    return Assessment.start(cast.company, aids, carry=True)


def line(assessment: Assessment, key: str):
    return Sheet.of(assessment).topic(key[:3]).line(key)


def url(assessment: Assessment, key: str = "E03-01") -> str:
    return reverse("answer", args=[assessment.pk, key])


# --- Beginning ------------------------------------------------------------------------------------


def test_it_begins_with_values_reasons_and_notes(assessment, second):
    assert second.based_on == assessment
    earlier = {each.key: each.earlier for each in Sheet.of(second).lines() if each.earlier}
    assert earlier == FIRST
    assert line(second, "E03-02").note == "Termin mit der Kammer vereinbaren."
    assert line(second, "E05-08").reason == "Das kommt bei uns nicht vor."
    assert second.answers.filter(version=1, to_confirm=True).count() == 4


def test_without_it_begins_empty(cast, assessment):
    assessment.close()
    assert not make_round(cast.company, "E03").answers.exists()


def test_a_note_without_an_answer_comes_along_and_needs_no_confirming(cast, assessment):
    question = line(assessment, "E03-05").question
    assessment.record(question, version=0, note="Beim Betriebsrat nachfragen.")
    assessment.close()
    second = Assessment.start(cast.company, DecisionAid.objects.filter(code="E03"), carry=True)
    assert line(second, "E03-05").note == "Beim Betriebsrat nachfragen."
    assert not line(second, "E03-05").earlier


def test_only_topics_of_both_rounds_bring_answers_also_when_added_later(cast, assessment):
    assessment.close()
    second = Assessment.start(cast.company, DecisionAid.objects.filter(code="E03"), carry=True)
    assert second.answers.count() == 2
    fill(second, {"E03-01": "nein"})
    second.choose_topics(DecisionAid.objects.filter(code__in=["E01", "E03", "E05"]))
    assert second.answers.count() == 4
    assert line(second, "E03-01").value == "nein"  # what was answered stays


def test_questions_that_are_asked_no_more_stay_behind(cast, assessment):
    edition = assessment.edition
    edition.questions.pop("E03-01")
    edition.save()
    assessment.close()
    second = Assessment.start(cast.company, DecisionAid.objects.filter(code="E03"), carry=True)
    assert second.answers.count() == 1


def test_the_page_offers_it_ticked_and_names_open_measures(cast, assessment, login):
    step = next_steps(Sheet.of(assessment))[0].step
    Measure.take(cast.company, step, by=cast.anna, assessment=assessment)
    assessment.close()
    page = login(cast.anna).get(reverse("assessment_start", args=[cast.company.pk]))
    html = page.content.decode()
    assert "Vom letzten Durchgang ausgehen" in html
    assert 'name="carry"\n      value="1"\n      checked' in html
    assert "Eine offene Maßnahme läuft weiter." in html
    assert html.count("checked") == 3  # the two topics of the last round, and this


@pytest.mark.parametrize(("sent", "carried"), [({"carry": "1"}, 2), ({}, 0)])
def test_the_form_decides(cast, assessment, login, sent, carried):
    assessment.close()
    url = reverse("assessment_start", args=[cast.company.pk])
    login(cast.anna).post(url, {"topics": "E03", **sent})
    second = cast.company.assessments.get(number=2)
    assert second.answers.filter(to_confirm=True).count() == carried


def test_a_first_round_offers_nothing(cast, login):
    html = login(cast.anna).get(reverse("assessment_start", args=[cast.company.pk])).content
    assert b"Vom letzten Durchgang" not in html


# --- Counting -------------------------------------------------------------------------------------


def test_what_is_not_confirmed_is_open_on_every_surface(cast, second, login):
    sheet = Sheet.of(second)
    assert (sheet.tally.offen, sheet.tally.to_confirm, sheet.tally.answered) == (29, 4, 0)
    assert not sheet.recommendations
    assert sheet.topic("E03").reached.stage is None
    assert sheet.topic("E03").next_open.key == "E03-01"
    content = build(second)
    assert {question.value for topic in content.topics for question in topic.questions} == {OFFEN}
    html = login(cast.anna).get(reverse("results", args=[second.pk])).content.decode()
    assert "Noch nichts beantwortet" in html


def test_the_report_names_the_earlier_answer_and_counts_it_as_open(second):
    second.close()
    content = build(second)
    shown = {q.key: (q.value, q.earlier, q.reason) for q in content.topics[2].questions}
    assert shown["E05-08"] == (OFFEN, "entfaellt", "")
    assert content.tally == Tally(offen=29)


def test_a_closed_round_keeps_it_unconfirmed(cast, second, login):
    second.close()
    html = login(cast.anna).get(reverse("checklist", args=[second.pk, "E03"])).content.decode()
    assert "Nicht bestätigt; früher: Ja" in html
    third = Assessment.start(cast.company, DecisionAid.objects.filter(code="E03"), carry=True)
    assert line(third, "E03-01").earlier == "ja"


# --- Confirming -----------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "plain"])
def test_one_click_confirms(cast, second, login, headers):
    anna = login(cast.anna)
    page = anna.get(reverse("checklist", args=[second.pk, "E03"])).content.decode()
    assert page.count("Stimmt noch<") == 2
    assert 'aria-pressed="true"' not in page.split("data-questions")[1].split("c-end")[0]
    response = anna.post(url(second), {"version": 1, "antwort": "ja"}, headers=headers)
    assert response.status_code == (200 if headers else 302)
    if headers:
        html = response.content.decode()
        question = html.split("</article>")[0]
        assert "zu bestätigen" not in question
        assert 'aria-pressed="true"' in question
        assert "Eine frühere Antwort zu bestätigen" in html  # of the rest, out of band
    assert (line(second, "E03-01").value, line(second, "E03-01").earlier) == ("ja", "")


def test_another_answer_confirms_too_and_a_note_does_not(second):
    question = line(second, "E03-01").question
    second.record(question, version=1, note="Gilt das noch?")
    assert line(second, "E03-01").earlier == "ja"
    second.record(question, version=2, value="nein")
    assert (line(second, "E03-01").value, line(second, "E03-01").earlier) == ("nein", "")
    second.record(line(second, "E03-02").question, version=1, value=OFFEN)
    assert not line(second, "E03-02").earlier


def test_the_last_one_confirmed_takes_the_box_away(cast, second, login):
    second.confirm([line(second, "E03-02").question])
    response = login(cast.anna).post(url(second), {"version": 1, "antwort": "ja"}, headers=HTMX)
    assert "uebernommen" not in response.content.decode()


def test_confirming_against_a_change_is_a_conflict_that_loses_nothing(second):
    question = line(second, "E03-01").question
    second.record(question, version=1, value="nein")
    with pytest.raises(Conflict):
        second.record(question, version=1, value="ja")
    second.record(question, version=1, value="nein")  # the same twice is once
    assert line(second, "E03-01").version == 2


def test_a_stale_confirming_does_not_count_as_done(second):
    """The value stands already, but unconfirmed: saying so needs the version."""
    question = line(second, "E03-01").question
    second.record(question, version=1, note="Neu.")
    with pytest.raises(Conflict):
        second.record(question, version=1, value="ja")
    assert line(second, "E03-01").earlier == "ja"


def test_a_topic_is_confirmed_in_one_click_and_taken_back(cast, second, login):
    anna = login(cast.anna)
    address = reverse("topic_confirm", args=[second.pk, "E03"])
    page = anna.post(address, follow=True).content.decode()
    assert "2 Antworten sind bestätigt." in page
    assert "Rückgängig" in page
    assert Sheet.of(second).topic("E03").tally.answered == 2
    assert Sheet.of(second).topic("E05").tally.to_confirm == 2
    back = "E03-01:2 E03-02:2"
    assert back in page
    fill(second, {"E03-02": "ja"})  # touched since: stays
    page = anna.post(address, {"zurueck": back}, follow=True).content.decode()
    assert "Eine Antwort ist wieder zu bestätigen." in page
    assert (line(second, "E03-01").earlier, line(second, "E03-02").value) == ("ja", "ja")


@pytest.mark.parametrize(
    "back", ["", "E03-01", "E03-01:x", "E03-01:999999999", "E09-01:1", "x" * 3000, "E05-01:2"]
)
def test_a_made_up_way_back_changes_nothing(cast, second, login, back):
    second.confirm(Question.objects.filter(aid__code__in=["E03", "E05"]))
    before = list(Answer.objects.order_by("pk").values())
    address = reverse("topic_confirm", args=[second.pk, "E03"])
    assert login(cast.anna).post(address, {"zurueck": back}).status_code == 302
    assert list(Answer.objects.order_by("pk").values()) == before


def test_a_reworded_question_is_not_confirmed_unread(cast, second, login):
    Answer.objects.filter(assessment=second, question__aid__code="E03", value="ja").update(
        wording_hash="x" * 16
    )
    anna = login(cast.anna)
    page = anna.get(reverse("checklist", args=[second.pk, "E03"])).content.decode()
    assert "Eine bestätigen" in page
    assert "„Ja“ gilt weiter" in page
    anna.post(reverse("topic_confirm", args=[second.pk, "E03"]))
    assert line(second, "E03-01").earlier == "ja"
    anna.post(url(second), {"version": 1, "antwort": "ja"})
    assert (line(second, "E03-01").value, line(second, "E03-01").changed) == ("ja", False)


def test_a_closed_round_confirms_nothing(cast, second, login):
    second.close()
    with pytest.raises(ValidationError):
        second.confirm([line(second, "E03-01").question])
    page = login(cast.anna).post(
        reverse("topic_confirm", args=[second.pk, "E03"]), follow=True
    )  # fmt: skip
    assert "abgeschlossen" in page.content.decode()
    assert line(second, "E03-01").earlier == "ja"


def test_nothing_to_confirm_where_nothing_was_said(second):
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.filter(assessment=second).update(value=OFFEN)


def test_saving_costs_no_more_than_before(cast, second, login):
    anna = login(cast.anna)
    anna.get(reverse("checklist", args=[second.pk, "E03"]))
    anna.post(url(second, "E03-02"), {"version": 1, "antwort": "nein"}, headers=HTMX)
    with CaptureQueriesContext(connection) as queries:
        anna.post(url(second), {"version": 1, "antwort": "ja"}, headers=HTMX)
    frame = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    said = [each["sql"] for each in queries if not each["sql"].startswith(frame)]
    assert len(said) == 5, said
