"""A company's archive: whole, its own only, and no larger in memory than a piece of it."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from checklists.models import (
    Comment,
    Delegation,
    Measure,
    Meeting,
    Question,
    Review,
    Thread,
)
from portal.accounts.models import Invitation
from reports import archive
from reports.models import Report, Share, Statement
from reports.records import PARTS
from tests.factories import fill, make_round

pytestmark = pytest.mark.sqlite
CANARY = "Kanarienvogel"


def fill_up(company, assessment, lead, council, consultant, word: str) -> Report:
    """One of everything a company can hold, with `word` in each text that is the company's."""
    fill(assessment, {"E03-03": "nein"}, notes={"E03-03": f"{word} in der Notiz"})
    question = Question.objects.get(aid__code="E03", number=1)
    thread = Thread.objects.create(assessment=assessment, question=question)
    Comment.objects.create(thread=thread, author=lead, text=f"{word} im Gespräch")
    Delegation.objects.create(assessment=assessment, aid=question.aid, user=lead, asked_by=lead)
    Invitation.issue(
        company, email=f"{word.lower()}@betrieb.example", role="member", by=lead, message=word
    )
    Review.objects.create(
        assessment=assessment,
        consultant=consultant,
        signature=f"{word} Beratung",
        number=1,
        released_at=timezone.now(),
    )
    report = Report.freeze(assessment, by=lead)
    report.claim()
    report.finish(b"%PDF-1.7 " + word.encode(), pages=1)
    report.refresh_from_db()
    Share.with_works_council(report, by=lead, purpose=f"{word} Sitzung")
    share, token = Share.by_link(
        report,
        by=lead,
        purpose=f"{word} Bank",
        expires_at=timezone.now() + timedelta(days=9),
        password="ein-kennwort",
    )
    share.opened()
    Statement.objects.create(
        report=report, author=council, number=1, kind="agreed", text=f"{word} einverstanden",
        released_at=timezone.now(),
    )  # fmt: skip
    meeting = Meeting.objects.create(assessment=assessment, number=1, participants=word)
    meeting.items.create(position=1, title=f"{word} kaufen?", text=f"{word} wird gekauft")
    Measure.objects.create(company=company, title=f"{word} kaufen", responsible=lead)
    report.secrets = [token, share.token_hash, share.password]
    return report


@pytest.fixture
def full(cast, assessment) -> Report:
    return fill_up(cast.company, assessment, cast.anna, cast.clara, cast.dora, "Hausschwalbe")


def opened(response) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


def test_the_archive_is_whole(cast, full, login):
    response = login(cast.anna).post(f"/betriebe/{cast.company.pk}/export/")
    assert response.headers["Content-Type"] == "application/zip"
    assert "gegenstrom-dachdeckerei-sommer-" in response.headers["Content-Disposition"]
    with opened(response) as archived:
        assert archived.testzip() is None
        texts = {name: archived.read(name) for name in archived.namelist()}
    assert texts.keys() == {
        "LIESMICH.txt",
        *(f"{part.name}.json" for part in PARTS),
        "berichte/bericht-001.json",
        "berichte/bericht-001.pdf",
    }
    rows = {name: json.loads(text) for name, text in texts.items() if name.endswith(".json")}
    assert all(rows[f"{part.name}.json"] for part in PARTS if part.name != "entscheidungen")
    assert rows["betrieb.json"][0]["name"] == "Dachdeckerei Sommer"
    assert {row["name"] for row in rows["menschen.json"]} == {"Anna", "Ben", "Clara", "Frida"}
    answers = {row["frage"]: row for row in rows["antworten.json"]}
    assert answers["E03-03"]["notiz"] == "Hausschwalbe in der Notiz"
    assert answers["E03-03"]["wortlaut"] == Question.objects.get(aid__code="E03", number=3).text
    assert answers["E05-08"]["grund"] == "Das kommt bei uns nicht vor."
    assert rows["kommentare.json"][0]["kommentare"][0]["text"] == "Hausschwalbe im Gespräch"
    assert rows["protokolle.json"][0]["punkte"][0]["beschlossen"] == "Hausschwalbe wird gekauft"
    assert rows["plan.json"][0]["massnahme"] == "Hausschwalbe kaufen"
    assert rows["stellungnahmen.json"][0]["text"] == "Hausschwalbe einverstanden"
    assert rows["freigaben.json"][1]["mit_passwort"] is True
    assert len(rows["freigaben.json"][1]["geoeffnet"]) == 1
    assert rows["berichte/bericht-001.json"] == full.content
    assert texts["berichte/bericht-001.pdf"] == b"%PDF-1.7 Hausschwalbe"
    assert "Dachdeckerei Sommer" in texts["LIESMICH.txt"].decode()
    for part in PARTS:
        assert f"{part.name}.json" in texts["LIESMICH.txt"].decode()


