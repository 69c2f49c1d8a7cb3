"""Public pages: the same for everybody, quick, kept by browsers, and never broken by an address."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import connection
from django.http import HttpResponse
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from checklists import reading
from checklists.directory import places_for
from checklists.glossary import Glossary
from checklists.links import Outcome, Reply
from checklists.models import AddressCheck, Edition, Question, Resource, Section, Term
from checklists.templatetags.reading import foreign
from portal.middleware import PlainWords
from reports.sheets import name_of, store

PAGES = [
    "/",
    "/themen/",
    "/themen/E05/",
    "/fragen/E05-04/",
    "/schritte/",
    "/schritte/orientierung-leitung/",
    "/anlaufstellen/",
    "/anlaufstellen/?land=NW&thema=E05&q=daten&art=advice",
    "/woerter/",
    "/themen/E05/checkliste.pdf",
]
QUERIES = 3


@pytest.fixture(autouse=True)
def _sheet(db) -> None:
    store(name_of(Edition.current().checksum, "E05"), b"%PDF-1.7 E05")


def body(response) -> bytes:
    return response.getvalue()


def html(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


# --- Knows nobody, is quick, is kept --------------------------------------------------------------


@pytest.mark.parametrize("address", PAGES)
def test_at_most_three_queries(client, address):
    client.get(address)  # the process has read the edition
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    assert len(queries) <= QUERIES, [query["sql"] for query in queries]


@pytest.mark.parametrize("address", PAGES)
def test_the_page_is_the_same_for_everybody(client, cast, login, address):
    stranger = Client().get(address)
    anna = login(cast.anna)
    with CaptureQueriesContext(connection) as queries:
        known = anna.get(address)
    assert body(known) == body(stranger)
    assert b"csrf" not in body(stranger)
    assert not known.cookies
    assert known.headers["Cache-Control"] == "no-cache"
    assert not [query for query in queries if "django_session" in query["sql"]]


@pytest.mark.parametrize("address", PAGES)
def test_unchanged_pages_answer_304(client, address):
    first = client.get(address)
    again = client.get(address, headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, body(again)) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == "no-cache"
    assert client.get(address, headers={"if-none-match": '"another"'}).status_code == 200


def test_a_new_edition_a_check_and_another_address_change_the_validator(client):
    address = "/themen/E05/"

    def unchanged(tag: str, address: str = address) -> bool:
        return client.get(address, headers={"if-none-match": tag}).status_code == 304

    tag = client.get(address).headers["ETag"]
    assert unchanged(tag)
    assert not unchanged(tag, "/themen/E03/")
    assert not unchanged(tag, f"{address}?klar=1")
    place = Resource.objects.get(key="om")
    AddressCheck.record(place, place.url, Reply(Outcome.ANSWERED, 200), date(2026, 11, 3))
    assert not unchanged(tag)
    tag = client.get(address).headers["ETag"]
    Edition.objects.create(checksum="f" * 64, questions={})
    assert not unchanged(tag)


def test_pages_vary_on_the_cookie_only_where_they_ask_it(client):
    assert "Cookie" in client.get("/themen/E05/").headers["Vary"]
    assert "Cookie" not in client.get("/themen/E05/?klar=1").headers.get("Vary", "")


def test_pages_are_compressed(client):
    plain = client.get("/themen/E05/")
    packed = client.get("/themen/E05/", headers={"accept-encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.content) * 3 < len(plain.content)


@pytest.mark.parametrize("address", PAGES)
def test_only_get_and_head(client, address):
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405


def test_pages_of_an_empty_portal_explain_themselves(client):
    Edition.objects.all().delete()
    for address in PAGES[:9]:
        assert client.get(address).status_code in {200, 404}


# --- What stands on them --------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["E01", "E02", "E03", "E04", "E05", "E06", "E07"])
def test_a_topic_has_its_nine_texts_in_three_parts_its_questions_and_places(client, code):
    page = html(client, f"/themen/{code}/")
    chapter = reading.Library.current().chapters[code]
    assert [part.name for part in chapter.parts] == list(Section.Part)
    assert len(chapter.sections) == 9
    assert page.count('class="gs-fold"') == 9
    assert page.count("Neu geschrieben.") == 9
    for question in chapter.questions:
        assert f"/fragen/{question.key}/" in page
    for pk in (*chapter.links, *chapter.networks, *chapter.named):
        assert f"#stelle-{Resource.objects.get(pk=pk).key}" in page
    for other in chapter.related:
        assert (f'href="/themen/{other.code}/"' in page) == (
            other.code in reading.Library.current().chapters
        )
    assert reverse("aid_sheet", args=[code]) in page
    assert reverse("home") in page


def test_from_a_question_to_its_step_and_places_and_back(client):
    question = Question.objects.get(aid__code="E05", number=4)
    page = html(client, "/fragen/E05-04/")
    assert f"/schritte/{question.step.key}/" in page
    assert "/fragen/E05-03/" in page
    assert "/fragen/E05-05/" in page
    for place in question.step.resources.all():
        assert f"#stelle-{place.key}" in page
    assert "/fragen/E05-04/" in html(client, f"/schritte/{question.step.key}/")


def test_every_question_step_and_word_has_its_page(client):
    library = reading.Library.current()
    assert len(library.questions) == 67
    for key in library.questions:
        html(client, f"/fragen/{key}/")
    steps = html(client, "/schritte/")
    for key in library.steps:
        html(client, f"/schritte/{key}/")
        assert f"/schritte/{key}/" in steps
    words = html(client, "/woerter/")
    assert words.count("<dt>") == Term.objects.count()


def test_titles_only_are_named_but_lead_nowhere(client):
    page = html(client, "/themen/")
    assert "E17" in page
    assert "/themen/E17/" not in page
    assert "nur den Titel" in html(client, "/themen/E17/", 404)


# --- Plain words ----------------------------------------------------------------------------------


def test_plain_words_by_address(client):
    chapter = reading.Library.current().chapters["E05"]
    usual, plain = html(client, "/themen/E05/"), html(client, "/themen/E05/?klar=1")
    first = chapter.questions[0]
    assert first.text in usual
    assert first.plain not in usual
    assert first.plain in plain
    assert chapter.aid.summary_plain[:40] in plain
    assert 'href="/fragen/E05-01/?klar=1"' in plain
    assert 'href="/themen/?klar=1"' in plain
    assert Question.objects.get(aid__code="E05", number=4).plain in html(
        client, "/fragen/E05-04/?klar=1"
    )


def test_plain_words_by_cookie(client):
    kept = client.get("/themen/E05/?klar=1&merken=1")
    assert kept.headers["Location"] == "/themen/E05/"
    cookie = kept.cookies["klar"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("1", True, "Lax")
    plain = reading.Library.current().chapters["E05"].questions[0].plain
    assert plain in html(client, "/themen/E05/")
    assert plain not in html(client, "/themen/E05/?klar=0")
    client.get("/themen/E05/?klar=0&merken=1")
    assert plain not in html(client, "/themen/E05/")


def test_remembering_never_leads_elsewhere(rf):
    request = rf.get("/", {"klar": "1", "merken": "1", "q": "a b"})
    request.path = "//boese.example/"
    answer = PlainWords(lambda request: HttpResponse())(request)
    assert answer.headers["Location"] == "/boese.example/?q=a+b"


# --- Texts ----------------------------------------------------------------------------------------


def render(text: str, *terms: Term) -> str:
    context = Context({"text": text, "words": Glossary(terms).on_page()})
    return Template("{% load reading %}{% prose text %}").render(context)


CLOUD = Term(key="cloud", word="Cloud", variants="Cloud-Dienst|Wolke", text="Fremde Rechner.")
ANONYM = Term(key="anonym", word="Anonymisierung", variants="anonym", text="Ohne Namen.")


def test_paragraphs_and_lists():
    drawn = render("Erstens\nweiter.\n\nDrei Dinge:\n- eins\n- zwei\n\n  \nSchluss – mit - Strich")
    assert drawn.replace("\n", "") == (
        "<p>Erstens weiter.</p><p>Drei Dinge:</p><ul><li>eins</li><li>zwei</li></ul>"
        "<p>Schluss – mit - Strich</p>"
    )


def test_a_word_is_explained_once_and_whole():
    drawn = render("Wolkenkratzer und Wolke. Die Cloud. Anonym, anonyme Daten.", CLOUD, ANONYM)
    assert re.findall(r">([^<]*)</button>", drawn) == ["Wolke", "Anonym"]
    assert drawn.count("Fremde Rechner.") == 1


def test_the_longest_form_wins_and_white_space_does_not_matter():
    terms = [CLOUD, Term(key="a", word="Arbeit 4.0", variants="", text="…")]
    drawn = render("Ein Cloud-Dienst für Arbeit\N{NO-BREAK SPACE}4.0, kein Cloud-Abo.", *terms)
    assert re.findall(r">([^<]*)</button>", drawn) == [
        "Cloud-Dienst",
        "Arbeit\N{NO-BREAK SPACE}4.0",
    ]


def test_texts_are_escaped():
    evil = '<script>alert(1)</script> & "x"'
    term = Term(key="x", word="Cloud", variants="", text="<img src=x onerror=alert(1)>")
    drawn = render(f"{evil} Cloud\n- <b>fett</b>", term)
    assert not re.search(r"<(script|img|b>f)", drawn)
    assert "&lt;script&gt;" in drawn


def test_catalogue_text_on_a_page_is_escaped(client):
    Section.objects.filter(aid__code="E05", key="meaning").update(
        text="<script>alert(1)</script>", heading="<i>x</i>"
    )
    page = html(client, "/themen/E05/")
    assert "&lt;script&gt;alert(1)" in page
    assert "<i>x" not in page


@pytest.mark.parametrize(
    "address", ["/themen/E01/", "/themen/E05/", "/themen/E07/", "/fragen/E02-01/"]
)
def test_each_word_once_per_page_and_never_in_a_heading(client, address):
    page = html(client, address)
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert 'class="w-word"' in page
    for heading in re.findall(r"<h[1-6].*?</h[1-6]>", page, re.DOTALL):
        assert "w-word" not in heading


# --- Places ---------------------------------------------------------------------------------------


def test_own_region_first_then_nationwide(client):
    page = html(client, "/anlaufstellen/?land=NW")
    assert page.index("In Nordrhein-Westfalen") < page.index("its-owl") < page.index("Bundesweit")
    assert "stelle-allianz-i40-bw" not in page
    assert "nennt die Quelle keine eigene Stelle" not in page


def test_a_land_that_nobody_is_named_for(client):
    said = "nennt die Quelle keine eigene Stelle; die beiden Beraternetzwerke arbeiten bundesweit."
    assert f"Für Bayern {said}" in html(client, "/anlaufstellen/?land=BY")
    assert f"Für das Saarland {said}" in html(client, "/anlaufstellen/?land=SL")


def test_the_rule_of_order_for_rows_and_for_frozen_reports():
    rows = [Resource(key=key, regions=regions) for key, regions in
            (("a", ""), ("b", "BY NW"), ("c", "SN"), ("d", "NW"))]  # fmt: skip
    nearby = places_for("NW", rows)
    assert [row.key for row in nearby.all] == ["b", "d", "a", "c"]
    assert [row.key for row in nearby.in_reach] == ["b", "d", "a"]
    assert nearby.nobody == ""
    assert [row.key for row in places_for("", rows).in_reach] == ["a", "b", "c", "d"]
    assert places_for("HH", rows).nobody.startswith("Für Hamburg")


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("thema=E05", "bsi", "dguv"),
        ("art=document", "fraunhofer-isst", "bsi"),
        ("q=informationstechnik", "bsi", "dguv"),
        ("q=SICHERHEIT+bundesamt", "bsi", "om"),
    ],
)
def test_filters_and_search(client, query, shown, hidden):
    page = html(client, f"/anlaufstellen/?{query}")
    assert f'id="stelle-{shown}"' in page
    assert f'id="stelle-{hidden}"' not in page


def test_an_address_in_its_three_states(client):
    place = Resource.objects.get(key="bsi")

    def entry() -> str:
        page = html(client, "/anlaufstellen/?q=informationstechnik")
        return page[page.index('id="stelle-bsi"') :].partition("</article>")[0]

    live = f'href="{place.url}"'
    assert live in entry()
    assert "Stand der Quelle: 2015" in entry()
    AddressCheck.record(place, place.url, Reply(Outcome.ANSWERED, 200), date(2026, 11, 3))
    assert live in entry()
    assert "hat zuletzt geantwortet am 3. November 2026" in entry()
    for day in (date(2026, 11, 10), date(2026, 11, 10) + AddressCheck.APART):
        AddressCheck.record(place, place.url, Reply(Outcome.SILENT, detail="weg"), day)
    assert live not in entry()
    assert "antwortet nicht mehr" in entry()
    assert "www" in entry()


# --- Bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["/themen/E99/", "/themen/X/", "/themen/'/", "/themen/%25/", "/fragen/E05-99/",
     "/fragen/E99-01/", "/fragen/x/", "/schritte/gibt-es-nicht/", "/schritte/%F0%9F%98%80/",
     "/themen/E99/checkliste.pdf", f"/themen/{'E' * 3000}/"],
)  # fmt: skip
def test_an_address_that_leads_nowhere_helps(client, address):
    page = html(client, address, 404)
    assert "/themen/E05/" in page
    assert "/anlaufstellen/" in page


@pytest.mark.parametrize(
    ("address", "back"),
    [("/themen/E06/checkliste.pdf", "/themen/E06/"),
     ("/beispielbericht/bericht.pdf", "/beispielbericht/")],
)  # fmt: skip
def test_a_pdf_that_is_being_made_can_be_asked_for_again(client, address, back):
    page = html(client, address, 404)
    main = page.partition("<main")[2].partition("</main")[0]
    assert "Das PDF wird gerade erstellt" in main
    assert re.findall(r'<a[^>]*href="([^"]+)"', main) == [address, back]


@pytest.mark.parametrize(
    ("typed", "right"),
    [("/themen/e05/", "/themen/E05/"), ("/fragen/e05-04/", "/fragen/E05-04/"),
     ("/themen/e05/checkliste.pdf", "/themen/E05/checkliste.pdf")],
)  # fmt: skip
def test_small_letters_from_paper_lead_there(client, typed, right):
    assert client.get(typed).headers["Location"] == right


@pytest.mark.parametrize(
    "query",
    ["q='", "q=%22%27%3B--", "q=%25", "q=_", "q=%5C", "q=" + "a" * 10_000, "q=%F0%9F%98%80",
     "q=%ff", "land=XX", "land=%25", "land=nw", "thema=E99", "thema='", "art=boese", "q=a&q=b",
     "klar=2", "klar=1&klar=0", "merken", "land=NW&land=BY", "q=%3Cscript%3Ealert(1)%3C/script%3E"],
)  # fmt: skip
def test_strange_searches_are_answered(client, query):
    answer = client.get(f"/anlaufstellen/?{query}", follow=True)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize("address", ["/anlaufstellen/?q=%00", "/themen/%00/", "/fragen/E05-04%00/"])
def test_nul_is_refused(client, address):
    assert client.get(address).status_code in {400, 404}


def test_what_cannot_be_understood_is_said(client):
    assert "Bundesland gibt es nicht" in html(client, "/anlaufstellen/?land=XX")
    long = html(client, "/anlaufstellen/?q=" + "a" * 10_000)
    assert "höchstens 100 Zeichen" in long
    assert 'value=""' in long
    wild = html(client, "/anlaufstellen/?q=%25")
    assert "steht nichts im Verzeichnis" in wild


def test_the_switch_works_with_a_search_that_holds_signs(client):
    page = html(client, "/anlaufstellen/?q=a%26b%3Dc")
    assert "q=a%26b%3Dc&amp;klar=1" in page


def test_the_library_is_read_once_per_edition(client):
    client.get("/themen/E05/")
    before = reading.library_of.cache_info().misses
    for _ in range(3):
        client.get("/themen/E03/")
    assert reading.library_of.cache_info().misses == before


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Regeln", "Regeln"),
        ("(Code of Conduct) & mehr", '(<span lang="en">Code of Conduct</span>) &amp; mehr'),
        ("<b>Code of Conduct</b>", '&lt;b&gt;<span lang="en">Code of Conduct</span>&lt;/b&gt;'),
    ],
)
def test_english_is_marked_as_english(text, shown):
    assert foreign(text) == shown


@pytest.mark.parametrize(("name", "args"), [("aid", ["E04"]), ("glossary", []), ("resources", [])])
def test_pages_mark_the_english_in_their_texts(client, name, args):
    page = client.get(reverse(name, args=args)).content.decode()
    said = page.count("Code of Conduct")
    assert said == page.count('<span lang="en">Code of Conduct</span>') > 0
