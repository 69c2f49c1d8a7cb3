"""The verbs of a round: start, record, close, reopen."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from checklists.models import Answer, Assessment, Conflict, DecisionAid
from checklists.sheet import Sheet
from tests.factories import fill, make_round

pytestmark = pytest.mark.sqlite


@pytest.fixture
def line(assessment):
    """An unanswered line: E03-03."""
    return next(line for line in Sheet.of(assessment).lines() if line.key == "E03-03")


def stored(assessment: Assessment, key: str) -> Answer | None:
    code, number = key.split("-")
    return Answer.objects.filter(
        assessment=assessment, question__aid__code=code, question__number=int(number)
    ).first()


def test_first_answer_has_version_1_and_the_hash_of_its_wording(assessment, line):
    assert assessment.record(line.question, version=0, value="ja") == 1
    answer = stored(assessment, "E03-03")
    assert (answer.value, answer.version) == ("ja", 1)
    assert answer.wording_hash == line.question.hash_wording()


def test_click_and_note_leave_each_other_alone(assessment, line):
    assessment.record(line.question, version=0, value="nein")
    assessment.record(line.question, version=1, note="Zwei Anbieter angefragt.")
    assessment.record(line.question, version=2, value="ja")
    answer = stored(assessment, "E03-03")
    assert (answer.value, answer.note, answer.version) == ("ja", "Zwei Anbieter angefragt.", 3)


def test_an_answer_can_be_taken_back_and_keeps_its_note(assessment, line):
    assessment.record(line.question, version=0, value="nein", note="Später klären.")
    assessment.record(line.question, version=1, value="")
    answer = stored(assessment, "E03-03")
    assert (answer.value, answer.note) == ("", "Später klären.")


def test_entfaellt_needs_a_reason_and_loses_it_when_changed(assessment, line):
    with pytest.raises(ValidationError, match="warum die Frage"):
        assessment.record(line.question, version=0, value="entfaellt", reason="   ")
    assert stored(assessment, "E03-03") is None
    assessment.record(line.question, version=0, value="entfaellt", reason="Nur zwei Leute.")
    assert stored(assessment, "E03-03").reason == "Nur zwei Leute."
    assessment.record(line.question, version=1, value="ja")
    assert stored(assessment, "E03-03").reason == ""


@pytest.mark.parametrize("value", ["JA", "vielleicht", "offen", "0"])
def test_unknown_values_are_refused(assessment, line, value):
    with pytest.raises(ValidationError, match="Bitte wählen Sie Ja, Nein"):
        assessment.record(line.question, version=0, value=value)
    assert stored(assessment, "E03-03") is None


def test_a_stale_version_is_a_conflict_that_changes_nothing(assessment, line):
    assessment.record(line.question, version=0, value="ja")
    for stale in (0, 5):
        with pytest.raises(Conflict) as caught:
            assessment.record(line.question, version=stale, value="nein")
        assert (caught.value.current.value, caught.value.current.version) == ("ja", 1)
    assert stored(assessment, "E03-03").value == "ja"


def test_writing_what_already_stands_is_a_success_whatever_the_version(assessment, line):
    assessment.record(line.question, version=0, value="ja")
    assert assessment.record(line.question, version=0, value="ja") == 1
    assert stored(assessment, "E03-03").value == "ja"


def test_a_version_out_of_nowhere_is_refused(assessment, line):
    with pytest.raises(ValidationError, match="neu"):
        assessment.record(line.question, version=3, value="ja")


def test_a_closed_round_takes_no_answer(assessment, line):
    assessment.close()
    with pytest.raises(ValidationError, match="abgeschlossen"):
        assessment.record(line.question, version=0, value="ja")
    assert stored(assessment, "E03-03") is None


def test_closing_twice_keeps_the_first_moment(assessment):
    assessment.close()
    first = assessment.closed_at
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assessment.close()
    assert assessment.closed_at == first


@pytest.mark.parametrize(("days", "works"), [(6.99, True), (7.01, False)])
def test_reopening_works_for_seven_days(assessment, days, works):
    assessment.close()
    with time_machine.travel(assessment.closed_at + timedelta(days=days)):
        assert assessment.can_reopen is works
        if works:
            assessment.reopen()
        else:
            with pytest.raises(ValidationError, match="7 Tagen"):
                assessment.reopen()
    assert Assessment.objects.get(pk=assessment.pk).is_open is works


def test_reopening_waits_while_a_newer_round_is_open(cast, assessment):
    assessment.close()
    make_round(cast.company, "E03")
    with pytest.raises(ValidationError, match="neuerer Durchgang"):
        assessment.reopen()


def test_one_open_round_per_company(cast, assessment):
    with pytest.raises(ValidationError, match="läuft schon"):
        make_round(cast.company)
    assessment.close()
    assert make_round(cast.company, "E03").number == assessment.number + 1


def test_topics_left_out_keep_their_answers(assessment):
    only_e05 = DecisionAid.objects.filter(code="E05")
    assessment.choose_topics(only_e05)
    assert [topic.aid.code for topic in Sheet.of(assessment).topics] == ["E05"]
    assessment.choose_topics(DecisionAid.objects.filter(code__in=["E03", "E05"]))
    assert Sheet.of(assessment).topics[0].tally.ja == 1


def test_a_round_needs_a_topic(assessment):
    with pytest.raises(ValidationError, match="mindestens ein Thema"):
        assessment.choose_topics(DecisionAid.objects.none())


@pytest.mark.parametrize(
    "fields",
    [
        {"value": "vielleicht"},
        {"value": "entfaellt", "reason": ""},
        {"perspective": "nobody"},
    ],
)
def test_the_database_itself_refuses_nonsense(assessment, line, fields):
    row = {"wording_hash": "x", "value": "ja", "reason": "", **fields}
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.create(assessment=assessment, question=line.question, **row)


def test_sheet_counts_and_orders(assessment):
    sheet = Sheet.of(assessment)
    assert [topic.aid.code for topic in sheet.topics] == ["E03", "E05"]
    assert (sheet.tally.total, sheet.tally.answered, sheet.tally.open) == (15, 3, 12)
    assert [r.step for r in sheet.recommendations] == ["kompetenzbedarf"]
    assert sheet.topics[0].next_open.key == "E03-03"


def test_next_open_is_unanswered_before_weiss_nicht(assessment):
    everything = {f"E05-{n:02d}": "ja" for n in range(2, 11)}
    fill(assessment, everything)
    assert Sheet.of(assessment).topics[1].next_open.key == "E05-01"


def test_sheet_costs_two_queries(assessment, django_assert_max_num_queries):
    Sheet.of(assessment)
    with django_assert_max_num_queries(2):
        Sheet.of(assessment)
