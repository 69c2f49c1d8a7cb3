"""Saving an answer through its address: htmx and plain, and everything that can go wrong."""

from __future__ import annotations

import pytest
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from checklists.models import Answer, Assessment
from checklists.sheet import Sheet

pytestmark = pytest.mark.sqlite

HTMX = {"HX-Request": "true"}


@pytest.fixture
def anna(login, cast):
    return login(cast.anna)


def url(assessment: Assessment, key: str = "E03-03") -> str:
    return reverse("answer", args=[assessment.pk, key])


def stored(assessment: Assessment, key: str = "E03-03") -> Answer | None:
    code, number = key.split("-")
    return Answer.objects.filter(
        assessment=assessment, question__aid__code=code, question__number=int(number)
    ).first()


def test_a_click_saves_and_moves_the_progress(anna, assessment):
    response = anna.post(url(assessment), {"version": 0, "antwort": "ja"}, headers=HTMX)
    html = response.content.decode()
    status = html.partition('role="status"')[2].partition("</p>")[0]
    assert "gespeichert" in status
    assert "3 von 5 beantwortet" in status  # for whoever does not see the bar
    assert response.status_code == 200
    assert stored(assessment).value == "ja"
    assert 'id="E03-03"' in html
    assert "gespeichert" in html
    assert "hx-swap-oob" in html
    assert "3 von 5" in html


def test_without_script_the_same_form_comes_back_to_the_question(anna, assessment):
    response = anna.post(
        url(assessment), {"version": 0, "antwort": "nein", "notiz": "Zwei\r\nZeilen", "grund": ""}
    )
    assert response.status_code == 302
    assert response.headers["Location"] == f"/durchgaenge/{assessment.pk}/themen/E03/#E03-03"
    assert (stored(assessment).value, stored(assessment).note) == ("nein", "Zwei\nZeilen")


def test_a_note_alone_leaves_the_answer(anna, assessment):
    anna.post(url(assessment, "E03-01"), {"version": 1, "notiz": "Liste hängt aus."}, headers=HTMX)
    answer = stored(assessment, "E03-01")
    assert (answer.value, answer.note) == ("ja", "Liste hängt aus.")


def test_an_answer_is_taken_back_by_an_empty_one(anna, assessment):
    anna.post(url(assessment, "E03-01"), {"version": 1, "antwort": ""}, headers=HTMX)
    assert stored(assessment, "E03-01").value == ""


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "plain"])
@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"version": 0, "antwort": "vielleicht"}, "Bitte wählen Sie Ja, Nein"),
        ({"version": 0, "antwort": "entfaellt"}, "warum die Frage für Sie entfällt"),
        ({"version": 0, "antwort": "entfaellt", "grund": "  "}, "warum die Frage für Sie entfällt"),
        ({"version": 0, "antwort": "entfaellt", "grund": "x" * 501}, "höchstens 500 Zeichen"),
        ({"version": 0, "notiz": "ä" * 4001}, "höchstens 4000 Zeichen"),
        ({"version": 0, "notiz": "vor\x00nach"}, "unsichtbares Zeichen"),
        ({"version": "", "antwort": "ja"}, ""),
        ({"version": "zwei", "antwort": "ja"}, ""),
        ({"version": -1, "antwort": "ja"}, ""),
        ({"version": "9" * 30, "antwort": "ja"}, ""),
        ({"version": 7, "antwort": "ja"}, "laden Sie die Seite neu"),
    ],
)
def test_bad_input_is_refused_in_words_and_nothing_changes(
    anna, assessment, data, message, headers
):
    response = anna.post(url(assessment), data, headers=headers)
    html = response.content.decode()
    assert response.status_code == 422
    assert message in html
    assert stored(assessment) is None


def test_what_was_typed_is_not_lost(anna, assessment):
    typed = "Sehr lang. " * 400
    for headers in (HTMX, {}):
        response = anna.post(url(assessment), {"version": 0, "notiz": typed}, headers=headers)
        assert response.status_code == 422
        assert typed.strip() in response.content.decode()


