"""The works council's statement: its draft, its release, and where it stands afterwards."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from checklists.models import Review, ReviewTopic
from reports.kinds import Options
from reports.models import Report, Share, Statement, StatementConflict
from tests.factories import make_member, make_report, make_user

TODAY = timezone.localdate


@pytest.fixture
def report(cast, assessment) -> Report:
    made = make_report(assessment, cast.anna)
    Share.with_works_council(made, by=cast.anna)
    return made


@pytest.fixture
def clara(client, cast):
    client.force_login(cast.clara)
    return client


def at(name: str, row) -> str:
    return reverse(name, args=[row.pk])


def form(**given) -> dict[str, str]:
    said = {"kind": "agreed", "text": "Wir tragen das mit.", "dated": f"{TODAY():%Y-%m-%d}"}
    return {"version": "0", **said, **given}


def said_by(cast, report, text="Wir tragen das mit.", *, version=0, release=True) -> Statement:
    said, _ = Statement.write(
        report, by=cast.clara, version=version, kind="agreed", dated=TODAY(), text=text,
        release=release,
    )  # fmt: skip
    return said


# --- The draft ------------------------------------------------------------------------------------


def test_a_draft_is_the_works_councils_alone(clara, cast, report, client):
    response = clara.post(at("statement_edit", report), form(text="Erst einmal unter uns."))
    assert response.headers["Location"] == at("statement_edit", report)
    karl = make_user("Karl")
    make_member(cast.company, karl, "works_council")
    for actor in (cast.clara, karl):
        client.force_login(actor)
        assert "Erst einmal unter uns." in client.get(at("statement_edit", report)).content.decode()
        page = client.get(at("report", report)).content.decode()
        assert "Ein Entwurf liegt bereit" in page
        assert "Stellungnahme weiterschreiben" in page
    for actor in (cast.anna, cast.ben, cast.dora):
        client.force_login(actor)
        page = client.get(at("report", report)).content.decode()
        assert "Erst einmal" not in page
        assert "Entwurf" not in page
        assert client.get(at("statement_edit", report)).status_code == 403
    assert mail.outbox == []
    assert "Erst einmal" not in repr(Report.freeze(report.assessment, by=cast.anna).content)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("dated", "", "Von welchem Tag"),
        ("dated", "gestern", "Bitte geben Sie ein Datum ein"),
        ("dated", "2999-01-01", "kommt erst noch"),
        ("dated", "2020-02-02", "Der Bericht ist erst vom"),
        ("kind", "vertagt", "eines der vier Ergebnisse"),
        ("text", "x" * 6001, "höchstens 6000 Zeichen, es sind 6001"),
        ("text", "a\x00b", "unsichtbares Zeichen"),
        ("version", "", "laden Sie die Seite neu"),
        ("version", "-1", "laden Sie die Seite neu"),
    ],
)
def test_what_cannot_be_is_explained_and_kept(clara, report, field, value, words):
    for name in ("statement_edit", "statement_release"):
        response = clara.post(at(name, report), form(**{field: value}))
        page = response.content.decode()
        assert response.status_code == 422
        assert words in page
        if field != "text":
            assert "Wir tragen das mit." in page
    assert not Statement.objects.exists()


def test_six_thousand_characters_fit_however_the_browser_ends_lines(clara, report):
    text = "\r\n".join(["x" * 59] * 100)  # 5999 characters with \n
    assert clara.post(at("statement_edit", report), form(text=text)).status_code == 302
    assert Statement.objects.get().text == text.replace("\r\n", "\n")


def test_german_dates_are_understood(clara, report):
    today = TODAY()
    clara.post(at("statement_edit", report), form(dated=f"{today:%d.%m.%Y}"))
    assert Statement.objects.get().dated == today


# --- Two at once ----------------------------------------------------------------------------------


def test_the_second_of_two_writers_sees_both_texts_and_loses_neither(clara, cast, report):
    clara.post(at("statement_edit", report), form(text="Von Karl"))
    response = clara.post(at("statement_edit", report), form(text="Von Clara", kind="objects"))
    page = response.content.decode()
    assert response.status_code == 409
    assert "Von Karl" in page
    assert "Von Clara" in page
    assert Statement.objects.get().text == "Von Karl"
    assert 'name="version" value="1"' in page  # sent again, one's own counts
    response = clara.post(at("statement_edit", report), form(text="Von Clara", version="1"))
    assert response.status_code == 302
    assert Statement.objects.get().text == "Von Clara"


def test_nobody_releases_what_they_have_not_seen(clara, report):
    clara.post(at("statement_edit", report), form(text="Von Karl"))
    clara.post(at("statement_edit", report), form(text="Karl schreibt weiter", version="1"))
    response = clara.post(at("statement_release", report), form(text="Von Karl", version="1"))
    assert response.status_code == 409
    assert not Statement.objects.released().exists()
    assert mail.outbox == []


def test_writing_on_after_a_colleague_released_does_not_begin_another_unawares(clara, cast, report):
    clara.post(at("statement_edit", report), form(text="Entwurf"))
    clara.post(at("statement_release", report), form(text="Entwurf", version="1"))
    response = clara.post(at("statement_edit", report), form(text="Entwurf, länger", version="1"))
    assert response.status_code == 409
    assert "Inzwischen ist Stellungnahme 1 freigegeben" in response.content.decode()
    assert Statement.objects.count() == 1


def test_an_older_form_never_overwrites_the_draft_of_the_next_statement(cast, report):
    said_by(cast, report, "eins", release=False)  # version 1, seen by the slow writer
    said_by(cast, report, "eins", version=1)
    second = said_by(cast, report, "zwei", version=2, release=False)
    with pytest.raises(StatementConflict) as conflict:
        said_by(cast, report, "langsam", version=1, release=False)
    assert conflict.value.current == second


def race(*calls) -> list[object]:
    """Run these at the same moment, each on a connection of its own; what each gave or raised."""
    ready, results = threading.Barrier(len(calls)), []

    def run(call) -> None:
        ready.wait()
        try:
            results.append(call())
        except (StatementConflict, IntegrityError) as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_of_ten_first_drafts_at_once_one_counts_and_nine_are_told(catalogue, cast, assessment):
    report = make_report(assessment, cast.anna)
    results = race(*(
        lambda n=n: said_by(cast, report, f"Text {n}", release=False) for n in range(10)
    ))  # fmt: skip
    assert sum(isinstance(each, Statement) for each in results) == 1
    assert sum(isinstance(each, StatementConflict) for each in results) == 9
    assert Statement.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_equal_releases_at_once_are_one(catalogue, cast, assessment):
    report = make_report(assessment, cast.anna)
    results = race(*(lambda: said_by(cast, report) for _ in range(10)))
    assert {each.pk for each in results} == {Statement.objects.get().pk}
    assert [said.number for said in Statement.objects.all()] == [1]


# --- Release --------------------------------------------------------------------------------------


def test_released_it_is_numbered_final_and_the_leads_get_a_mail(clara, cast, report):
    second = make_user("Gustav")
    make_member(cast.company, second, "lead")
    for _ in range(2):  # a double click
        response = clara.post(at("statement_release", report), form())
        assert response.headers["Location"] == at("report", report)
    said = Statement.objects.get()
    assert (said.number, said.author, said.version) == (1, cast.clara, 1)
    assert sorted(message.to[0] for message in mail.outbox) == [cast.anna.email, second.email]
    assert "Wir tragen das mit." not in mail.outbox[0].body
    with pytest.raises(IntegrityError), transaction.atomic():
        Statement.objects.filter(pk=said.pk).update(kind="")


def test_a_release_needs_a_result(clara, report):
    response = clara.post(at("statement_release", report), form(kind=""))
    assert response.status_code == 422
    assert "Wählen Sie ein Ergebnis" in response.content.decode()
    assert clara.post(at("statement_edit", report), form(kind="")).status_code == 302


def test_it_is_read_as_others_will_read_it_before_it_is_released(clara, cast, report, client):
    release = at("statement_release", report)
    assert clara.get(release).headers["Location"] == at("statement_edit", report)  # no draft yet
    typed = form(kind="", text="Noch offen.", weiter="1")
    assert clara.post(at("statement_edit", report), typed).status_code == 422
    typed |= {"kind": "objects"}
    response = clara.post(at("statement_edit", report), typed)
    assert response.headers["Location"] == release
    shown = clara.get(release)
    page = shown.content.decode()
    assert "Stellungnahme 1: widersprochen" in page
    assert "für den Betriebsrat Clara" in page
    assert not Statement.objects.released().exists()
    asked = {field.html_name: field.value() for field in shown.context["form"]}
    assert clara.post(release, asked).headers["Location"] == at("report", report)
    said = Statement.objects.get()
    assert (said.number, said.kind, said.text) == (1, "objects", "Noch offen.")
    assert clara.get(release).headers["Location"] == at("statement_edit", report)


def test_what_somebody_else_changed_after_the_preview_is_not_released(clara, cast, report):
    clara.post(at("statement_edit", report), form(weiter="1"))
    seen = {
        f.html_name: f.value() for f in clara.get(at("statement_release", report)).context["form"]
    }
    said_by(cast, report, "Karl war noch dran.", version=1, release=False)
    response = clara.post(at("statement_release", report), seen)
    assert response.status_code == 409
    assert "Karl war noch dran." in response.content.decode()
    assert not Statement.objects.released().exists()


def test_another_may_follow_and_the_first_stays_as_it_was(clara, report):
    clara.post(at("statement_release", report), form())
    again = form(version="1", kind="objects", text="Doch nicht.")
    clara.post(at("statement_release", report), again)
    rows = list(Statement.objects.order_by("number").values_list("number", "kind", "text"))
    assert rows == [(1, "agreed", "Wir tragen das mit."), (2, "objects", "Doch nicht.")]


def test_lead_and_team_read_what_was_released_and_a_consultant_does_not(client, cast, report):
    said_by(cast, report)
    for actor in (cast.anna, cast.ben, cast.clara, cast.dora):
        client.force_login(actor)
        page = client.get(at("report", report)).content.decode()
        assert ("Wir tragen das mit." in page) is (actor != cast.dora)
        assert ("Noch einmal Stellung nehmen" in page) is (actor == cast.clara)


def test_what_somebody_typed_is_text_and_never_markup(client, cast, report):
    said_by(cast, report, "<script>alert(1)</script>\nzweite Zeile")
    client.force_login(cast.anna)
    page = client.get(at("report", report)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_without_the_share_nobody_answers_but_nothing_is_lost(clara, cast, report):
    said_by(cast, report)
    report.shares.get(kind="works_council").withdraw(by=cast.anna)
    assert clara.post(at("statement_edit", report), form()).status_code == 404
    room = clara.get(reverse("council_room", args=[cast.company.pk])).content.decode()
    assert "nicht mehr freigegeben" in room
    assert "Wir tragen das mit." in room


# --- In the next report ---------------------------------------------------------------------------


def test_the_next_report_of_the_round_carries_what_was_released(cast, report):
    said_by(cast, report, "Der Rundgang fehlt.")
    second = Report.freeze(report.assessment, by=cast.anna)
    (record,) = second.frozen.statements
    assert (record.report, record.number, record.kind, record.result) == (
        1, 1, "agreed", "zugestimmt",
    )  # fmt: skip
    assert (record.text, record.author, record.dated) == ("Der Rundgang fehlt.", "Clara", TODAY())
    assert report.frozen.statements == ()


def test_a_consultant_reads_it_in_the_later_report_alone(client, cast, report):
    said_by(cast, report, "Der Rundgang fehlt.")
    second = make_report(report.assessment, cast.anna)
    client.force_login(cast.dora)
    assert "Rundgang" not in client.get(at("report", report)).content.decode()
    assert "Der Rundgang fehlt." in client.get(at("report", second)).content.decode()


def test_an_erased_author_is_a_former_member(client, cast, report):
    said_by(cast, report)
    Statement.objects.update(author=None)
    client.force_login(cast.anna)
    assert "ehemaliges Mitglied" in client.get(at("report", report)).content.decode()
    second = make_report(report.assessment, cast.anna)
    assert second.frozen.statements[0].author == ""
    assert "ehemaliges Mitglied" in client.get(at("report", second)).content.decode()


@pytest.fixture
def review(cast, assessment) -> Review:
    made = Review.objects.create(
        assessment=assessment, consultant=cast.dora, summary="Auf gutem Weg.", number=1,
        signature="Dora, Beratung am Fluss", released_at=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    aid = assessment.topics.get(code="E05")
    ReviewTopic.objects.create(review=made, aid=aid, view="differs", recommendation="Zuerst das.")
    return made


def test_a_review_goes_in_only_when_the_lead_ticks_it(client, cast, report, review):
    client.force_login(cast.anna)
    assert 'name="with_reviews"' in client.get(at("results", report.assessment)).content.decode()
    create = at("report_create", report.assessment)
    client.post(create, {"with_notes": "1"})
    client.post(create, {"with_notes": "1", "with_reviews": "1"})
    without, with_it = Report.objects.filter(number__gt=1).order_by("number")
    assert without.frozen.reviews == ()
    (record,) = with_it.frozen.reviews
    assert (record.signature, record.summary) == ("Dora, Beratung am Fluss", "Auf gutem Weg.")
    (topic,) = record.topics
    assert (topic.code, topic.view, topic.recommendation) == ("E05", "differs", "Zuerst das.")
    page = client.get(at("report", with_it)).content.decode()
    assert "Zuerst das." in page
    assert "sieht es anders" in page


def test_without_a_released_review_there_is_nothing_to_tick(client, cast, report, review):
    Review.objects.update(number=None, released_at=None)
    client.force_login(cast.anna)
    assert "with_reviews" not in client.get(at("results", report.assessment)).content.decode()
    made = Report.freeze(report.assessment, Options(with_reviews=True), by=cast.anna)
    assert made.frozen.reviews == ()
