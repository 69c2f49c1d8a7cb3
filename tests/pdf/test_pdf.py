"""The report as PDF: all of its text, valid, the same every time, within its page, and shut off
from files and network."""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import os
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pdfplumber
import pypdf
import pytest
import tinyhtml5
import weasyprint
from django.conf import settings
from weasyprint.urls import FatalURLFetchingError

from reports import pdf, summary
from reports.content import Content
from reports.pdf import Refused, Rendered, StaticFiles, render, typeset
from tests.pdf import sample
from tests.verapdf import validate

CONTENTS = {
    "normal": sample.normal,
    "no gap": sample.without_gap,
    "all gaps": lambda: sample.all_answered("N"),
    "long strings": sample.long_strings,
}
SMALL = {
    "five questions": lambda: sample.make_content({"E03": "JNJNN"}),
    "two topics": lambda: sample.make_content({"E03": "JNJNN", "E06": "NJJJWNJ"}),
    "two long topics": lambda: sample.make_content(
        {code: sample.ANSWERS[code] for code in ("E01", "E05")}
    ),
}
CHECKSUM = "0123456789abcdef" * 4


@cache
def made(name: str) -> tuple[Content, Rendered]:
    content = (CONTENTS | SMALL)[name]()
    return content, render(content, number=3, checksum=CHECKSUM)


@cache
def reader(name: str) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(made(name)[1].pdf))


def squeezed(text: str) -> str:
    """Text without what setting it adds: breaks, hyphens, blanks."""
    return re.sub(r"[\s\u00ad\u200b-]", "", text)


@cache
def pages(name: str) -> list[str]:
    return [page.extract_text() for page in reader(name).pages]


def chapter(name: str, start: str, end: str = "") -> str:
    """The squeezed text from the page of one destination up to that of another."""
    places = {
        key: reader(name).get_destination_page_number(place)
        for key, place in reader(name).named_destinations.items()
    }
    return squeezed("".join(pages(name)[places[start] : places[end] if end else None]))


@pytest.fixture(params=list(CONTENTS))
def name(request) -> str:
    return request.param


# --- A valid, tagged document ---------------------------------------------------------------------


def test_is_valid_pdf_ua(name):
    verdict = validate(made(name)[1].pdf, "ua1")
    assert verdict.failures == ()
    assert verdict.compliant
    assert verdict.assertions > 10_000


def test_has_tags_title_language_and_author():
    document = reader("normal")
    root = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]
    assert root["/Lang"] == "de"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert document.metadata.title == "Aktionsbericht 3, Metallbau Brandt GmbH"
    assert document.metadata.author == "Gegenstrom"
    assert document.metadata["/CreationDate"].startswith("D:20261120")
    assert document.metadata["/ModDate"] == document.metadata["/CreationDate"]


