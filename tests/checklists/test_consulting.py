"""The consultant's room: clients, what is new at them, and nothing that was not granted."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from checklists.clients import clients
from checklists.models import Answer, Assessment, AssessmentTopic, Delegation, Thread
from checklists.models.catalogue import Question
from portal.accounts.models import Company, ConsultantProfile, Engagement, Role
from reports.models import Report
from tests.factories import fill, make_company, make_engagement, make_round, make_user

pytestmark = pytest.mark.django_db
ROOM = "/beratung/"


@pytest.fixture
def dora(client, cast):
    client.force_login(cast.dora)
    return client


def text(response) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def see(dora, engagement) -> None:
    """Press "Als gesehen markieren" on the client's page."""
    page = text(dora.get(reverse("client", args=[engagement.pk])))
    stand = page.partition('name="stand" value="')[2][:16]
    dora.post(reverse("client_visited", args=[engagement.pk]), {"stand": stand})
    engagement.refresh_from_db()


def grant(engagement, **grants) -> None:
    Engagement.objects.filter(pk=engagement.pk).update(**grants)
    engagement.refresh_from_db()


# --- profile --------------------------------------------------------------------------------------


def test_a_profile_makes_a_consultant(client):
    ida = make_user("Ida")
    client.force_login(ida)
    assert "Beratungsprofil anlegen" in text(client.get(ROOM))
    response = client.post(
        reverse("consultant_profile"),
        {
            "name": "Ida Lang",
            "organisation": "Lang & Partner",
            "network": "",
            "regions": ["NW", "HE"],
            "topics": ["E03", "E05"],
        },
    )
    assert response.headers["Location"] == ROOM
    ida.refresh_from_db()
    profile = ida.consultant_profile
    assert (ida.is_consultant, ida.name) == (True, "Ida Lang")
    assert (profile.organisation, profile.regions, profile.topics) == (
        "Lang & Partner", "NW HE", "E03 E05",
    )  # fmt: skip
    client.post(reverse("consultant_profile"), {"name": "Ida Lang"})
    assert ConsultantProfile.objects.filter(user=ida).count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"name": "I\x00da"},
        {"name": "Ida", "organisation": "x" * 201},
        {"name": "Ida", "network": "erfunden"},
        {"name": "Ida", "regions": ["XX"]},
        {"name": "Ida", "topics": ["E99"]},
    ],
)
def test_a_profile_that_does_not_fit_makes_none(client, fields):
    ida = make_user("Ida")
    client.force_login(ida)
    assert client.post(reverse("consultant_profile"), fields).status_code == 422
    ida.refresh_from_db()
    assert not ida.is_consultant


def test_networks_come_from_the_catalogue(client):
    client.force_login(make_user("Ida"))
    page = text(client.get(reverse("consultant_profile")))
    assert "keins" in page
    assert page.count("<option") == 3


# --- the room -------------------------------------------------------------------------------------


def test_the_room_says_where_each_client_stands(dora, assessment):
    page = text(dora.get(ROOM))
    assert "Dachdeckerei Sommer" in page
    assert "3 von 15 beantwortet" in page
    assert "11 unbeantwortet" in page
    assert "1 „weiß nicht“" in page
    assert "Noch nicht angesehen" in page


def test_what_changed_since_the_last_visit(dora, cast, assessment):
    Report.freeze(assessment, by=cast.anna)
    see(dora, cast.engagement)
    assert "Nichts Neues." in text(dora.get(ROOM))
    version = Answer.objects.get(assessment=assessment, question__number=2).version
    line = Question.objects.get(aid__code="E03", number=2)
    assessment.record(line, version=version, value="ja")
    fill(assessment, {"E05-02": "nein", "E05-03": "ja"})
    Report.freeze(assessment, by=cast.anna)
    page = text(dora.get(ROOM))
    assert "3 Antworten geändert" in page
    assert "Ein neuer Bericht" in page
    assert "Bei einem Mandat hat sich" in page
    at_the_client = text(dora.get(reverse("client", args=[cast.engagement.pk])))
    assert at_the_client.count("neu für Sie") == 1  # the second of two reports
    inside = text(dora.get(reverse("client_round", args=[cast.engagement.pk, 1])))
    assert inside.count('class="is-new"') == 3
    assert "aus „Nein“ wurde „Ja“" in inside
    see(dora, cast.engagement)
    assert "Nichts Neues." in text(dora.get(ROOM))


