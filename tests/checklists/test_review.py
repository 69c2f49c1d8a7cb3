"""The consultant's review: private as a draft, the firm's once released."""

from __future__ import annotations

import threading

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.urls import reverse

from checklists.models import Review, ReviewTopic
from checklists.models.review import ReviewConflict, Said, Writing
from checklists.reviews import released_reviews
from tests.factories import make_company, make_engagement, make_round, make_user

EMPTY = Writing()
GOOD = Writing("Auf gutem Weg.", {"E03": Said("differs", "Fragen Sie die Kammer.", "", "Termin")})


@pytest.fixture
def dora(client, cast):
    client.force_login(cast.dora)
    return client


@pytest.fixture
def desk(cast, assessment) -> str:
    return reverse("review_edit", args=[cast.engagement.pk, assessment.number])


def fields(seen: str, **texts: str) -> dict[str, str]:
    return {"seen": seen, **{name.replace("__", "-"): text for name, text in texts.items()}}


def seen_on(page) -> str:
    return page.content.decode().partition('name="seen" value="')[2].partition('"')[0]


# --- verbs ----------------------------------------------------------------------------------------


def test_a_draft_is_its_writers_alone(cast, assessment, client):
    Review.write(assessment, GOOD, by=cast.dora, seen=EMPTY.digest)
    assert released_reviews(assessment) == []
    for reader in (cast.anna, cast.ben, cast.hanna, cast.emil):
        client.force_login(reader)
        page = client.get(reverse("reviews", args=[assessment.pk]))
        assert b"Auf gutem Weg." not in page.content
    second = make_user("Ina")
    make_engagement(cast.company, second)
    assert not Review.objects.written_by(second).exists()
    assert Review.objects.written_by(cast.dora).count() == 1


def test_release_numbers_signs_and_is_done_once(cast, assessment):
    first = Review.release(assessment, GOOD, by=cast.dora, seen=EMPTY.digest)
    assert first is not None
    assert (first.number, first.signature) == (1, "Dora, Beratung am Fluss")
    assert Review.release(assessment, GOOD, by=cast.dora, seen=EMPTY.digest) is None
    assert Review.objects.count() == 1
    (read,) = released_reviews(assessment)
    assert (read.number, read.summary, read.signature) == (1, GOOD.summary, first.signature)
    (topic,) = read.topics
    assert (topic.code, topic.view_name, topic.next_step) == ("E03", "sieht es anders", "Termin")


def test_a_new_draft_starts_from_the_last_release_and_leaves_it_alone(cast, assessment):
    Review.release(assessment, GOOD, by=cast.dora, seen=EMPTY.digest)
    newest = Review.newest(assessment, cast.dora)
    assert newest.writing == GOOD
    more = Writing("Noch besser.", GOOD.topics)
    draft = Review.write(assessment, more, by=cast.dora, seen=GOOD.digest)
    assert draft.is_draft
    assert [review.summary for review in released_reviews(assessment)] == ["Auf gutem Weg."]
    second = Review.release(assessment, more, by=cast.dora, seen=more.digest)
    assert second.number == 2
    assert [review.summary for review in released_reviews(assessment)] == ["Noch besser."]
    assert Review.objects.get(number=1).writing == GOOD


def test_the_signature_stays_when_the_name_changes(cast, assessment):
    Review.release(assessment, GOOD, by=cast.dora, seen=EMPTY.digest)
    cast.dora.name = "Dora Neu"
    cast.dora.save()
    assert released_reviews(assessment)[0].signature == "Dora, Beratung am Fluss"


def test_an_empty_review_is_not_released(cast, assessment):
    with pytest.raises(ValidationError):
        Review.release(assessment, EMPTY, by=cast.dora, seen=EMPTY.digest)
    assert not Review.objects.exists()


def test_two_consultants_get_two_numbers_and_both_stand(cast, assessment):
    ina = make_user("Ina")
    make_engagement(cast.company, ina)
    Review.release(assessment, GOOD, by=cast.dora, seen=EMPTY.digest)
    Review.release(assessment, Writing("Anders."), by=ina, seen=EMPTY.digest)
    assert [(r.number, r.summary) for r in released_reviews(assessment)] == [
        (1, "Auf gutem Weg."), (2, "Anders."),
    ]  # fmt: skip