def tags(name: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every element of the tag tree with the names of those around it, outermost first."""

    def walk(element: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
        element = element.get_object()
        if not isinstance(element, dict) or "/S" not in element:
            return
        here = (*path, element["/S"].removeprefix("/"))
        yield here, element
        kids = element.get("/K", [])
        for kid in kids if isinstance(kids, list) else [kids]:
            yield from walk(kid, here)

    for kid in reader(name).trailer["/Root"]["/StructTreeRoot"]["/K"]:
        yield from walk(kid, ())


def test_the_tags_make_sense_to_who_only_hears_them():
    """What veraPDF does not look at: no heading in a heading, words for every picture, heads for
    every table, headings in order."""
    headings = {"H1", "H2", "H3"}
    seen: Counter[str] = Counter()
    levels: list[int] = []
    headed = 0
    for path, element in tags("normal"):
        seen[path[-1]] += 1
        if path[-1] in headings:
            levels.append(int(path[-1][1]))
            assert not headings & set(path[:-1]), path
        if path[-1] == "Figure":
            assert len(str(element["/Alt"])) > 3
        if path[-1] == "TD":
            headed += "/Headers" in element["/A"]
    content = made("normal")[0]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert levels.count(1) == 8 + len(content.topics)
    assert seen["Figure"] > len(content.topics) + 2 * len(content.networks)
    assert seen["TH"] > 67
    assert headed == seen["TD"]
    assert seen["Link"] > 30


def test_bookmarks_and_contents_lead_to_every_chapter():
    document = reader("normal")

    def titles(outline) -> Iterator[str]:
        for entry in outline:
            yield from titles(entry) if isinstance(entry, list) else [entry.title]

    marks = squeezed("|".join(titles(document.outline)))
    content = made("normal")[0]
    for topic in content.topics:
        assert squeezed(topic.title) in marks
    for step in content.steps:
        assert squeezed(step.title) in marks
    targets = {
        link["/Dest"]
        for page in document.pages
        for link in map(pypdf.generic.IndirectObject.get_object, page.get("/Annots", []))
        if "/Dest" in link
    }
    assert targets <= set(document.named_destinations)
    assert {f"thema-{topic.code}" for topic in content.topics} <= targets
    assert {"kurz", "schritte", "plan", "stellen", "unterschrift", "herkunft"} <= targets


def test_pictures_are_vectors():
    assert not any(page.images for page in reader("normal").pages)


# --- All of the text, once ------------------------------------------------------------------------


def test_every_answer_stands_once_on_the_pages_of_its_topic(name):
    content = made(name)[0]
    ends = [f"thema-{topic.code}" for topic in content.topics[1:]] + ["schritte"]
    for topic, end in zip(content.topics, ends, strict=True):
        text = chapter(name, f"thema-{topic.code}", end)
        for question in topic.questions:
            assert text.count(squeezed(question.text)) == 1, question.key
            assert re.search(rf"{question.number:02d}{re.escape(squeezed(question.text))}", text)
        for group in summary.groups(topic):
            assert squeezed(group.heading) in text


def test_every_step_stands_once_with_all_it_says_and_every_gap_once(name):
    content = made(name)[0]
    text = chapter(name, "schritte", "plan")
    for step in content.steps:
        for said in (step.title, step.what, step.why, step.first, step.done_when):
            assert text.count(squeezed(said)) == 1, (step.key, said)
        assert squeezed(f"{step.who} · {step.effort}") in text
        assert squeezed(summary.turning(content, step)) in text
    gaps = [question.key for topic in content.topics for question in topic.gaps]
    assert Counter(re.findall(r"E\d\d(?=-\d\d)", "|".join(gaps))).total() == len(gaps)
    for key in gaps:
        assert text.count(squeezed(key)) == 1, key


def test_every_step_has_a_row_to_fill_in():
    text = chapter("normal", "plan", "stellen")
    for step in made("normal")[0].steps:
        assert text.count(squeezed(step.title)) == 1
    for head in ("verantwortlich", "Beginn", "Frist", "Wirkungprüfen", "erledigt"):
        assert head in text


def test_notes_and_reasons_are_text(name):
    content = made(name)[0]
    text = chapter(name, f"thema-{content.topics[0].code}", "schritte")
    for topic in content.topics:
        for question in topic.questions:
            assert squeezed(question.reason) in text
            if name != "long strings":
                assert squeezed(question.note) in text


def test_what_people_write_stays_text():
    text = chapter("long strings", "thema-E01", "schritte")
    # Over two pages, with what stands at the foot of one and the head of the other in between.
    assert sum(map(len, re.findall("x{50,}", text))) == 4000
    assert "<script>alert(1)</script>&\"Zitat\"{{7*7}}{%now'Y'%}" in text
    assert text.count("Zeile") == 40
    assert "łódź,şırnak,ŁukaszSzymański,Dvořák,Ñandú" in text
    assert "Ελληνικά,русский" in text
    assert "<i>vormals</i>ŁukaszSzymański" in squeezed(pages("long strings")[0])


def test_both_networks_stand_on_the_one_page_and_among_the_places(name):
    for text in (chapter(name, "kurz", "inhalt"), chapter(name, "stellen", "unterschrift")):
        for place in made(name)[0].networks:
            assert text.count(squeezed(place.name)) == 1
            assert squeezed(place.printed) in text


def test_every_place_stands_once_with_its_address_and_its_topics():
    content = made("normal")[0]
    text = chapter("normal", "stellen", "unterschrift")
    names = Counter(place.name for place in content.places)
    for place in content.places:
        assert text.count(squeezed(place.name)) >= names[place.name], place.key
        assert squeezed(place.printed) in text
        assert squeezed(summary.mentions(content, place)) in text
    assert (
        "FürSachsenAnhaltnenntdieQuellekeineeigeneStelle;diebeidenBeraternetzwerkearbeitenbundesweit"
        in text
    )


def test_the_firms_own_land_comes_first():
    firm = replace(sample.normal().firm, region="NW", region_name="Nordrhein-Westfalen")
    text = pdf.html_of(sample.make_content(firm=firm), number=1, checksum=CHECKSUM)
    shelves = re.findall(r'class="gs-r-shelf">([^<]+)', text)
    assert shelves == ["In Nordrhein-Westfalen", "Für die nächsten Schritte", "Aus den Linklisten"]
    assert "nennt die Quelle keine eigene Stelle" not in text


@pytest.mark.parametrize(
    ("works_council", "there", "not_there"),
    [("yes", "Unterschrift Betriebsrat", "für die Belegschaft"),
     ("", "Der Betriebsrat sagt dazu", "Die Belegschaft sagt dazu"),
     ("no", "Die Belegschaft sagt dazu", "Betriebsrat</p>")],
)  # fmt: skip
def test_who_states_and_signs(works_council, there, not_there):
    firm = replace(sample.normal().firm, works_council=works_council)
    text = pdf.html_of(sample.make_content(firm=firm), number=1, checksum=CHECKSUM)
    assert there in text
    assert not_there not in text


def test_how_it_was_made_names_report_edition_and_checksums():
    text = chapter("normal", "herkunft")
    assert "Nummer3,20.November2026" in text
    assert "Ausgabevom2.November2026,Prüfsumme5f0c5f0c5f0c5f0c" in text
    assert f"Prüfsumme{CHECKSUM[:16]}Wie" in text


def test_a_report_without_notes_says_so():
    content = sample.make_content(notes={})
    text = pdf.html_of(content, number=1, checksum=CHECKSUM)
    assert "NotizenwurdenaufWunschweggelassen" in squeezed(text)


# --- Pages ----------------------------------------------------------------------------------------


def test_every_page_but_the_cover_says_whose_it_is_and_which(name):
    content, rendered = made(name)
    texts = pages(name)
    assert len(texts) == rendered.pages
    for number, text in enumerate(texts[1:], 2):
        assert f"Seite {number} von {rendered.pages}" in text
        assert "Aktionsbericht 3 · 20. November 2026" in text
        assert content.firm.name[:40] in text


def test_no_page_is_empty(name):
    """Each says more than its running heads; the last steps may be few."""
    for number, text in enumerate(pages(name), 1):
        assert len(squeezed(text)) > 250, f"page {number}: {text}"


def test_each_topic_fills_one_page():
    starts = [
        reader("normal").get_destination_page_number(reader("normal").named_destinations[key])
        for key in [f"thema-E{n:02d}" for n in range(1, 8)] + ["schritte"]
    ]
    assert starts == list(range(starts[0], starts[0] + 8))


def test_cover_and_one_page_are_one_page_each(name):
    destinations = reader(name).named_destinations
    found = [
        reader(name).get_destination_page_number(destinations[key]) for key in ("kurz", "inhalt")
    ]
    assert found == [1, 2]


def test_a_full_report_stays_small():
    rendered = made("normal")[1]
    assert rendered.pages <= 21
    assert len(rendered.pdf) <= 190_000
    assert len(made("all gaps")[1].pdf) <= 220_000


@pytest.mark.parametrize("name", ["normal", "long strings"])
def test_nothing_leaves_the_page(name):
    with pdfplumber.open(io.BytesIO(made(name)[1].pdf)) as document:
        for page in document.pages:
            things = page.chars + page.rects + page.lines + page.curves
            for thing in things:
                inside = (
                    thing["x0"] >= -0.1
                    and thing["x1"] <= page.width + 0.1
                    and thing["top"] >= -0.1
                    and thing["bottom"] <= page.height + 0.1
                )
                assert inside, (page.page_number, thing)
            # Text keeps off the binding and the right edge; the tab alone stands in the margin.
            for char in page.chars:
                assert char["x0"] > 60, (page.page_number, char["text"])
                assert char["x1"] < page.width - 12, (page.page_number, char["text"])


def test_no_row_and_no_step_is_torn():
    """A step's parts are on one page; so is a row of a table."""
    content = made("normal")[0]
    texts = [squeezed(text) for text in pages("normal")]
    for step in content.steps:
        parts = [squeezed(part) for part in (step.title, step.what, step.done_when)]
        assert any(all(part in text for part in parts) for text in texts), step.key
    for topic in content.topics:
        for question in topic.questions:
            parts = [squeezed(question.text), squeezed(question.note)]
            assert any(all(part in text for part in parts) for text in texts), question.key


# --- Few topics share pages ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "most"), [("five questions", 7), ("two topics", 9), ("two long topics", 12)]
)
def test_few_topics_make_few_pages_and_none_is_empty(name, most):
    content, rendered = made(name)
    assert rendered.pages <= most
    texts = [squeezed(text) for text in pages(name)]
    for number, text in enumerate(texts, 1):
        assert len(text) > 250, f"page {number}: {text}"
    for step in content.steps:
        parts = [squeezed(part) for part in (step.title, step.what, step.done_when)]
        assert any(all(part in text for part in parts) for text in texts), step.key
    for topic in content.topics:
        asked = [squeezed(question.text) for question in topic.questions]
        assert any(all(text in page for text in asked) for page in texts), "a topic is torn"


