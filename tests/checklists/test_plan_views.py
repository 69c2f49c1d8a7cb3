"""The plan's pages: deciding about steps, moving measures, and bad input that loses nothing."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from checklists.models import (
    Measure,
    MeasureComment,
    MeasureGap,
    Question,
    Review,
    ReviewTopic,
    StepDecision,
)
from checklists.models.review import Said, Writing
from portal.accounts.days import add_months
from tests.factories import fill, make_engagement, make_measure, make_round


@pytest.fixture
def step(assessment):
    return Question.objects.get(aid__code="E03", number=2).step


@pytest.fixture
def decide(assessment, step):
    return reverse("step_decide", args=[assessment.pk, step.key])


@pytest.fixture
def measure(cast) -> Measure:
    today = timezone.localdate()
    return make_measure(
        cast.company, "Geräte auflisten", responsible=cast.anna, assigned=True,
        starts_on=today, due_on=today + timedelta(days=10),
    )  # fmt: skip


def page(client, name: str, *args, **query) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def way_back(html: str) -> tuple[str, dict[str, str]]:
    """The form in the message that takes it back: address and fields."""
    form = re.search(
        r'<form class="gs-message__back"[^>]*action="([^"]+)">(.*?)</form>', html, re.DOTALL
    )
    assert form, "no way back offered"
    fields = re.findall(r'name="([^"]+)"\s+value="([^"]*)"', form[2])
    return form[1], {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


# --- Deciding -------------------------------------------------------------------------------------


def test_a_step_goes_into_the_plan_by_one_click_and_out_by_another(
    login, cast, assessment, step, decide
):
    client = login(cast.anna)
    back = reverse("results", args=[assessment.pk]) + "#schritt-1"
    response = client.post(decide, {"was": "aufnehmen", "weiter": back})
    assert response["Location"] == back
    measure = Measure.objects.get()
    assert [gap.question.key for gap in measure.closes.all()] == ["E03-02"]
    html = page(client, "results", assessment.pk)
    assert "Im Plan" in html
    url, fields = way_back(html)
    client.post(url, fields)
    assert not Measure.objects.exists()
    assert "In den Plan" in page(client, "results", assessment.pk)


def test_a_step_taken_twice_leads_to_its_measure(login, cast, step, decide):
    client = login(cast.anna)
    client.post(decide, {"was": "aufnehmen"})
    measure = Measure.objects.get()
    response = client.post(decide, {"was": "aufnehmen"}, follow=True)
    assert response.redirect_chain[-1][0] == reverse("measure", args=[measure.pk])
    assert "steht schon im Plan" in response.content.decode()
    assert Measure.objects.count() == 1


def test_later_and_not_for_us_can_be_taken_back(login, cast, assessment, step, decide):
    client = login(cast.anna)
    day = timezone.localdate() + timedelta(days=100)
    client.post(decide, {"was": "spaeter", "wieder": day.strftime("%d.%m.%Y")})
    assert "Auf später gelegt" in page(client, "results", assessment.pk)
    client.post(decide, {"was": "doch"})
    client.post(decide, {"was": "nicht", "grund": "Wir sind zu zweit."})
    assert "Wir sind zu zweit." in page(client, "results", assessment.pk)
    client.post(decide, {"was": "doch"})
    assert not StepDecision.objects.current().exists()
    assert StepDecision.objects.count() == 2


@pytest.mark.parametrize(
    ("sent", "message", "kept"),
    [
        ({"was": "spaeter", "wieder": "31.02.2027"}, "Diesen Tag gibt es nicht", "31.02.2027"),
        ({"was": "spaeter", "wieder": "20025-01-01"}, "Diesen Tag gibt es nicht", "20025-01-01"),
        ({"was": "spaeter", "wieder": "2150-01-01"}, "zwischen 2000 und 2100", "2150-01-01"),
        ({"was": "spaeter"}, "wann Sie wieder darauf sehen", ""),
        ({"was": "nicht", "grund": " "}, "Schreiben Sie kurz dazu", ""),
        ({"was": "nicht", "grund": "x" * 501}, "höchstens 500 Zeichen", "x" * 501),
    ],
)
def test_what_a_decision_lacks_is_said_and_nothing_lost(login, cast, decide, sent, message, kept):
    response = login(cast.anna).post(decide, sent)
    assert response.status_code == 422
    assert message in response.content.decode()
    assert kept in response.content.decode()
    assert not StepDecision.objects.exists()


def test_a_day_in_the_past_is_no_later(login, cast, decide):
    response = login(cast.anna).post(
        decide, {"was": "spaeter", "wieder": "2020-01-01"}, follow=True
    )
    assert "der noch kommt" in response.content.decode()
    assert not StepDecision.objects.exists()


def test_an_older_round_decides_nothing(login, cast, assessment, step, decide):
    assessment.close()
    make_round(cast.company, "E03")
    response = login(cast.anna).post(decide, {"was": "aufnehmen"}, follow=True)
    assert "Es gibt einen neueren Durchgang" in response.content.decode()
    assert not Measure.objects.exists()


def test_a_nein_leads_to_its_step(login, cast, assessment, step, decide):
    client = login(cast.ben)
    html = page(client, "checklist", assessment.pk, "E03")
    assert html.count(decide) == 1
    shown = client.get(decide).content.decode()
    assert step.title in shown
    assert "entscheidet die Leitung" in shown
    assert 'value="aufnehmen"' not in shown


def test_a_step_that_no_nein_calls_for_any_more_says_so(login, cast, assessment, decide):
    fill(assessment, {"E03-02": "ja"})
    assert "keine Antwort mehr auf Nein" in login(cast.anna).get(decide).content.decode()


# --- Moving ---------------------------------------------------------------------------------------


def test_the_count_of_the_plan_says_what_was_declined(login, cast, measure):
    for title in ("Eins", "Zwei"):
        make_measure(cast.company, title, status="declined", reason="Zu teuer.")
    html = " ".join(page(login(cast.anna), "plan", cast.company.pk).split())
    assert "Eine Maßnahme. Zwei sind nichts für uns." in html


def test_moving_is_a_press_and_can_be_undone(login, cast, measure):
    client = login(cast.anna)
    plan = reverse("plan", args=[cast.company.pk])
    sent = {"was": "beginnen", "version": 1, "weiter": f"{plan}?ansicht=stufen"}
    response = client.post(reverse("measure_move", args=[measure.pk]), sent, follow=True)
    assert response.redirect_chain[-1][0] == f"{plan}?ansicht=stufen"
    measure.refresh_from_db()
    assert measure.status == "in_work"
    url, fields = way_back(response.content.decode())
    back = client.post(url, fields)
    assert back["Location"] == f"{plan}?ansicht=stufen"
    measure.refresh_from_db()
    assert measure.status == "open"


def presses(html: str, measure: Measure) -> dict[str, dict[str, str]]:
    """The forms on a page that move the measure, by their button; "frist" by its day."""
    url = reverse("measure_move", args=[measure.pk])
    found = {}
    for form in re.findall(rf'<form[^>]*action="{url}"[^>]*>(.*?)</form>', html, re.DOTALL):
        hidden = dict(re.findall(r'type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', form))
        hidden.pop("csrfmiddlewaretoken", None)
        for was in re.findall(r'name="was"\s+value="(\w+)"', form):
            found[hidden.get("frist", was)] = hidden | {"was": was}
    return found


@pytest.mark.parametrize("view", ["liste", "stufen", "zeit"])
def test_every_view_moves_by_a_press_that_can_be_undone(login, cast, measure, view):
    today = timezone.localdate()
    due = add_months(today, 2)
    Measure.objects.filter(pk=measure.pk).update(due_on=due)
    client = login(cast.anna)
    plan = {"ansicht": view} | ({"ab": f"{today:%Y-%m}"} if view == "zeit" else {})
    offered = presses(page(client, "plan", cast.company.pk, **plan), measure)
    days = [add_months(due, -1).isoformat(), add_months(due, 1).isoformat()]
    assert set(offered) == {"beginnen", "erledigt", *days}
    for day in days:
        sent = offered[day] | {"version": Measure.objects.get().version}
        url = reverse("measure_move", args=[measure.pk])
        html = client.post(url, sent, follow=True).content.decode()
        measure.refresh_from_db()
        assert measure.due_on.isoformat() == day
        client.post(*way_back(html))
        measure.refresh_from_db()
        assert measure.due_on == due
    assert not presses(page(login(cast.ben), "plan", cast.company.pk, **plan), measure)


def test_a_month_earlier_is_no_day_that_is_past_or_before_the_beginning(login, cast, measure):
    client = login(cast.anna)
    today = timezone.localdate()
    for starts, due, months in ((today, 10, [1]), (None, 10, [1]), (None, 40, [-1, 1])):
        day = today + timedelta(days=due)
        Measure.objects.filter(pk=measure.pk).update(starts_on=starts, due_on=day)
        offered = presses(page(client, "plan", cast.company.pk), measure)
        assert {said for said in offered if "-" in said} == {
            add_months(day, number).isoformat() for number in months
        }


@pytest.mark.parametrize("weiter", ["https://boese.example/", "//boese.example/", "javascript:1"])
def test_a_press_never_leads_elsewhere(login, cast, measure, weiter):
    url = reverse("measure_move", args=[measure.pk])
    response = login(cast.anna).post(url, {"was": "beginnen", "version": 1, "weiter": weiter})
    assert response["Location"] == reverse("measure", args=[measure.pk])


def test_done_asks_for_the_questions_behind_it(login, cast, assessment, measure):
    question = Question.objects.get(aid__code="E03", number=2)
    MeasureGap.objects.create(measure=measure, question=question)
    url = reverse("measure_move", args=[measure.pk])
    response = login(cast.anna).post(url, {"was": "erledigt", "version": 1}, follow=True)
    html = response.content.decode()
    assert response.redirect_chain[-1][0].endswith("#fragen")
    assert "Neu beantworten" in html
    assert f"{reverse('checklist', args=[assessment.pk, 'E03'])}#E03-02" in html
    assert "Nach 3 Monaten" in html
    fill(assessment, {"E03-02": "ja"})
    assert "Schon neu beantwortet" in page(login(cast.anna), "measure", measure.pk)
    assessment.close()
    assert "Im nächsten Durchgang" in page(login(cast.anna), "measure", measure.pk)


def test_two_people_moving_one_measure_see_both(login, cast, measure):
    url = reverse("measure_move", args=[measure.pk])
    due = measure.due_on + timedelta(days=31)
    client = login(cast.anna)
    client.post(url, {"was": "beginnen", "version": 1})
    stale = {"was": "frist", "frist": due.isoformat(), "version": 1}
    response = client.post(url, stale)
    html = response.content.decode()
    assert response.status_code == 409
    assert "begonnen" in html
    assert "Frist verschieben" in html
    measure.refresh_from_db()
    assert measure.due_on != due
    again = dict(re.findall(r'name="(version|frist|was)"\s+value="([^"]*)"', html))
    assert client.post(url, again).status_code == 302
    measure.refresh_from_db()
    assert (measure.due_on, measure.status) == (due, "in_work")


def test_a_double_click_on_done_is_no_conflict(login, cast, measure):
    client, url = login(cast.anna), reverse("measure_move", args=[measure.pk])
    answers = [client.post(url, {"was": "erledigt", "version": 1}).status_code for _ in range(2)]
    assert answers == [302, 302]
    measure.refresh_from_db()
    assert (measure.version, measure.checks.count()) == (2, 3)


def test_a_move_without_what_it_needs_shows_the_measure_again(login, cast, measure):
    url = reverse("measure_move", args=[measure.pk])
    sent = {"was": "frist", "version": 1, "frist": "31.02.2027"}
    response = login(cast.anna).post(url, sent)
    html = response.content.decode()
    assert response.status_code == 422
    assert "Diesen Tag gibt es nicht" in html
    assert 'value="31.02.2027"' in html


def test_a_member_changes_their_own_measures_only(login, cast, measure):
    url = reverse("measure_move", args=[measure.pk])
    assert login(cast.ben).post(url, {"was": "beginnen", "version": 1}).status_code == 403
    measure.hand_to(cast.ben, version=1, by=cast.anna)
    assert login(cast.ben).post(url, {"was": "beginnen", "version": 2}).status_code == 302


# --- The form -------------------------------------------------------------------------------------


def said(measure: Measure | None = None, **other) -> dict:
    fields = {
        "title": "Geräte auflisten", "direction": "", "way": "", "done_when": "",
        "responsible": "", "responsible_role": "", "team": "", "starts_on": "", "due_on": "",
        "priority": "2", "effort": "", "budget": "", "budget_amount": "",
    }  # fmt: skip
    return fields | ({"version": measure.version} if measure else {}) | other


def test_an_own_measure_needs_only_its_title(login, cast):
    url = reverse("measure_create", args=[cast.company.pk])
    response = login(cast.anna).post(url, said())
    measure = Measure.objects.get()
    assert response["Location"] == reverse("measure", args=[measure.pk])
    assert (measure.step, measure.responsible, measure.due_on) == (None, None, None)


def test_all_that_one_can_say_is_kept(login, cast, assessment):
    question = Question.objects.get(aid__code="E03", number=2)
    sent = said(
        direction="Wissen, was da ist.\r\nDann kaufen.", way="Halle für Halle.",
        responsible=cast.ben.pk, team="Halle 1", starts_on="2027-01-10", due_on="28.02.2027",
        priority="1", budget="yes", budget_amount="1.200,50 €", gaps=[question.pk],
    )  # fmt: skip
    assert login(cast.anna).post(
        reverse("measure_create", args=[cast.company.pk]), sent
    ).status_code == 302  # fmt: skip
    measure = Measure.objects.get()
    assert measure.responsible == cast.ben
    assert (measure.starts_on, measure.due_on) == (date(2027, 1, 10), date(2027, 2, 28))
    assert str(measure.budget_amount) == "1200.50"
    assert [gap.question for gap in measure.closes.all()] == [question]
    html = page(login(cast.anna), "measure", measure.pk)
    assert "1.200,50" in html


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"title": ""}, "Bitte schreiben Sie, was getan wird."),
        ({"due_on": "31.02.2027"}, "Diesen Tag gibt es nicht"),
        ({"due_on": "20025-03-01"}, "Diesen Tag gibt es nicht"),
        ({"due_on": "1999-12-31"}, "zwischen 2000 und 2100"),
        ({"starts_on": "2027-03-02", "due_on": "2027-03-01"}, "Die Frist liegt vor dem Beginn"),
        ({"budget_amount": "viel", "budget": "yes"}, "Bitte geben Sie einen Betrag ein"),
        ({"budget_amount": "5"}, "Bitte wählen Sie „ja“"),
        ({"title": "x" * 161}, "höchstens 160 Zeichen"),
        ({"title": "a\x00b"}, "unsichtbares Zeichen"),
    ],
)
def test_wrong_input_is_named_and_kept(login, cast, wrong, message):
    sent = said(way="Das bleibt stehen.") | wrong
    response = login(cast.anna).post(reverse("measure_create", args=[cast.company.pk]), sent)
    html = response.content.decode()
    assert response.status_code == 422
    assert message in html
    assert "Das bleibt stehen." in html
    for value in wrong.values():
        if "\x00" not in value:
            assert value in html
    assert not Measure.objects.exists()


def test_whoever_left_cannot_be_made_responsible(login, cast):
    url = reverse("measure_create", args=[cast.company.pk])
    for stranger in (cast.frida, cast.clara, cast.emil):
        response = login(cast.anna).post(url, said(responsible=stranger.pk))
        assert response.status_code == 422
        assert "gehört nicht (mehr)" in response.content.decode()


def test_a_person_or_a_role_not_both(login, cast):
    sent = said(responsible=cast.ben.pk, responsible_role="Meister")
    response = login(cast.anna).post(reverse("measure_create", args=[cast.company.pk]), sent)
    assert response.status_code == 422
    assert "entweder eine Person oder eine Rolle" in response.content.decode()


def test_two_people_editing_lose_nothing(login, cast, measure):
    url = reverse("measure_edit", args=[measure.pk])
    client = login(cast.anna)
    client.post(url, said(measure, title="Alle Geräte auflisten"))
    mine = said(measure, title="Nur die neuen Geräte", way="Am Freitag.")
    response = client.post(url, mine)
    html = response.content.decode()
    assert response.status_code == 409
    assert "Alle Geräte auflisten" in html
    assert "Nur die neuen Geräte" in html
    measure.refresh_from_db()
    assert (measure.title, measure.version) == ("Alle Geräte auflisten", 2)
    version = re.search(r'name="version"[^>]*value="(\d+)"', html)
    assert client.post(url, mine | {"version": version[1]}).status_code == 302
    measure.refresh_from_db()
    assert (measure.title, measure.way) == ("Nur die neuen Geräte", "Am Freitag.")


def test_comments_are_said_once_and_never_for_consultants(login, cast, measure):
    client, url = login(cast.ben), reverse("measure_comment", args=[measure.pk])
    assert client.post(url, {"text": " "}).status_code == 422
    for _ in range(2):
        client.post(url, {"text": "Halle 2 ist durch."})
    assert MeasureComment.objects.count() == 1
    assert "Halle 2 ist durch." in page(client, "measure", measure.pk)
    assert "Halle 2" not in page(login(cast.dora), "client_plan", cast.engagement.pk)


# --- Views ----------------------------------------------------------------------------------------


def test_the_empty_plan_says_what_will_be_here(login, cast, assessment):
    html = page(login(cast.anna), "plan", cast.company.pk)
    assert "Nehmen Sie einen oder zwei in den Plan" in html
    assert reverse("results", args=[assessment.pk]) in html


def titles(html: str) -> list[str]:
    found = re.findall(r'<h3>\s*<a[^>]*massnahmen/\d+/"[^>]*>(.*?)</a>', html, re.DOTALL)
    return [" ".join(title.split()) for title in found]


def test_overdue_comes_first_and_filters_narrow(login, cast, assessment):
    today = timezone.localdate()
    question = Question.objects.get(aid__code="E03", number=2)
    late = make_measure(cast.company, "Spät", due_on=today - timedelta(days=2))
    MeasureGap.objects.create(measure=late, question=question)
    make_measure(cast.company, "Bald", due_on=today, responsible=cast.ben, assigned=True)
    make_measure(cast.company, "Ohne Tag")
    make_measure(cast.company, "Fertig", status="done", done_on=today, due_on=today)
    make_measure(cast.company, "Ruht", status="put_off", look_again_on=today + timedelta(days=9))
    client = login(cast.ben)
    pk = cast.company.pk
    assert titles(page(client, "plan", pk)) == ["Spät", "Bald", "Ohne Tag", "Ruht", "Fertig"]
    assert titles(page(client, "plan", pk, wer="meine")) == ["Bald"]
    assert titles(page(client, "plan", pk, stand="ueberfaellig")) == ["Spät"]
    assert titles(page(client, "plan", pk, stand="done")) == ["Fertig"]
    assert titles(page(client, "plan", pk, stand="offen")) == ["Spät", "Bald", "Ohne Tag", "Ruht"]
    assert titles(page(client, "plan", pk, thema="E03")) == ["Spät"]
    assert titles(page(client, "plan", pk, thema="E05")) == []
    assert titles(page(client, "plan", pk, stufe=str(question.stage))) == ["Spät"]
    assert len(titles(page(client, "plan", pk, stand="quatsch", stufe="99", seite="x"))) == 5
    assert "seit 2 Tagen fällig" in page(client, "plan", pk)


def test_by_stage_and_by_month(login, cast, measure):
    question = Question.objects.get(aid__code="E03", number=2)
    MeasureGap.objects.create(measure=measure, question=question)
    make_measure(cast.company, "Ohne Lücke", due_on=date(2031, 5, 4))
    client, pk = login(cast.anna), cast.company.pk
    html = page(client, "plan", pk, ansicht="stufen")
    assert question.get_stage_display() in html
    assert "Eigene Maßnahmen" in html
    now = page(client, "plan", pk, ansicht="zeit")
    assert "Geräte auflisten" in now
    assert "Ohne Lücke" not in now
    then = page(client, "plan", pk, ansicht="zeit", ab="2031-03")
    assert "März 2031 bis August 2031" in " ".join(then.split())
    assert "Ohne Lücke" in then
    for nonsense in ("2031-13", "20025-01", "gestern", "1899-01"):
        page(client, "plan", pk, ansicht="zeit", ab=nonsense)


def test_a_consultant_reads_the_plan_only_where_granted(login, cast, measure):
    html = page(login(cast.dora), "client_plan", cast.engagement.pk)
    assert "Geräte auflisten" in html
    assert "measure_move" not in html
    assert "/stand/" not in html
    assert "Bearbeiten" not in html
    cast.engagement.change(by=cast.anna, sees_plan=False)
    url = reverse("client_plan", args=[cast.engagement.pk])
    assert login(cast.dora).get(url).status_code == 404
    other = make_engagement(cast.other, cast.hanna)
    assert login(cast.dora).get(reverse("client_plan", args=[other.pk])).status_code == 404


def test_whoever_left_is_named_as_such(login, cast, measure):
    measure.hand_to(cast.ben, version=1, by=cast.anna)
    cast.company.memberships.get(user=cast.ben).end(by=cast.anna)
    assert "(ehemaliges Mitglied)" in page(login(cast.anna), "plan", cast.company.pk)
    measure.refresh_from_db()
    measure.take_over(cast.anna)
    html = " ".join(page(login(cast.anna), "plan", cast.company.pk).split())
    assert "übernommen von Ben (ehemaliges Mitglied)" in html


@pytest.mark.parametrize("view", ["liste", "stufen", "zeit"])
def test_five_hundred_measures_stay_usable(login, cast, assessment, view):
    today = timezone.localdate()
    questions = list(Question.objects.filter(aid__code="E03"))
    Measure.objects.bulk_create(
        Measure(
            company=cast.company, title=f"Maßnahme {n}", due_on=today + timedelta(days=n % 90 - 20),
            responsible=cast.ben if n % 2 else cast.anna, assigned=True,
        )
        for n in range(500)
    )  # fmt: skip
    MeasureGap.objects.bulk_create(
        MeasureGap(measure=measure, question=questions[measure.pk % len(questions)])
        for measure in Measure.objects.all()
    )
    client = login(cast.anna)
    page(client, "plan", cast.company.pk)
    with CaptureQueriesContext(connection) as queries:
        html = page(client, "plan", cast.company.pk, ansicht=view)
    assert len(queries) < 15, [query["sql"][:90] for query in queries]
    assert "von 500" in html or view == "zeit"
    assert len(html) < 400_000


def test_a_proposed_step_of_a_review_becomes_a_measure(login, cast, assessment):
    writing = Writing("Gut dabei.", {"E03": Said("differs", "", "", "Mit der Kammer reden.")})
    Review.release(assessment, writing, by=cast.dora, seen=Writing().digest)
    client = login(cast.anna)
    link = f"{reverse('measure_create', args=[cast.company.pk])}?aus="
    topic = ReviewTopic.objects.get()
    assert f"{link}{topic.pk}" in page(client, "reviews", assessment.pk)
    assert "Mit der Kammer reden." in client.get(f"{link}{topic.pk}").content.decode()
    for nonsense in ("0", "x", "9" * 30, str(topic.pk + 1)):
        assert client.get(f"{link}{nonsense}").status_code == 200
    assert link not in page(login(cast.ben), "reviews", assessment.pk)


def test_a_day_that_does_not_exist_stays_visible(login, cast):
    """In a date field browsers hide what is no date: then it is a text field."""
    url = reverse("measure_create", args=[cast.company.pk])
    html = login(cast.anna).post(url, said(due_on="31.02.2027", starts_on="2027-01-10")).content
    fields = dict(re.findall(r'<input type="(\w+)" name="(starts_on|due_on)"', html.decode()))
    assert fields == {"date": "starts_on", "text": "due_on"}
