"""The plan in the PDF: measures instead of empty rows, valid, however strange its words."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from functools import cache

import pypdf

from reports.content import Content
from reports.pdf import Rendered, render
from reports.planned import Decision, EffectRecord, Plan, PlannedMeasure
from tests.pdf import sample
from tests.verapdf import validate

STRANGE = "עברית 中文 😀 \x01 <b>fett</b> & {{ 7*7 }}"


def planned() -> Content:
    measure = PlannedMeasure(
        title="Geräte auflisten", step=1, closes=("E03-02",), direction="", done_when="",
        who="Łukasz Szymański", team="", effort="", starts_on=date(2026, 11, 2),
        due_on=date(2026, 12, 4), status="open", status_name="noch nicht begonnen",
        look_again_on=None, done_on=None, effects=(),
    )  # fmt: skip
    effects = (
        EffectRecord(3, date(2027, 2, 28), "teils", "teils", "Im Büro ja."),
        EffectRecord(6, date(2027, 5, 30), "", "", ""),
    )
    done = replace(
        measure, title="Schulung", status="done", done_on=date(2026, 11, 30), effects=effects
    )
    many = tuple(replace(measure, title=f"{STRANGE} {n} {'lang' * 30}") for n in range(30))
    decision = Decision("Rat von außen holen", 2, "declined", "nicht für uns", None, STRANGE)
    content = sample.normal()
    plan = Plan((measure, done, *many), (decision,))
    return replace(content, plan=plan, comparison=sample.compared(content))


@cache
def made() -> Rendered:
    return render(planned(), number=3, checksum="0123456789abcdef" * 4)


def test_measures_stand_in_the_table():
    pages = pypdf.PdfReader(io.BytesIO(made().pdf)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    for said in (
        "Geräte auflisten", "Łukasz Szymański", "04.12.26", "Geholfen: teils, Im Büro ja.",
        "30.05.27", "Rat von außen holen", "{{ 7*7 }}", "eigenes Vorhaben",
        "Der Plan über die Monate", "Was sich bewegt hat",
    ):  # fmt: skip
        assert (said in text) == (said != "eigenes Vorhaben"), said


def test_is_valid_pdf_ua():
    verdict = validate(made().pdf, "ua1")
    assert verdict.failures == ()
    assert verdict.compliant