def test_a_new_round_is_news(dora, cast, assessment):
    see(dora, cast.engagement)
    assessment.close()
    make_round(cast.company, "E03")
    assert "Durchgang 2 hat begonnen" in text(dora.get(ROOM))


def test_what_comes_after_the_page_was_shown_is_not_marked_as_seen(dora, cast, assessment):
    page = text(dora.get(reverse("client", args=[cast.engagement.pk])))
    stand = page.partition('name="stand" value="')[2][:16]
    fill(assessment, {"E05-02": "nein"})
    dora.post(reverse("client_visited", args=[cast.engagement.pk]), {"stand": stand})
    cast.engagement.refresh_from_db()
    assert cast.engagement.visited_at is None


def test_looking_writes_nothing(dora, cast, assessment):
    for url in (
        ROOM,
        reverse("client", args=[cast.engagement.pk]),
        reverse("client_round", args=[cast.engagement.pk, 1]),
        reverse("review_edit", args=[cast.engagement.pk, 1]),
    ):
        dora.get(url)
    cast.engagement.refresh_from_db()
    assert (cast.engagement.visited_at, cast.engagement.seen) == (None, {})


def test_a_changed_note_is_no_news(dora, cast, assessment):
    """Not even that there is one: the notes are not granted."""
    grant(cast.engagement, sees_notes=False)
    see(dora, cast.engagement)
    question = Question.objects.get(aid__code="E03", number=1)
    assessment.record(question, version=1, note="Neu und vertraulich")
    assert "Nichts Neues." in text(dora.get(ROOM))


def make_clients(consultant, number: int) -> None:
    """That many clients with a round each, quickly: copies of the first."""
    lead = make_user("Lea")
    first = make_company(lead, "Betrieb 00000")
    make_engagement(first, consultant)
    assessment = make_round(first, "E03", "E05")
    fill(assessment, {"E03-01": "ja", "E05-01": "weissnicht"})
    companies = Company.objects.bulk_create(
        Company(name=f"Betrieb {n:05d}") for n in range(1, number)
    )
    Engagement.objects.bulk_create(
        Engagement(
            company=company,
            email=consultant.email,
            consultant=consultant,
            until=first.engagements.get().until,
            accepted_at=first.engagements.get().accepted_at,
        )
        for company in companies
    )
    rounds = Assessment.objects.bulk_create(
        Assessment(company=company, number=1, edition=assessment.edition) for company in companies
    )
    topics = list(assessment.topics.all())
    AssessmentTopic.objects.bulk_create(
        AssessmentTopic(assessment=each, aid=aid) for each in rounds for aid in topics
    )
    given = list(assessment.answers.all())
    Answer.objects.bulk_create(
        [
            Answer(
                assessment=each,
                question_id=answer.question_id,
                value=answer.value,
                wording_hash=answer.wording_hash,
            )
            for each in rounds
            for answer in given
        ],
        batch_size=5000,
    )


def test_ten_queries_and_fifty_clients_a_page_with_a_thousand(client, cast):
    make_clients(cast.dora, 1000)
    client.force_login(cast.dora)
    client.get(ROOM)
    seen: list[str] = []
    url = ROOM
    for _page in range(3):
        with CaptureQueriesContext(connection) as queries:
            body = client.get(url).content.decode()
        assert len(queries) <= 10, [query["sql"][:90] for query in queries]
        read = [query["sql"] for query in queries if '"checklists_answer"."value"' in query["sql"]]
        assert len(read) == 1
        assert read[0].partition(" IN (")[2].count(",") <= 50
        names = [part.partition("<")[0] for part in body.split('/">Betrieb ')[1:]]
        assert len(names) == 50
        seen += names
        url = ROOM + body.partition(f'href="{ROOM}?nach=')[2].partition('"')[0].join(("?nach=", ""))
    assert seen == [f"{n:05d}" for n in range(150)]


