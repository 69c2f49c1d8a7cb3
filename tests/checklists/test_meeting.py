"""Agenda, meeting and minutes: what there is to talk about, and what was decided."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from pypdf import PdfReader

from checklists.agenda import agenda_of, topic_points
from checklists.models import ItemConflict, Measure, Meeting, StepDecision, Thread
from checklists.next_steps import next_steps
from checklists.sheet import Sheet, topic_of
from reports import jobs
from reports.minutes import Minute, Minutes, from_plain, minutes_of, to_plain
from reports.renderer import Job, Made, RenderFailed, render_job
from tests.factories import fill, make_measure
from tests.verapdf import validate

pytestmark = pytest.mark.sqlite


@pytest.fixture
def meeting(assessment) -> Meeting:
    """In session, about the five questions of E03."""
    return Meeting.begin(assessment, topic_points(topic_of(assessment, "E03")))


@pytest.fixture
def anna(login, cast):
    return login(cast.anna)


@pytest.fixture
def rendered(monkeypatch) -> list[Job]:
    """What was given to the render child, which is not started."""
    given: list[Job] = []

    def render(job: Job, **_kwargs) -> Made:
        given.append(job)
        return Made(b"%PDF-1.7 minutes", 1)

    monkeypatch.setattr(jobs._child, "render", render)
    return given


def of(assessment):
    return agenda_of(Sheet.of(assessment), Measure.objects.filter(company=assessment.company))


def address(assessment, number: int = 1) -> str:
    return f"{reverse('meeting', args=[assessment.pk])}?punkt={number}"


def minute(client, meeting: Meeting, position: int = 1, **data):
    item = meeting.items.get(position=position)
    data = {"version": item.version, "text": "", **data}
    return client.post(reverse("meeting_minute", args=[item.pk]), data)


# --- The agenda -----------------------------------------------------------------------------------


def test_it_holds_what_nobody_knew_what_is_discussed_what_waits_and_what_is_late(cast, assessment):
    lines = {line.key: line for line in Sheet.of(assessment).lines()}
    Thread.say(assessment, lines["E03-04"].question, "Wie meinen die das?", by=cast.ben)
    Thread.say(assessment, lines["E05-01"].question, "Steht schon oben.", by=cast.ben)
    Thread.say(assessment, lines["E03-05"].question, "Ist geklärt.", by=cast.ben)
    Thread.settle(assessment, lines["E03-05"].question, resolved=True)
    late = Measure.plan(cast.company, by=cast.anna, title="Aushang")
    Measure.objects.filter(pk=late.pk).update(due_on=timezone.localdate() - timedelta(days=1))
    Measure.plan(cast.company, by=cast.anna, title="Hat noch Zeit")
    found = of(assessment)
    assert [line.key for line in found.unclear] == ["E05-01"]
    assert [line.key for line in found.discussed] == ["E03-04"]
    assert [each.closes for each in found.steps] == [("E03-02",)]
    assert [measure.title for measure in found.late] == ["Aushang"]
    points = found.points()
    assert len(points) == len(found) == 4
    assert points[0].value == "weissnicht"
    assert points[2].step
    assert points[3].measure == late


def test_a_decided_step_is_off_the_agenda(cast, assessment):
    step = next_steps(Sheet.of(assessment))[0].step
    StepDecision.decline(cast.company, step, "Zu groß.", assessment=assessment, by=cast.anna)
    assert of(assessment).steps == []


def test_what_was_put_off_comes_back_on_its_day_and_is_decided_there(cast, assessment, anna):
    step = next_steps(Sheet.of(assessment))[0].step
    today = timezone.localdate()
    ahead = today + timedelta(days=30)
    StepDecision.put_off(cast.company, step, ahead, assessment=assessment, by=cast.anna)
    resting = make_measure(cast.company, "Regal", status="put_off", look_again_on=ahead)
    make_measure(cast.company, "Ruht noch", status="put_off", look_again_on=ahead)
    assert len(of(assessment)) == 1, "only what nobody knew"
    StepDecision.objects.update(look_again_on=today)
    Measure.objects.filter(pk=resting.pk).update(look_again_on=today)
    found = of(assessment)
    assert ([each.step for each in found.again], found.resting) == ([step], [resting])
    assert (found.steps, found.late) == ([], [])
    html = anna.get(reverse("agenda", args=[assessment.pk])).content.decode()
    assert "Was wieder ansteht" in html
    assert "Ruht noch" not in html

    anna.post(reverse("meeting", args=[assessment.pk]), {"was": "tagesordnung"})
    html = anna.get(address(assessment, 2)).content.decode()
    assert f"Wiedervorlage {date_format(today, 'j. F Y')}" in html
    offered = [way for way in ("aufnehmen", "spaeter", "nicht", "doch") if f'value="{way}"' in html]
    assert offered == ["aufnehmen", "spaeter", "nicht"]
    decide = reverse("step_decide", args=[assessment.pk, step.key])
    anna.post(decide, {"was": "aufnehmen", "weiter": address(assessment, 2)})
    assert "Im Plan" in anna.get(address(assessment, 2)).content.decode()
    assert "Wiedervorlage" in anna.get(address(assessment, 3)).content.decode()
    assert of(assessment).again == []


def test_the_page_shows_it_and_says_when_there_is_nothing(cast, assessment, anna):
    url = reverse("agenda", args=[assessment.pk])
    html = anna.get(url).content.decode()
    assert "Was wir nicht wissen" in html
    assert "Tagesordnung (2 Punkte)" in html
    fill(assessment, {"E05-01": "ja", "E03-02": "ja"})
    html = anna.get(url).content.decode()
    assert "Gerade ist nichts zu klären." in html
    assert "Alle Fragen zu: Qualifizierung" in html  # a topic can be gone through in any case


# --- The meeting ----------------------------------------------------------------------------------


def test_it_begins_with_the_agenda_or_with_a_topic(cast, assessment, anna):
    url = reverse("meeting", args=[assessment.pk])
    assert anna.get(url).headers["Location"] == reverse("agenda", args=[assessment.pk])
    assert anna.post(url, {"was": "tagesordnung"}).headers["Location"] == address(assessment)
    begun = assessment.meetings.get()
    assert [(item.question_id is not None, item.before) for item in begun.items.all()] == [
        (True, "weissnicht"),
        (False, ""),
    ]
    begun.close({})
    anna.post(url, {"was": "E03"})
    assert assessment.meetings.get(number=2).items.count() == 5


@pytest.mark.parametrize("what", ["", "E01", "E99", "protokoll"])
def test_what_is_no_choice_is_refused(assessment, anna, what):
    response = anna.post(reverse("meeting", args=[assessment.pk]), {"was": what})
    assert response.status_code == 422
    assert not assessment.meetings.exists()


def test_beginning_twice_is_once(assessment, anna, meeting):
    anna.post(reverse("meeting", args=[assessment.pk]), {"was": "tagesordnung"})
    assert assessment.meetings.get() == meeting
    with pytest.raises(IntegrityError), transaction.atomic():
        Meeting.objects.create(assessment=assessment, number=2)


def test_points_stay_in_their_place_when_one_is_answered(cast, assessment, anna):
    anna.post(reverse("meeting", args=[assessment.pk]), {"was": "tagesordnung"})
    fill(assessment, {"E05-01": "ja"})
    html = anna.get(address(assessment, 1)).content.decode()
    assert 'id="E05-01"' in html
    assert "Punkt 1 von 2" in html


@pytest.mark.parametrize(
    ("said", "shown"), [("2", 2), ("0", 1), ("99", 5), ("x", 1), ("9" * 40, 1), ("-1", 1), ("²", 1)]
)
def test_any_number_leads_to_a_point(assessment, anna, meeting, said, shown):
    html = anna.get(reverse("meeting", args=[assessment.pk]) + f"?punkt={said}").content.decode()
    assert f"Punkt {shown} von 5" in html


def test_an_answer_without_script_comes_back_to_the_meeting(assessment, anna, meeting):
    html = anna.get(address(assessment, 3)).content.decode()
    assert '<input type="hidden" name="punkt" value="3">' in html
    data = {"version": 0, "antwort": "ja", "punkt": "3"}
    response = anna.post(reverse("answer", args=[assessment.pk, "E03-03"]), data)
    assert response.headers["Location"] == address(assessment, 3)
    assert topic_of(assessment, "E03").line("E03-03").value == "ja"
    data = {"version": 1, "antwort": "nein", "punkt": "//evil.example"}
    response = anna.post(reverse("answer", args=[assessment.pk, "E03-03"]), data)
    assert response.headers["Location"].endswith("/themen/E03/#E03-03")


@pytest.mark.parametrize(
    ("going", "place"), [("2", "punkt=2"), ("", "punkt=1"), ("protokoll", "/protokoll/")]
)
def test_every_way_on_keeps_what_was_typed(assessment, anna, meeting, going, place):
    response = minute(anna, meeting, text="Ben fragt nach.\r\nBis Freitag.", nach=going)
    assert place in response.headers["Location"]
    assert meeting.items.get(position=1).text == "Ben fragt nach.\nBis Freitag."


def test_two_people_at_one_point_lose_nothing(assessment, anna, meeting):
    meeting.items.get(position=1).minute("Von Ben.", version=1)
    response = minute(anna, meeting, text="Von Anna.", version=1)
    html = response.content.decode()
    assert response.status_code == 409
    assert "Von Ben." in html
    assert "Von Anna." in html
    assert meeting.items.get(position=1).text == "Von Ben."
    assert 'name="version" value="2"' in html  # of the point: going on replaces it knowingly
    assert minute(anna, meeting, text="Von Anna.").status_code == 302
    assert meeting.items.get(position=1).text == "Von Anna."
    assert minute(anna, meeting, text="Von Anna.", version=1).status_code == 302  # once is enough
    with pytest.raises(ItemConflict):
        meeting.items.get(position=1).minute("Anders.", version=1)


@pytest.mark.parametrize(
    "data",
    [{"text": "ä" * 2001}, {"text": "vor\x00nach"}, {"version": "x"}, {"nach": "//evil.example"}],
)
def test_bad_input_is_refused_and_kept(assessment, anna, meeting, data):
    response = minute(anna, meeting, **{"text": "Bleibt.", **data})
    assert response.status_code == 422
    assert (data.get("text", "Bleibt.")).replace("\x00", "") in response.content.decode()
    assert meeting.items.get(position=1).text == ""


def test_a_point_of_ones_own(assessment, anna, meeting):
    url = reverse("meeting_add", args=[meeting.pk])
    for _again in range(2):
        response = anna.post(url, {"titel": "Nächster Termin"})
    assert response.headers["Location"] == address(assessment, 6)
    assert meeting.items.count() == 6
    html = anna.get(address(assessment, 6)).content.decode()
    assert "Eigener Punkt" in html
    response = anna.post(url, {"titel": "x" * 1001})
    assert response.status_code == 422
    assert "x" * 1001 in response.content.decode()


def test_a_closed_round_is_shown_and_not_answered(assessment, anna, meeting):
    assessment.close()
    html = anna.get(address(assessment, 1)).content.decode()
    assert "gs-said" in html
    assert "data-answer" not in html


@pytest.mark.parametrize("number", [1, 6, 7])
def test_a_point_costs_few_queries(cast, assessment, anna, meeting, number):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    step = next_steps(Sheet.of(assessment))[0].step
    measure = Measure.plan(cast.company, by=cast.anna, title="Aushang")
    meeting.items.create(position=6, title=step.title, step=step)
    meeting.items.create(position=7, title="Aushang", measure=measure)
    anna.get(address(assessment, number))
    with CaptureQueriesContext(connection) as queries:
        assert anna.get(address(assessment, number)).status_code == 200
    assert len(queries) <= 11


# --- The minutes ----------------------------------------------------------------------------------


def test_they_say_what_was_decided_and_answered(assessment, anna, meeting):
    minute(anna, meeting, 1, text="Ben hängt die Liste aus.")
    fill(assessment, {"E03-03": "ja"})
    said = minutes_of(meeting, {q.question.pk: q.value for q in Sheet.of(assessment).lines()})
    assert [(item.number, item.before, item.after, item.text) for item in said.decided] == [
        (1, "ja", "ja", "Ben hängt die Liste aus."),
        (3, "", "ja", ""),
    ]
    assert len(said.left) == 3
    html = anna.get(reverse("minutes", args=[meeting.pk])).content.decode()
    assert "Ben hängt die Liste aus." in html


def test_closing_freezes_them_and_sets_the_pdf(assessment, anna, meeting, rendered):
    fill(assessment, {"E03-03": "ja"})
    url = reverse("minutes_close", args=[meeting.pk])
    data = {"held_on": "20.11.2026", "participants": "Anna, Ben"}
    page = anna.post(url, data, follow=True).content.decode()
    assert "Das Protokoll ist fertig." in page
    jobs.make_minutes.call(meeting.pk)
    fill(assessment, {"E03-03": "nein"})
    meeting.refresh_from_db()
    assert (meeting.held_on, meeting.participants) == (date(2026, 11, 20), "Anna, Ben")
    assert [item.after for item in minutes_of(meeting, {}).items] == ["ja", "nein", "ja", "", ""]
    assert from_plain(rendered[0].content).participants == "Anna, Ben"
    response = anna.get(reverse("minutes_pdf", args=[meeting.pk]))
    assert response.content == b"%PDF-1.7 minutes"
    assert response.headers["Cache-Control"] == "no-store"


def test_what_is_over_stays_as_it_is_until_somebody_goes_on(assessment, anna, meeting, rendered):
    meeting.close({})
    assert not meeting.close({})
    jobs.make_minutes.call(meeting.pk)
    response = minute(anna, meeting, text="Nachgeschoben.")
    assert response.headers["Location"] == reverse("minutes", args=[meeting.pk])
    assert meeting.items.get(position=1).text == ""
    for refused in (
        lambda: meeting.add("Noch etwas"),
        lambda: meeting.say(held_on=date(2026, 11, 20), participants=""),
    ):
        with pytest.raises(ValidationError):
            refused()
    anna.post(reverse("minutes_close", args=[meeting.pk]), {"zurueck": "1"})
    meeting.refresh_from_db()
    assert (meeting.in_session, meeting.pdf) == (True, None)
    assert minute(anna, meeting, text="Nachgeschoben.").status_code == 302
    assert meeting.items.get(position=1).text == "Nachgeschoben."


def test_one_does_not_go_on_while_another_is_in_session(assessment, meeting):
    meeting.close({})
    Meeting.begin(assessment, topic_points(topic_of(assessment, "E05")))
    with pytest.raises(ValidationError):
        meeting.resume()


@pytest.mark.parametrize("day", ["", "31.02.2026", "20025-01-01", "gestern", "1999-12-31"])
def test_a_day_that_is_none_is_refused(anna, meeting, day):
    data = {"held_on": day, "participants": "Anna & Ben"}
    response = anna.post(reverse("minutes_close", args=[meeting.pk]), data)
    assert response.status_code == 422
    assert "Anna &amp; Ben" in response.content.decode()
    meeting.refresh_from_db()
    assert meeting.in_session


def test_a_pdf_that_failed_can_be_set_again(anna, meeting, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RenderFailed("Kaputt.")

    monkeypatch.setattr(jobs._child, "render", broken)
    meeting.close({})
    jobs.make_minutes.call(meeting.pk)
    url = reverse("minutes_pdf", args=[meeting.pk])
    assert anna.get(url).status_code == 404
    assert anna.post(url).status_code == 302


def test_a_pdf_of_a_meeting_that_went_on_is_not_kept(meeting):
    meeting.close({})
    ended = Meeting.objects.get(pk=meeting.pk)
    meeting.resume()
    ended.keep_pdf(b"%PDF-1.7 old")
    assert Meeting.objects.get(pk=meeting.pk).pdf is None


def test_the_pdf_says_it_and_escapes_it(tmp_path):
    canary = tmp_path / "canary.txt"
    canary.write_text("Kanarienvogel", encoding="utf-8")
    reaching = f'"><link rel="attachment" href="{canary.as_uri()}"><img src="{canary.as_uri()}">'
    said = Minutes(
        company=f"Bäckerei <b>Korn</b> {reaching}",
        round_number=2,
        number=1,
        held_on=date(2026, 11, 20),
        participants=f"Anna, Łukasz, Ay\u0308se {reaching}",
        items=(
            Minute(1, "Wir haben einen Lernplan.", "E03-05", "question", "weissnicht", "ja",
                   "<script>alert(1)</script> 東京"),
            Minute(2, "Aushang", "", "measure", "", "", ""),
            Minute(3, reaching, "", "own", "", "", f"{reaching} {'lang' * 200}"),
        ),
    )  # fmt: skip
    assert from_plain(to_plain(said)) == said
    made = render_job(Job(to_plain(said), 1, "", kind="minutes"), lambda _part: None)
    assert validate(made.pdf, "ua1").failures == ()
    reader = PdfReader(BytesIO(made.pdf))
    text = reader.pages[0].extract_text()
    assert made.pages == 1
    assert not reader.attachments
    assert b"Kanarienvogel" not in made.pdf
    assert text.count('rel="attachment"') >= 4, "it stands there as text"
    for words in ("Bäckerei <b>Korn</b>", "<script>alert(1)</script>", "weiß nicht", "Aushang"):
        assert words in text