def test_the_review_outlives_the_account(cast, assessment):
    Review.release(assessment, GOOD, by=cast.dora, seen=EMPTY.digest)
    cast.dora.delete()
    assert released_reviews(assessment)[0].signature == "Dora, Beratung am Fluss"


def test_the_second_of_two_windows_does_not_win_silently(cast, assessment):
    Review.write(assessment, GOOD, by=cast.dora, seen=EMPTY.digest)
    with pytest.raises(ReviewConflict) as conflict:
        Review.write(assessment, Writing("Aus Fenster zwei."), by=cast.dora, seen=EMPTY.digest)
    assert conflict.value.current == GOOD
    assert Review.newest(assessment, cast.dora).writing == GOOD


def test_saving_what_stands_is_a_success_whatever_was_seen(cast, assessment):
    Review.write(assessment, GOOD, by=cast.dora, seen=EMPTY.digest)
    Review.write(assessment, GOOD, by=cast.dora, seen=EMPTY.digest)
    assert Review.objects.count() == 1
    assert ReviewTopic.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_releases_at_once_are_one(catalogue):
    lead, dora = make_user("Anna"), make_user("Dora")
    company = make_company(lead)
    make_engagement(company, dora)
    assessment = make_round(company, "E03")
    start = threading.Barrier(20)
    failed: list[Exception] = []

    def release() -> None:
        try:
            start.wait()
            Review.release(assessment, GOOD, by=dora, seen=EMPTY.digest)
        except Exception as error:  # noqa: BLE001
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=release) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert connection.vendor == "postgresql"
    assert failed == []
    assert [review.number for review in Review.objects.all()] == [1]


# --- the desk -------------------------------------------------------------------------------------


def test_written_saved_and_read_again(dora, desk):
    page = dora.get(desk)
    response = dora.post(
        desk,
        fields(seen_on(page), summary="Auf gutem Weg.", E03__view="agrees", E05__next_step="Los"),
    )
    assert response.status_code == 302
    again = dora.get(desk).content.decode()
    assert "Auf gutem Weg." in again
    assert "Los" in again
    assert mail.outbox == []


def test_two_tabs_end_in_409_with_both_texts(dora, desk):
    first = second = seen_on(dora.get(desk))
    dora.post(desk, fields(first, summary="Erster Text", E03__recommendation="Gleich"))
    response = dora.post(desk, fields(second, summary="Zweiter Text", E03__recommendation="Gleich"))
    assert response.status_code == 409
    page = response.content.decode()
    assert "Erster Text" in page
    assert "Zweiter Text" in page
    assert page.count("Gespeichert ist:") == 1
    again = dora.post(
        desk, fields(seen_on(response), summary="Beides", E03__recommendation="Gleich")
    )
    assert again.status_code == 302
    assert Review.objects.get().summary == "Beides"


@pytest.fixture
def release(cast, assessment) -> str:
    return reverse("review_release", args=[cast.engagement.pk, assessment.number])


def test_before_the_release_one_reads_what_the_firm_will_read(dora, desk, release, assessment):
    posted = fields(seen_on(dora.get(desk)), summary="Nie vorher gespeichert", weiter="freigabe")
    shown = dora.post(desk, posted, follow=True)
    assert shown.redirect_chain == [(release, 302)]
    assert "Nie vorher gespeichert" in shown.content.decode()
    assert "Dora, Beratung am Fluss" in shown.content.decode()
    draft = Review.objects.get()
    assert (draft.is_draft, draft.signature) == (True, "")
    assert mail.outbox == []


def test_released_is_what_was_read_and_a_double_click_is_one_release(
    dora, desk, release, cast, assessment
):
    dora.post(desk, fields(EMPTY.digest, summary="Gelesen"))
    seen = seen_on(dora.get(release))
    for _click in range(2):
        assert dora.post(release, {"seen": seen}).status_code == 302
    assert [(each.number, each.summary) for each in Review.objects.all()] == [(1, "Gelesen")]
    assert [sent.to for sent in mail.outbox] == [[cast.anna.email]]
    assert reverse("reviews", args=[assessment.pk]) in mail.outbox[0].body
    page = dora.get(desk).content.decode()
    assert "In den Feldern steht sein Wortlaut" in page


