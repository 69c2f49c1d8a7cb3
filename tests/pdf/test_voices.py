"""What works council and consultant said, in the PDF: whole, valid, in its place."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from functools import cache

import pypdf
import pytest

from reports.content import Content, StatementRecord
from reports.pdf import Rendered, render
from reports.reviewed import ReviewRecord, ReviewTopic
from tests.pdf import sample
from tests.verapdf import validate

STRANGE = "עברית, русский, 中文 😀 \x01\x1b[31m <b>fett</b> & {{ 7*7 }}"
LONG = " ".join(f"Satz{number:04d}." for number in range(540))  # 5939 characters


def voices() -> Content:
    said = StatementRecord(
        report=2,
        number=1,
        kind="objects",
        result="widersprochen",
        dated=date(2026, 11, 18),
        text=f"Der Rundgang fehlt.\n\n{STRANGE}",
        author="Łukasz Szymański Ωmega",
    )
    topic = ReviewTopic("E03", "differs", "sieht es anders", "Zuerst das.", "", f"Dann {STRANGE}")
    review = ReviewRecord(1, date(2026, 11, 19), "Dora Fluß, Beratung", LONG, (topic,))
    return replace(
        sample.normal(),
        statements=(said, replace(said, number=2, text=LONG, author="")),
        reviews=(review,),
    )


@cache
def made() -> Rendered:
    return render(voices(), number=3, checksum="0123456789abcdef" * 4)


@cache
def pages() -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(made().pdf))
    return [re.sub(r"[\s\u00ad-]", "", page.extract_text()) for page in reader.pages]


def test_is_valid_pdf_ua():
    verdict = validate(made().pdf, "ua1")
    assert verdict.failures == ()
    assert verdict.compliant


@pytest.mark.parametrize(
    "words",
    [
        "WasderBetriebsratbishersagte",
        "Bericht2,Stellungnahme1:widersprochen",
        "18.November2026",
        "DerRundgangfehlt.",
        "<b>fett</b>&{{7*7}}",
        "einehemaligesMitglied",
        "WasdieBeratungsagt",
        "DoraFluß,Beratung",
        "siehtesanders",
        "Zuerstdas.",
    ],
)
def test_every_word_stands(words):
    assert words in "".join(pages())


def test_long_texts_are_whole():
    text = "".join(pages())
    for number in range(540):
        assert text.count(f"Satz{number:04d}.") == 2, number


def test_they_stand_where_one_looks_for_them():
    reader = pypdf.PdfReader(io.BytesIO(made().pdf))
    at = {
        name: reader.get_destination_page_number(place)
        for name, place in reader.named_destinations.items()
    }
    assert at["schritte"] < at["beratung"] < at["plan"]
    assert at["stellen"] < at["stellungnahmen"] < at["unterschrift"]
    contents = pages()[at["inhalt"]]
    assert f"WasdieBeratungsagtderBlickvonaußen{at['beratung'] + 1}" in contents
    assert f"WasderBetriebsratbishersagteimWortlaut{at['stellungnahmen'] + 1}" in contents


def test_without_them_there_is_no_trace():
    from reports.pdf import html_of

    html = html_of(sample.normal(), number=3, checksum="0" * 64)
    assert "stellungnahmen" not in html
    assert "beratung" not in html