def test_few_topics_make_a_valid_document():
    verdict = validate(made("five questions")[1].pdf, "ua1")
    assert verdict.failures == ()


def test_a_chapter_that_shares_a_page_still_has_its_number_in_the_contents():
    name = "five questions"
    content = made(name)[0]
    destinations = reader(name).named_destinations
    numbers = {
        key: reader(name).get_destination_page_number(destinations[key]) + 1
        for key in ("inhalt", "thema-E03", "schritte", "plan", "stellen", "unterschrift")
    }
    assert numbers["inhalt"] == 2
    assert numbers["plan"] == numbers["stellen"]
    contents = pages(name)[numbers["inhalt"] - 1]
    short = content.topics[0].short
    assert re.search(rf"E03 {short} .*{numbers['thema-E03']}\n", contents)
    assert re.search(rf"Wo es Rat gibt .*{numbers['stellen']}\n", contents)


# --- The same every time --------------------------------------------------------------------------


def test_the_same_content_gives_the_same_bytes():
    content, first = made("normal")
    assert render(content, number=3, checksum=CHECKSUM).pdf == first.pdf


def test_another_process_gives_the_same_bytes():
    script = (
        "import django, hashlib; django.setup()\n"
        "from reports.pdf import render; from tests.pdf import sample\n"
        f"made = render(sample.normal(), number=3, checksum={CHECKSUM!r})\n"
        "print(hashlib.sha256(made.pdf).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=settings.BASE_DIR,
        env={**os.environ, "PYTHONHASHSEED": "77", "DEBUG": "1", "TZ": "Pacific/Auckland",
             "DJANGO_SETTINGS_MODULE": "portal.settings"},
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout.strip() == hashlib.sha256(made("normal")[1].pdf).hexdigest()


def test_progress_rises():
    parts: list[int] = []
    render(
        sample.make_content({"E03": "JNJNN"}), number=1, checksum=CHECKSUM, progress=parts.append
    )
    assert parts == sorted(set(parts))
    assert len(parts) > 5
    assert parts[-1] <= 100


def flat(element: Any) -> Any:
    """An element as plain data."""
    return (
        element.tag,
        dict(element.attrib),
        element.text or "",
        element.tail or "",
        [flat(child) for child in element],
    )


@pytest.mark.parametrize("name", [*CONTENTS, *SMALL])
def test_the_quick_parser_reads_what_the_html_parser_reads(name):
    markup = pdf.html_of((CONTENTS | SMALL)[name](), number=3, checksum=CHECKSUM)
    quick = pdf.tree_of(markup)
    assert quick is not None
    assert flat(quick) == flat(tinyhtml5.parse(markup, namespace_html_elements=False))


def test_markup_that_is_not_well_formed_is_parsed_as_html():
    assert pdf.tree_of("<html><body><p>x<p>y") is None
    assert typeset('<html lang="de"><head><title>t</title></head><body><p>x<p>y').pages == 1


# --- Any catalogue --------------------------------------------------------------------------------


def test_an_unknown_topic_needs_no_code():
    """A topic with a code of its own has the default sign, a tab and a page."""
    content = sample.make_content({"E03": "JNJNN", "E06": "NJJJWNJ"})
    extra = replace(content.topics[0], code="X9", title="Ein neues Thema", short="Neues")
    more = replace(content, topics=(*content.topics, extra))
    text = pdf.html_of(more, number=1, checksum=CHECKSUM)
    assert 'id="thema-X9"' in text
    assert "sign-x9" in text
    assert "in drei Themen" in text
    assert "sieben" not in text
    assert 'th.sign,h1.sign::before{background-image:url("static:img/thema-48.svg")}' in (
        pdf.css_source()
    )
    assert "sign-x9" not in pdf.css_source()
    made_of_it = typeset(text)
    assert validate(made_of_it.pdf).failures == ()


@pytest.mark.parametrize(
    "letter", ["O", *(pytest.param(letter, marks=pytest.mark.sweep) for letter in "WEJ")]
)
def test_any_answers_make_a_report(letter):
    rendered = render(sample.all_answered(letter), number=1, checksum=CHECKSUM)
    assert validate(rendered.pdf).failures == ()


# --- Nothing from elsewhere -----------------------------------------------------------------------

# Ways in which a page can ask for something; {} is its address.
REFERENCES = {
    "link": '<link rel="stylesheet" href="{}">',
    "import": "<style>@import url({});</style>",
    "style": "<style>p {{ background: url({}) }}</style>",
    "attribute": '<p style="background-image: url({})">x</p>',
    "list": '<ul style="list-style-image: url({})"><li>x</li></ul>',
    "border": '<p style="border: 9px solid; border-image: url({}) 9">x</p>',
    "content": "<style>p::before {{ content: url({}) }}</style>",
    "font": "<style>@font-face {{ font-family: f; src: url({}) }} p {{ font-family: f }}</style>",
    "img": '<img src="{}" alt="x">',
    "embed": '<embed src="{}">',
    "object": '<object data="{}"></object>',
    "attachment": '<link rel="attachment" href="{}">',
    "linked attachment": '<a rel="attachment" href="{}">x</a>',
    "svg image": '<svg width="9" height="9"><image href="{}" width="9" height="9"/></svg>',
    "svg use": '<svg width="9" height="9"><use href="{}#a"/></svg>',
    "page": "<style>@page {{ background: url({}) }}</style>",
}

IGNORED = {"svg use"}  # WeasyPrint follows these nowhere; the day it does, the control says so


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine that notes who asks; yields its address and its notes."""
    asked: list[str] = []

    class Canary(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"p { color: red }")

        def log_message(self, *words: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}", asked
    running.shutdown()


opened: list[str] = []
sys.addaudithook(
    lambda event, details: (
        opened.append(str(details[0])) if event == "open" and "canary" in str(details[0]) else None
    )
)


def page_with(reference: str, address: str) -> str:
    return (
        '<html lang="de"><head><title>t</title></head><body><p>x</p>'
        f"{REFERENCES[reference].format(address)}</body></html>"
    )


@pytest.mark.parametrize("reference", list(REFERENCES))
def test_no_render_asks_a_server(reference, server):
    address, asked = server
    path = f"/{reference.replace(' ', '-')}.svg"
    asked.clear()
    typeset(page_with(reference, address + path))
    assert asked == []
    weasyprint.HTML(string=page_with(reference, address + path)).write_pdf()
    assert (path in asked) == (reference not in IGNORED), "the control must leak"


@pytest.mark.parametrize("reference", list(REFERENCES))
def test_no_render_reads_a_file(reference, tmp_path):
    canary = tmp_path / "canary.svg"
    canary.write_text("p { color: red }", encoding="utf-8")
    opened.clear()
    typeset(page_with(reference, canary.as_uri()))
    assert str(canary) not in opened
    weasyprint.HTML(string=page_with(reference, canary.as_uri())).write_pdf()
    assert (str(canary) in opened) == (reference not in IGNORED), "the control must leak"


def test_markup_in_a_note_asks_nobody(server, tmp_path):
    address, asked = server
    canary = tmp_path / "canary.css"
    canary.write_text("p { color: red }", encoding="utf-8")
    asked.clear()
    opened.clear()
    every = "".join(
        form.replace("{{", "{").replace("}}", "}").replace("{}", f"{address}/note")
        for form in REFERENCES.values()
    )
    note = every + f'<link rel="attachment" href="{canary.as_uri()}">'
    content = sample.make_content({"E03": "NNNNN"}, notes={"E03-01": note, "E03-02": f"]]>{note}"})
    firm = replace(content.firm, name=f'"><img src="{address}/firm">', trade=f"url({address}/t)")
    render(replace(content, firm=firm), number=1, checksum=CHECKSUM)
    assert asked == []
    assert opened == []


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/x", "https://example.org/x", "ftp://127.0.0.1/x", "file:///etc/passwd",
        "FILE:///etc/passwd", "data:text/css,p{}", "gopher://x", "//127.0.0.1/x", "/etc/passwd",
        "static:../portal/settings.py", "static:img/../../manage.py", "static:js/gegenstrom.js",
        "static:/etc/passwd", "static://127.0.0.1/img/logo.svg", "static:css/tokens.css", "x",
    ],
)  # fmt: skip
def test_the_fetcher_refuses_all_but_its_files(address):
    with pytest.raises(Refused):
        StaticFiles().fetch(address)


def test_the_fetcher_serves_its_files():
    assert StaticFiles().fetch("static:img/e01-48.svg").read().startswith(b"<svg")
    font = "static:vendor/fonts/pdf/bricolage-grotesque-latin-600-normal.woff2"
    assert StaticFiles().fetch(font).read().startswith(b"wOF2")


def test_a_missing_file_of_ours_stops_the_render():
    with pytest.raises(FatalURLFetchingError):
        StaticFiles().fetch("static:img/there-is-none.svg")


def test_the_collector_is_back_after_a_failure(monkeypatch):
    import gc

    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(pdf, "_lay_out", fail)
    with contextlib.suppress(MemoryError):
        render(sample.make_content({"E03": "JNJNN"}), number=1, checksum=CHECKSUM)
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
