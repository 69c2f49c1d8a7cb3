"""The team talking about a question."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from checklists.models import Comment, Thread
from checklists.sheet import topic_of
from checklists.templatetags.team import day, until
from tests.checklists.test_races import at_once
from tests.factories import make_company, make_round, make_user


@pytest.fixture
def sheet(assessment) -> str:
    return reverse("checklist", args=[assessment.pk, "E03"])


def at(name: str, assessment, *more: int) -> str:
    return reverse(name, args=[assessment.pk, "E03-02", *more])


def line_of(assessment):
    return topic_of(assessment, "E03").line("E03-02")


def said(assessment) -> list[tuple[str, str]]:
    comments = Comment.objects.filter(thread__assessment=assessment).select_related("author")
    return [(str(comment.author), comment.text) for comment in comments]


def logged_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_comment_stands_below_its_question_with_name_and_day(cast, assessment, sheet, login):
    client = login(cast.ben)
    there = client.post(at("comment_create", assessment), {"text": "Wer weiß das?\nIch nicht."})
    assert there.headers["Location"] == f"{sheet}#E03-02"
    shown = client.get(sheet).content.decode()
    thread = shown[shown.index('id="E03-02-gespraech"') : shown.index('id="E03-03"')]
    assert "Besprechen (1)" in " ".join(thread.split()).replace("</span>", "")
    assert "Wer weiß das?\nIch nicht." in thread
    assert "<b>Ben</b>" in thread
    assert "heute" in thread
    assert said(assessment) == [("Ben", "Wer weiß das?\nIch nicht.")]


def test_the_day_and_no_minute():
    assert not [
        field.name
        for field in Comment._meta.get_fields()
        if type(field).__name__ in {"DateTimeField", "TimeField"}
    ]
    assert day(date(2026, 3, 4)) == "4. März 2026"


def test_today_and_yesterday_are_words(time_machine):
    time_machine.move_to("2026-11-24 00:30:00+01:00", tick=False)  # in Berlin, not in UTC
    assert day(date(2026, 11, 24)) == "heute"
    assert day(date(2026, 11, 23)) == "gestern"
    assert day(date(2026, 11, 22)) == "22. November 2026"


def test_two_days_say_once_what_they_share():
    def noon(year: int, month: int, number: int) -> datetime:
        return datetime(year, month, number, 12, tzinfo=UTC)

    assert until(noon(2026, 9, 7), noon(2026, 9, 21)) == "7. bis 21. September 2026"
    assert until(noon(2026, 8, 31), noon(2026, 9, 1)) == "31. August bis 1. September 2026"
    assert until(noon(2026, 12, 31), noon(2027, 1, 1)) == "31. Dezember 2026 bis 1. Januar 2027"
    assert until(noon(2026, 9, 7), noon(2026, 9, 7)) == "7. September 2026"


def test_a_double_click_says_it_once(cast, assessment, login):
    client = login(cast.ben)
    for _ in range(2):
        client.post(at("comment_create", assessment), {"text": "Noch offen."})
    assert said(assessment) == [("Ben", "Noch offen.")]
    logged_in(cast.anna).post(at("comment_create", assessment), {"text": "Noch offen."})
    assert said(assessment) == [("Ben", "Noch offen."), ("Anna", "Noch offen.")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Schreiben Sie zuerst etwas."),
        (" \r\n ", "Schreiben Sie zuerst etwas."),
        ("ä" * 2001, "höchstens 2000 Zeichen, es sind 2001"),
        ("a\x00b", "unsichtbares Zeichen"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"hx-request": "true"}])
def test_what_cannot_be_said_says_why_and_keeps_the_text(
    cast, assessment, login, text, why, headers
):
    refused = login(cast.ben).post(
        at("comment_create", assessment), {"text": text}, headers=headers
    )
    assert refused.status_code == 422
    shown = refused.content.decode()
    assert why in shown
    assert text.strip().replace("\x00", "") in shown
    assert said(assessment) == []


def test_two_thousand_characters_are_fine(cast, assessment, login):
    login(cast.ben).post(at("comment_create", assessment), {"text": "ä" * 2000})
    assert len(said(assessment)[0][1]) == 2000


def test_htmx_gets_the_thread_alone(cast, assessment, login):
    shown = login(cast.ben).post(
        at("comment_create", assessment), {"text": "Hm."}, headers={"hx-request": "true"}
    )
    text = shown.content.decode()
    assert shown.status_code == 200
    assert text.count('id="E03-02-gespraech"') == 1
    assert "<article" not in text
    assert " open" in text


def test_anybody_settles_and_takes_up_again(cast, assessment, sheet):
    anna, ben = logged_in(cast.anna), logged_in(cast.ben)
    anna.post(at("comment_create", assessment), {"text": "Wer weiß das?"})
    for client, sent, stands in ((ben, "1", True), (ben, "1", True), (anna, "0", False)):
        client.post(at("thread_resolve", assessment), {"geklaert": sent})
        assert Thread.objects.get(assessment=assessment).resolved is stands
        assert ("gs-talk__settled" in client.get(sheet).content.decode()) is stands


def test_saying_more_opens_a_settled_thread(cast, assessment):
    ben = logged_in(cast.ben)
    ben.post(at("comment_create", assessment), {"text": "Wer weiß das?"})
    ben.post(at("thread_resolve", assessment), {"geklaert": "1"})
    ben.post(at("comment_create", assessment), {"text": "Doch noch etwas."})
    assert not Thread.objects.get(assessment=assessment).resolved


def test_deleting_gives_the_text_back(cast, assessment):
    ben = logged_in(cast.ben)
    ben.post(at("comment_create", assessment), {"text": "Voreilig."})
    address = at("comment_delete", assessment, Comment.objects.get().pk)
    assert logged_in(cast.anna).post(address).status_code == 403
    shown = ben.post(address)
    assert said(assessment) == []
    assert shown.status_code == 200
    assert "Gelöscht." in shown.content.decode()
    assert "Voreilig.</textarea>" in shown.content.decode()
    assert ben.post(address).status_code == 302  # a second click finds nothing to do


def test_a_comment_is_deleted_at_its_own_question_only(cast, assessment):
    ben = logged_in(cast.ben)
    ben.post(at("comment_create", assessment), {"text": "Hier."})
    pk = Comment.objects.get().pk
    ben.post(reverse("comment_delete", args=[assessment.pk, "E03-03", pk]))
    assert len(said(assessment)) == 1


def test_an_erased_author_is_a_former_member(cast, assessment, sheet, login):
    logged_in(cast.ben).post(at("comment_create", assessment), {"text": "Bleibt stehen."})
    cast.ben.erase()
    shown = login(cast.anna).get(sheet).content.decode()
    assert "Bleibt stehen." in shown
    assert "<b>ehemaliges Mitglied</b>" in shown


def test_a_closed_round_keeps_what_was_said_and_takes_no_more(cast, assessment, sheet, login):
    client = login(cast.ben)
    client.post(at("comment_create", assessment), {"text": "Vorher."})
    assessment.close()
    refused = client.post(at("comment_create", assessment), {"text": "Nachher."})
    assert refused.status_code == 422
    assert "abgeschlossen" in refused.content.decode()
    assert "Nachher." in refused.content.decode()
    assert client.post(at("thread_resolve", assessment), {"geklaert": "1"}).status_code == 422
    assert said(assessment) == [("Ben", "Vorher.")]
    shown = client.get(sheet).content.decode()
    assert "Vorher." in shown
    assert "Kommentar senden" not in shown


def test_no_report_and_no_outsider_ever_reads_it(cast, assessment, login):
    """Not in the content, and not for works council, consultant, former members or strangers."""
    from reports.content import build, to_json
    from reports.models import Report

    Thread.say(assessment, line_of(assessment).question, "Kommentargeheimnis", by=cast.ben)
    report = Report.freeze(assessment, by=cast.anna)
    assert "Kommentargeheimnis" not in str(to_json(build(assessment)))
    assert "Kommentargeheimnis" not in str(report.content)
    for name in ("results", "assessment"):
        shown = login(cast.anna).get(reverse(name, args=[assessment.pk]))
        assert "Kommentargeheimnis" not in shown.content.decode()
    pages = [
        reverse("checklist", args=[assessment.pk, "E03"]),
        at("question_part", assessment),
        reverse("topic_state", args=[assessment.pk, "E03"]),
    ]
    for outsider in (cast.clara, cast.dora, cast.emil, cast.frida, cast.hanna):
        for address in pages:
            assert b"Kommentargeheimnis" not in logged_in(outsider).get(address).content


def test_markup_stays_text(cast, assessment, sheet, login):
    client = login(cast.ben)
    client.post(at("comment_create", assessment), {"text": "<script>alert(1)</script>"})
    shown = client.get(sheet).content
    assert b"<script>alert" not in shown
    assert b"&lt;script&gt;alert(1)" in shown


def test_the_checklist_stays_within_eight_queries(
    cast, assessment, sheet, login, django_assert_max_num_queries
):
    for line in topic_of(assessment, "E03").lines:
        for author in (cast.anna, cast.ben):
            Thread.say(assessment, line.question, f"Von {author}", by=author)
    client = login(cast.anna)
    client.get(sheet)
    with django_assert_max_num_queries(8):
        client.get(sheet)


def test_saving_an_answer_does_not_look_at_comments(
    cast, assessment, login, django_assert_max_num_queries
):
    Thread.say(assessment, line_of(assessment).question, "Hm.", by=cast.ben)
    client = login(cast.anna)
    sent = {"version": "1", "antwort": "ja"}
    address = at("answer", assessment)
    with django_assert_max_num_queries(20) as asked:
        shown = client.post(address, sent, headers={"hx-request": "true"})
    assert shown.status_code == 200
    assert not [query for query in asked if "checklists_comment" in query["sql"]]
    # The thread on the page stays where it is: its place in the answer says so.
    assert 'id="E03-02-gespraech" hx-preserve></div>' in shown.content.decode()


@pytest.mark.usefixtures("catalogue")
@pytest.mark.django_db(transaction=True)
def test_two_who_begin_at_once_begin_one_thread():
    anna = make_user("Anna")
    opened = make_round(make_company(anna), "E03")
    for line in topic_of(opened, "E03").lines:
        outcomes = at_once(
            partial(Thread.say, opened, line.question, "Eins", by=anna),
            partial(Thread.say, opened, line.question, "Zwei", by=anna),
        )
        assert all(isinstance(outcome, Comment) for outcome in outcomes)
        thread = Thread.objects.get(assessment=opened, question=line.question)
        assert sorted(thread.comments.values_list("text", flat=True)) == ["Eins", "Zwei"]


@pytest.mark.usefixtures("catalogue")
@pytest.mark.django_db(transaction=True)
def test_ten_equal_posts_say_it_once():
    anna = make_user("Anna")
    opened = make_round(make_company(anna), "E03")
    question = line_of(opened).question
    Thread.say(opened, question, "Vorher", by=anna)
    connected = threading.Barrier(10)

    def say() -> Comment:
        Comment.objects.count()  # connecting takes longer than saying
        connected.wait(10)
        return Thread.say(opened, question, "Einmal", by=anna)

    outcomes = at_once(*[say] * 10)
    assert not [outcome for outcome in outcomes if isinstance(outcome, ValidationError)]
    assert [comment.text for comment in Comment.objects.all()] == ["Vorher", "Einmal"]
