"""Plan and answers as Excel and CSV: right cells, and never a formula."""

from __future__ import annotations

import csv
import time
import tracemalloc
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from checklists.models import Answer, EffectCheck, Measure, MeasureGap, Question
from checklists.sheet import Sheet
from reports.export import csv as as_csv
from reports.export import tables, xlsx
from tests.factories import fill, make_round

# What spreadsheets have been talked into, at the start of a cell.
FORMULAS = [
    "=1+1",
    '=HYPERLINK("https://evil.example","Gewinn")',
    "=cmd|' /C calc'!A0",
    "+49 30 123",
    "-1+1",
    "@SUM(1;1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "＝1+1",
    '"=1+1"',
    "a;=1+1",
    "a\r\n=1+1",
    "{=1+1}",
    "https://evil.example/",
    "0049",
    "1e5",
    "TRUE",
    "'=1+1",
]


@pytest.fixture
def anna(login, cast):
    return login(cast.anna)


@pytest.fixture
def measure(cast) -> Measure:
    return Measure.plan(
        cast.company,
        by=cast.anna,
        gaps=Question.objects.filter(aid__code="E03", number__in=[1, 2]),
        title="Lernplan schreiben",
        direction="Wissen soll bleiben.",
        responsible=cast.ben,
        assigned=True,
        due_on=date(2027, 2, 28),
        budget="yes",
        budget_amount=Decimal("1200.50"),
        affects_staff="yes",
    )


def opened(response) -> dict[str, Worksheet]:
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"
    book = load_workbook(BytesIO(response.content))
    return {page.title: page for page in book}


def column(page: Worksheet, title: str) -> str:
    return next(cell.column_letter for cell in page[1] if cell.value == title)


def rows_of(response) -> list[dict[str, str]]:
    assert response.content.startswith(b"\xef\xbb\xbf")
    text = response.content.decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text, newline=""), delimiter=";"))


def test_a_rounds_answers_and_the_plan_stand_on_a_sheet_each(anna, cast, assessment, measure):
    response = anna.post(reverse("round_xlsx", args=[assessment.pk]))
    pages = opened(response)
    assert list(pages) == ["Antworten", "Maßnahmen"]
    assert 'filename="durchgang-1-dachdeckerei-sommer.xlsx"' in response["Content-Disposition"]
    answers = pages["Antworten"]
    assert answers.max_row == 16
    keys = {answers[f"A{row}"].value: row for row in range(2, 17)}
    line = Sheet.of(assessment).topic("E03").line("E03-02")
    row = keys["E03-02"]
    assert answers[f"{column(answers, 'Aussage')}{row}"].value == line.text
    assert answers[f"{column(answers, 'Antwort')}{row}"].value == "Nein"
    assert answers[f"{column(answers, 'Notiz')}{row}"].value == line.note
    assert answers[f"{column(answers, 'Stufe')}{row}"].value == int(line.stage)
    gone = answers[f"{column(answers, 'Warum entfällt')}{keys['E05-08']}"]
    assert gone.value == "Das kommt bei uns nicht vor."


def test_days_are_days_and_money_is_money(anna, cast, measure):
    page = opened(anna.post(reverse("plan_xlsx", args=[cast.company.pk])))["Maßnahmen"]
    due, amount = page[f"{column(page, 'Frist')}2"], page[f"{column(page, 'Betrag in Euro')}2"]
    assert (due.value.date(), due.number_format) == (date(2027, 2, 28), "dd.mm.yyyy")
    assert (amount.value, amount.number_format) == (1200.5, '#,##0.00\\ "€"')
    assert page[f"{column(page, 'Verantwortlich')}2"].value == "Ben"
    assert page[f"{column(page, 'Lücken')}2"].value == "E03-01, E03-02"
    assert page[f"{column(page, 'Betrifft Beschäftigte')}2"].value == "ja"


def test_head_frozen_filters_on_widths_set(anna, cast, assessment, measure):
    for page in opened(anna.post(reverse("plan_xlsx", args=[cast.company.pk]))).values():
        assert page.freeze_panes == "B2"
        assert page.auto_filter.ref == page.dimensions
        assert all(page.column_dimensions[cell.column_letter].width >= 7 for cell in page[1])
        assert all(cell.font.bold for cell in page[1])


def test_a_plan_without_a_round_and_a_round_without_a_plan(anna, cast):
    pages = opened(anna.post(reverse("plan_xlsx", args=[cast.company.pk])))
    assert list(pages) == ["Maßnahmen"]
    opened_round = make_round(cast.company, "E03")
    pages = opened(anna.post(reverse("round_xlsx", args=[opened_round.pk])))
    assert pages["Maßnahmen"].max_row == 1


def test_who_took_what_along_stands_in_the_log(login, cast, assessment, measure):
    ben = login(cast.ben)
    for name, pk in (("round_xlsx", assessment.pk), ("plan_xlsx", cast.company.pk),
                     ("plan_csv", cast.company.pk)):  # fmt: skip
        assert ben.get(reverse(name, args=[pk])).status_code == 405
        assert ben.post(reverse(name, args=[pk])).status_code == 200
    cast.company.note_export(by=cast.anna)
    exported = cast.company.authority_events.filter(what="exported")
    assert [event.sentence for event in exported.order_by("pk")] == [
        "Ben hat exportiert: Antworten aus Durchgang 1 und Plan (Excel).",
        "Ben hat exportiert: Plan und Antworten (Excel).",
        "Ben hat exportiert: Maßnahmen (CSV).",
        "Anna hat exportiert: alle Daten des Betriebs.",
    ]