def test_what_changed_after_reading_is_not_released_unread(dora, desk, release):
    dora.post(desk, fields(EMPTY.digest, summary="Gelesen"))
    seen = seen_on(dora.get(release))
    dora.post(desk, fields(seen, summary="Im anderen Fenster"))
    answer = dora.post(release, {"seen": seen}, follow=True)
    assert answer.redirect_chain == [(release, 302)]
    assert "hat sich inzwischen geändert" in answer.content.decode()
    assert Review.objects.get().is_draft
    assert mail.outbox == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_nothing_is_released_where_nothing_is_written(dora, desk, release, method):
    answer = getattr(dora, method)(release, {"seen": EMPTY.digest}, follow=True)
    assert answer.redirect_chain == [(desk, 302)]
    assert "Hier steht noch nichts" in answer.content.decode()
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("texts", "word"),
    [
        ({"summary": "x" * 4001}, "4001"),
        ({"E03__recommendation": "x\x00y"}, "unsichtbares"),
        ({"E03__view": "lobt"}, "Antworten"),
    ],
)
def test_what_does_not_fit_is_refused_and_kept(dora, desk, texts, word):
    response = dora.post(desk, fields(EMPTY.digest, E05__next_step="Bleibt stehen", **texts))
    assert response.status_code == 422
    page = response.content.decode()
    assert word in page
    assert "Bleibt stehen" in page
    assert not Review.objects.exists()


def test_a_topic_outside_the_round_is_not_written(dora, desk):
    dora.post(desk, fields(EMPTY.digest, summary="Ja", E01__recommendation="Heimlich"))
    assert set(Review.objects.get().writing.topics) == set()


def test_the_firm_reads_and_finds_it_from_the_result(client, cast, assessment):
    Review.release(assessment, GOOD, by=cast.dora, seen=EMPTY.digest)
    for reader in (cast.anna, cast.ben):
        client.force_login(reader)
        results = client.get(reverse("results", args=[assessment.pk])).content.decode()
        assert reverse("reviews", args=[assessment.pk]) in results
        page = client.get(reverse("reviews", args=[assessment.pk])).content.decode()
        assert "Fragen Sie die Kammer." in page
        assert "Dora, Beratung am Fluss" in page
    client.force_login(cast.clara)
    assert client.get(reverse("reviews", args=[assessment.pk])).status_code == 404


def test_the_clients_page_lists_what_one_has_released_oneself(dora, cast, assessment):
    at = reverse("client", args=[cast.engagement.pk])
    other = make_user("Gustav")
    Review.release(assessment, GOOD, by=other, seen=EMPTY.digest)
    Review.write(assessment, GOOD, by=cast.dora, seen=EMPTY.digest)
    assert "Ihre Beratungsberichte" not in dora.get(at).content.decode()
    Review.release(assessment, GOOD, by=cast.dora, seen=GOOD.digest)
    page = dora.get(at).content.decode()
    assert "Beratungsbericht 2 zu Durchgang 1" in page
    assert "Beratungsbericht 1 zu" not in page
    cast.engagement.sees_answers = False
    cast.engagement.save()
    assert "Ihre Beratungsberichte" not in dora.get(at).content.decode()


def test_after_the_end_the_firm_keeps_it_and_the_consultant_loses_it(client, cast, assessment):
    Review.release(assessment, GOOD, by=cast.dora, seen=EMPTY.digest)
    cast.engagement.end(by=cast.anna)
    client.force_login(cast.dora)
    for name in ("review_edit", "client_round"):
        url = reverse(name, args=[cast.engagement.pk, assessment.number])
        assert client.get(url).status_code == 404
    assert client.get(reverse("reviews", args=[assessment.pk])).status_code == 404
    assert not Review.objects.written_by(cast.dora).exists()
    client.force_login(cast.anna)
    page = client.get(reverse("reviews", args=[assessment.pk])).content.decode()
    assert "Fragen Sie die Kammer." in page


def test_the_desk_costs_few_queries(dora, desk, django_assert_max_num_queries):
    dora.get(desk)
    with django_assert_max_num_queries(12):
        dora.get(desk)