def test_no_draft_no_secret_and_nothing_of_another_company(cast, full, login):
    theirs = make_round(cast.other, "E03")
    fill_up(cast.other, theirs, cast.emil, cast.hanna, cast.hanna, CANARY)
    Statement.objects.create(report=full, author=cast.clara, text=f"{CANARY} im Entwurf")
    Review.objects.create(assessment=full.assessment, consultant=cast.dora, summary=CANARY)
    full.refresh_from_db()
    with opened(login(cast.anna).post(f"/betriebe/{cast.company.pk}/export/")) as archived:
        for name in archived.namelist():
            text = archived.read(name).decode()
            assert CANARY.lower() not in text.lower(), name
            assert not [secret for secret in secrets_of(cast, full) if secret in text], name


def secrets_of(cast, report) -> list[str]:
    hashes = [*Share.objects.exclude(token_hash=None).values_list("token_hash", flat=True)]
    hashes += Share.objects.exclude(password="").values_list("password", flat=True)
    hashes += Invitation.objects.values_list("token_hash", flat=True)
    return [*hashes, cast.anna.password]


def test_an_export_stands_in_the_log_and_looking_does_not(cast, login):
    anna = login(cast.anna)
    page = anna.get(f"/betriebe/{cast.company.pk}/export/").content.decode()
    for part in PARTS:
        assert part.about in page
    exported = cast.company.authority_events.filter(what="exported")
    assert not exported.exists()
    b"".join(anna.post(f"/betriebe/{cast.company.pk}/export/").streaming_content)
    assert [event.by for event in exported] == [cast.anna]


def test_a_lost_pdf_does_not_spoil_the_rest(cast, full):
    full.pdf.storage.delete(full.pdf.name)
    with zipfile.ZipFile(io.BytesIO(b"".join(archive.stream(cast.company)))) as archived:
        assert archived.testzip() is None
        assert "berichte/bericht-001.json" in archived.namelist()
        assert "berichte/bericht-001.pdf" not in archived.namelist()


def test_a_company_just_founded_has_an_archive_too(cast):
    with zipfile.ZipFile(io.BytesIO(b"".join(archive.stream(cast.other)))) as archived:
        assert json.loads(archived.read("antworten.json")) == []


def test_memory_does_not_grow_with_the_reports(cast, assessment):
    """50 reports with 1 MB of content and 1 MB of PDF each."""
    first = Report.freeze(assessment, by=cast.anna)
    filler = "".join(f"{number:x}." for number in range(160_000))[: 1 << 20]
    content = {**first.content, "filler": filler}
    made = []
    for number in range(1, 51):
        name = default_storage.save(f"reports/gross-{number}.pdf", ContentFile(bytes(1 << 20)))
        made.append(
            Report(
                company=cast.company, assessment=assessment, number=number + 1, content=content,
                checksum="x", token_hash=str(number), made_by=cast.anna, state="done", pdf=name,
            )
        )  # fmt: skip
    Report.objects.bulk_create(made, batch_size=5)
    del made
    stream = archive.stream(cast.company)
    next(stream)
    tracemalloc.start()
    before, _peak = tracemalloc.get_traced_memory()
    sent = sum(len(piece) for piece in stream)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > 50 << 20
    assert peak - before < 10 << 20