def test_clients_are_found_by_name(client, cast):
    make_clients(cast.dora, 60)
    client.force_login(cast.dora)
    page = text(client.get(ROOM, {"q": "betrieb 0004"}))
    assert page.count("k-client") == 10
    assert "Kein Mandat mit „xyz“" in text(client.get(ROOM, {"q": "xyz"}))


@pytest.mark.parametrize("query", ["nach=x", "nach=99999999999999999999", "q=" + "x" * 300, "q=%"])
def test_odd_queries_do_no_harm(dora, query):
    assert dora.get(f"{ROOM}?{query}").status_code == 200


# --- what is granted ------------------------------------------------------------------------------


def test_without_answers_there_are_none_anywhere(dora, cast, assessment):
    grant(cast.engagement, sees_answers=False, sees_reports=False)
    for url in (ROOM, reverse("client", args=[cast.engagement.pk])):
        page = text(dora.get(url))
        assert "beantwortet" not in page
        assert "Antworten sind für Sie nicht freigegeben." in page
    for name in ("client_round", "review_edit"):
        assert dora.get(reverse(name, args=[cast.engagement.pk, 1])).status_code == 404
    assert dora.post(reverse("review_release", args=[cast.engagement.pk, 1])).status_code == 404
    (shown,) = clients([cast.engagement])
    assert (shown.round, shown.report, shown.standing) == (None, 0, {})


@pytest.mark.parametrize("granted", [True, False])
def test_notes_only_where_granted_reasons_with_the_answers(dora, cast, assessment, granted):
    grant(cast.engagement, sees_notes=granted)
    page = text(dora.get(reverse("client_round", args=[cast.engagement.pk, 1])))
    assert ("Termin mit der Kammer" in page) is granted
    assert "Das kommt bei uns nicht vor." in page


@pytest.mark.parametrize("granted", [True, False])
def test_reports_only_where_granted(dora, cast, assessment, granted):
    report = Report.freeze(assessment, by=cast.anna)
    grant(cast.engagement, sees_reports=granted)
    page = text(dora.get(reverse("client", args=[cast.engagement.pk])))
    assert (reverse("report", args=[report.pk]) in page) is granted
    assert dora.get(reverse("report", args=[report.pk])).status_code == (200 if granted else 404)


def test_the_teams_talk_is_never_there(dora, cast, assessment):
    question = Question.objects.get(aid__code="E03", number=2)
    Thread.say(assessment, question, "Das sage ich nur euch", by=cast.anna)
    Delegation.hand_over(assessment, question.aid, [cast.ben], due=None, by=cast.anna)
    for url in (
        ROOM,
        reverse("client", args=[cast.engagement.pk]),
        reverse("client_round", args=[cast.engagement.pk, 1]),
        reverse("review_edit", args=[cast.engagement.pk, 1]),
    ):
        page = text(dora.get(url))
        assert "Das sage ich nur euch" not in page
        assert "Ben" not in page
        assert "Anna" not in page


def test_an_ended_engagement_shows_nothing(client, cast, assessment):
    hanna = Engagement.objects.get(consultant=cast.hanna)
    client.force_login(cast.hanna)
    assert "Sommer" not in text(client.get(ROOM))
    assert client.get(reverse("client", args=[hanna.pk])).status_code == 404
    for name in ("client_round", "review_edit"):
        assert client.get(reverse(name, args=[hanna.pk, 1])).status_code == 404
    assert client.post(reverse("client_visited", args=[hanna.pk])).status_code == 404


def test_a_round_of_another_company_is_not_reached_through_ones_own_client(dora, cast, assessment):
    make_round(cast.other, "E03").close()
    make_round(cast.other, "E03")
    assert dora.get(reverse("client_round", args=[cast.engagement.pk, 2])).status_code == 404


def test_leaving_ends_it_for_the_consultant(dora, cast, assessment):
    dora.post(reverse("engagement_leave", args=[cast.engagement.pk]))
    assert dora.get(reverse("client", args=[cast.engagement.pk])).status_code == 404
    assert cast.company.memberships.filter(role=Role.LEAD).count() == 1