@pytest.mark.parametrize("key", ["E01-01", "E03-06", "E99-01", "E03-99"])
def test_questions_that_the_round_does_not_ask_are_not_found(anna, assessment, key):
    response = anna.post(url(assessment, key), {"version": 0, "antwort": "ja"})
    assert response.status_code == 404
    assert (
        not Answer.objects.filter(assessment=assessment, version=1, value="ja")
        .exclude(question__aid__code="E03", question__number=1)
        .exists()
    )


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "plain"])
def test_a_stale_version_shows_both_values_and_loses_neither(anna, assessment, headers):
    anna.post(url(assessment), {"version": 0, "antwort": "ja", "notiz": "Von Ben."}, headers=HTMX)
    response = anna.post(
        url(assessment),
        {"version": 0, "antwort": "nein", "notiz": "Von Anna, noch nicht gespeichert."},
        headers=headers,
    )
    html = response.content.decode()
    assert response.status_code == 409
    assert stored(assessment).value == "ja"
    assert "Von Ben." in html
    assert "Von Anna, noch nicht gespeichert." in html
    assert 'value="1"' in html  # the version to decide on


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "plain"])
def test_a_closed_round_says_so_and_keeps_what_was_typed(anna, assessment, headers):
    assessment.close()
    response = anna.post(
        url(assessment), {"version": 0, "antwort": "ja", "notiz": "Zu spät."}, headers=headers
    )
    html = response.content.decode()
    assert response.status_code == 409
    assert "abgeschlossen" in html
    assert "Zu spät." in html
    assert stored(assessment) is None


def test_a_changed_question_is_confirmed_by_the_same_answer(anna, assessment):
    Answer.objects.filter(pk=stored(assessment, "E03-01").pk).update(wording_hash="x" * 16)
    page = anna.get(reverse("checklist", args=[assessment.pk, "E03"])).content.decode()
    assert "Frage geändert" in page
    response = anna.post(url(assessment, "E03-01"), {"version": 1, "antwort": "ja"}, headers=HTMX)
    assert response.status_code == 200
    assert "Frage geändert" not in response.content.decode()
    assert not next(Sheet.of(assessment).lines()).changed


@pytest.mark.parametrize("field", ["version", "antwort", "grund", "notiz"])
@pytest.mark.parametrize(
    "text",
    ["\x00", "'; DROP TABLE checklists_answer; --", "<script>alert(1)</script>", "\u202eabc",
     "🦺" * 300, "\ud83d", "{{ 7*7 }}", "%s%n", "a" * 100_000],
)  # fmt: skip
def test_no_input_breaks_the_server(anna, assessment, field, text):
    data = {"version": "0", "antwort": "entfaellt", "grund": "Gibt es nicht.", field: text}
    response = anna.post(
        url(assessment), {k: v.encode("utf-8", "surrogatepass") for k, v in data.items()}
    )
    assert response.status_code in {302, 400, 409, 422}
    assert "<script>alert(1)" not in response.content.decode()


def statements(queries: CaptureQueriesContext) -> list[str]:
    """SQL without BEGIN and COMMIT."""
    said = [query["sql"] for query in queries.captured_queries]
    frame = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    return [sql for sql in said if not sql.startswith(frame)]


@pytest.mark.parametrize(("version", "key"), [(0, "E05-02"), (1, "E03-01")], ids=["new", "again"])
def test_saving_costs_at_most_8_statements(anna, assessment, version, key):
    from django.db import connection

    anna.get(reverse("checklist", args=[assessment.pk, "E03"]))
    with CaptureQueriesContext(connection) as queries:
        anna.post(url(assessment, key), {"version": version, "antwort": "nein"}, headers=HTMX)
    assert stored(assessment, key).value == "nein"
    assert len(statements(queries)) <= 8, statements(queries)


@pytest.mark.parametrize(("name", "limit"), [("assessment", 8), ("checklist", 8), ("results", 10)])
def test_pages_of_a_round_cost_few_queries(anna, assessment, name, limit):
    from django.db import connection

    extra = ["E05"] if name == "checklist" else []
    address = reverse(name, args=[assessment.pk, *extra])
    anna.get(address)
    with CaptureQueriesContext(connection) as queries:
        anna.get(address)
    assert len(statements(queries)) <= limit, statements(queries)


def test_plain_words_stand_under_each_statement_when_wanted(anna, assessment):
    address = reverse("checklist", args=[assessment.pk, "E03"])
    plain = next(Sheet.of(assessment).lines()).plain
    words = f'<p class="gs-plain">{plain}</p>'
    assert words not in anna.get(address).content.decode()
    assert anna.get(f"{address}?klar=1&merken=1").status_code == 302
    assert words in anna.get(address).content.decode()
    saved = anna.post(url(assessment, "E03-01"), {"version": 1, "antwort": "nein"}, headers=HTMX)
    assert words in saved.content.decode()


@pytest.mark.parametrize(
    ("region", "said"),
    [("NW", "zuerst die für Nordrhein-Westfalen"), ("BY", "Für Bayern nennt die Quelle keine")],
)
def test_the_firms_own_land_comes_first(anna, cast, assessment, region, said):
    type(cast.company).objects.filter(pk=cast.company.pk).update(region=region)
    html = anna.get(reverse("results", args=[assessment.pk])).content.decode()
    assert said in html
    assert f"/anlaufstellen/?land={region}" in html