def test_the_csv_is_german(anna, cast, measure):
    response = anna.post(reverse("plan_csv", args=[cast.company.pk]))
    row = rows_of(response)[0]
    assert row["Maßnahme"] == "Lernplan schreiben"
    assert (row["Frist"], row["Betrag in Euro"]) == ("28.02.2027", "1200,50")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="massnahmen-dachdeckerei-sommer.csv"' in response["Content-Disposition"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula_in_any_column(anna, cast, assessment, measure, text):
    """In every column somebody writes into, the file reopened."""
    written = ("title", "team", "effort", "direction", "way", "done_when", "reason")
    Measure.objects.filter(pk=measure.pk).update(
        **dict.fromkeys(written, text), responsible=None, assigned=False, responsible_role=text
    )
    EffectCheck.objects.create(
        measure=measure, months=3, due_on=date(2027, 5, 28), helped="ja", why=text,
        answered_on=date(2027, 5, 28),
    )  # fmt: skip
    answers = Answer.objects.filter(assessment=assessment)
    answers.update(note=text)
    answers.filter(value="entfaellt").update(reason=text)
    pages = opened(anna.post(reverse("plan_xlsx", args=[cast.company.pk])))
    said = [cell for page in pages.values() for row in page.iter_rows(min_row=2) for cell in row]
    assert not [cell for cell in said if cell.data_type in {"f", "e"} or cell.hyperlink]
    kept = [cell for cell in said if cell.value == text.replace("\r", "_x000D_")
            or cell.value == text]  # fmt: skip
    assert len(kept) >= 8 + 1 + 1
    if tables.risky(text):
        assert all(cell.quotePrefix for cell in kept)
    row = rows_of(anna.post(reverse("plan_csv", args=[cast.company.pk])))[0]
    for title in ("Maßnahme", "Mit", "Aufwand", "Richtung", "Weg", "Fertig, wenn", "Warum nicht",
                  "Verantwortlich"):  # fmt: skip
        assert row[title] in {text, f"'{text}"}
        assert not row[title].lstrip(" ").startswith(tables.DANGEROUS)


def test_nul_and_other_control_characters_harm_no_file():
    table = tables.Table(
        "T",
        (tables.Column("Text", 9, lambda row: row),),
        ["\x00=1+1", "\x01\x1f", "\ufffe", "a\x00"],
    )
    page = load_workbook(BytesIO(xlsx.workbook([table])))["T"]
    assert [row[0].data_type for row in page.iter_rows(min_row=2)] == ["s"] * 4
    assert as_csv.text_of(table).decode("utf-8-sig").split("\r\n")[1] == "'=1+1"


def test_what_is_to_be_confirmed_stands_beside_what_counts(anna, cast, assessment):
    assessment.close()
    second = type(assessment).start(cast.company, assessment.topics.all(), carry=True)
    fill(second, {"E03-02": "ja"})
    page = opened(anna.post(reverse("round_xlsx", args=[second.pk])))["Antworten"]
    told = {
        page[f"A{row}"].value: (
            page[f"{column(page, 'Antwort')}{row}"].value,
            page[f"{column(page, 'Früher, noch zu bestätigen')}{row}"].value,
        )
        for row in range(2, page.max_row + 1)
    }
    assert told["E03-01"] == ("offen", "Ja")
    assert told["E03-02"] == ("Ja", None)


@pytest.mark.sweep
def test_500_measures_and_67_answers_are_quick_and_small(cast):
    """The product promises 1 s and 100 MB; a busy machine gets some patience."""
    everything = make_round(cast.company)
    fill(everything, {line.key: "nein" for line in Sheet.of(everything).lines()},
         notes={line.key: "Notiz " * 100 for line in Sheet.of(everything).lines()})  # fmt: skip
    questions = list(Question.objects.all())
    made = Measure.objects.bulk_create(
        Measure(
            company=cast.company, title=f"Maßnahme {number}", way="Schritt für Schritt. " * 40,
            due_on=date(2027, 1, 1), responsible=cast.ben, assigned=True,
        )
        for number in range(500)
    )  # fmt: skip
    MeasureGap.objects.bulk_create(
        MeasureGap(measure=measure, question=questions[(place + offset) % 67])
        for place, measure in enumerate(made)
        for offset in range(3)
    )
    book(cast.company, everything)  # what a process reads once is not the file's
    begun, worked = time.perf_counter(), time.process_time()
    data = book(cast.company, everything)
    seconds, worked = time.perf_counter() - begun, time.process_time() - worked
    tracemalloc.start()
    book(cast.company, everything)
    megabytes = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    print(f"{len(data) / 1000:.0f} kB in {seconds:.2f} s ({worked:.2f} s CPU), {megabytes:.0f} MB")
    assert load_workbook(BytesIO(data))["Maßnahmen"].max_row == 501
    assert worked < 1
    assert seconds < 4
    assert megabytes < 100


def book(company, assessment) -> bytes:
    return xlsx.workbook(
        [
            tables.answers(Sheet.of(assessment)),
            tables.measures(Measure.objects.filter(company=company), company),
        ]
    )
