"""The paper checklists: one sheet a topic, valid, stored once per edition, handed out to all."""

from __future__ import annotations

import subprocess
from datetime import date, timedelta
from io import BytesIO, StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from pypdf import PdfReader

from checklists.models import DecisionAid, Edition, Question, Resource
from checklists.reading import library_of
from portal.management.commands import housekeeping
from reports import paper, sheets
from reports.pdf import Rendered
from reports.sheets import complete
from tests import verapdf

CODES = ["E01", "E02", "E03", "E04", "E05", "E06", "E07"]


def rendered(code: str, **change) -> Rendered:
    chapter = library_of(Edition.current().pk).chapters[code]
    given = {
        "networks": list(Resource.objects.filter(kind="network")),
        "edition": "0123456789abcdef" * 4,
        "day": date(2026, 11, 2),
        **change,
    }
    return paper.render_sheet(change.pop("aid", chapter.aid), chapter.questions, **given)


@pytest.mark.parametrize("code", CODES)
def test_one_valid_sheet_with_every_statement(db, settings, code):
    settings.PORTAL_URL = "https://portal.example"
    sheet = rendered(code)
    assert sheet.pages == 1
    assert verapdf.validate(sheet.pdf).failures == ()
    pdf = PdfReader(BytesIO(sheet.pdf))
    width, height = (round(float(side) / 72 * 25.4) for side in pdf.pages[0].mediabox[2:])
    assert (width, height) == (210, 297)
    assert pdf.metadata.title.startswith(f"Checkliste {code}, ")
    text = " ".join(pdf.pages[0].extract_text().split())
    glued = text.replace("- ", "").replace(" ", "")
    for question in Question.objects.filter(aid__code=code, retired=False):
        assert question.text.replace(" ", "").replace("-", "")[:40] in glued.replace("-", "")
    for word in ("Ja", "Nein", "weiß nicht", "entfällt", "Notiz", "Zählen"):
        assert word in text
    assert f"portal.example/themen/{code}" in text
    assert "www.offensive-mittelstand.de" in text
    assert "01234567" in text


def test_a_hostile_title_stands_there_as_text(db):
    aid = DecisionAid.objects.get(code="E03")
    aid.title = '<img src="file:///etc/passwd"> & <b>'
    chapter = library_of(Edition.current().pk).chapters["E03"]
    sheet = paper.render_sheet(
        aid, chapter.questions, networks=[], edition="0" * 64, day=date(2026, 11, 2)
    )
    text = PdfReader(BytesIO(sheet.pdf)).pages[0].extract_text()
    assert "<img" in text


def test_the_command_makes_each_sheet_once(db, client):
    assert client.get("/themen/E05/checkliste.pdf").status_code == 404
    assert client.get("/beispielbericht/bericht.pdf").status_code == 404
    said = StringIO()
    call_command("sheets", stdout=said)
    call_command("sheets", stdout=said)
    assert said.getvalue().splitlines() == [
        "7 Checklisten gesetzt.",
        "Musterbericht gesetzt.",
        "Alle Checklisten sind da.",
    ]
    answer = client.get("/themen/E05/checkliste.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "checkliste-e05.pdf" in answer.headers["Content-Disposition"]
    assert answer.getvalue().startswith(b"%PDF-1.7")
    sample = client.get("/beispielbericht/bericht.pdf")
    assert "musterbericht.pdf" in sample.headers["Content-Disposition"]
    pdf = PdfReader(BytesIO(sample.getvalue()))
    assert "(erfunden)" in pdf.metadata.title
    assert "ohne Nummer" in pdf.pages[0].extract_text()


def test_another_edition_needs_its_own(db):
    edition = Edition.current()
    sheets.store(sheets.name_of(edition.checksum, "E05"), b"%PDF")
    assert "E05" not in {chapter.aid.code for chapter in sheets.missing(edition)}
    assert not complete(edition)
    newer = Edition.objects.create(checksum="f" * 64, questions=edition.questions)
    assert {chapter.aid.code for chapter in sheets.missing(newer)} == set(CODES)


def test_what_another_release_or_edition_made_goes_when_it_is_old(db, monkeypatch):
    edition = Edition.current()
    ours = [sheets.name_of(edition.checksum, "E05"), sheets.sample_name()]
    others = [sheets.name_of("a" * 64, "E05"), "sheets/muster-alt.pdf", "sheets/alt/E05.pdf"]
    for name in ours + others:
        sheets.store(name, b"%PDF")
    assert sheets.forget_old() == 0, "the release before may still be running"
    monkeypatch.setattr(sheets, "KEPT", timedelta(-1))
    assert sheets.forget_old() == len(others)
    assert [each for each in ours + others if default_storage.exists(each)] == ours


def test_nothing_stored_is_nothing_to_forget(db):
    assert sheets.forget_old() == 0


def test_two_at_once_keep_one(db):
    assert sheets.store("sheets/a/E05.pdf", b"first")
    assert not sheets.store("sheets/a/E05.pdf", b"second")


def test_housekeeping_has_missing_sheets_made_once_per_edition(db, monkeypatch):
    ran = []

    def run(command, **options):
        ran.append(command[1:])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr("portal.management.commands.housekeeping.subprocess.run", run)
    monkeypatch.setattr(sheets, "complete", complete)
    command = housekeeping.Command(stdout=StringIO())
    command._once()
    command._once()
    assert ran == [["manage.py", "sheets"]]
