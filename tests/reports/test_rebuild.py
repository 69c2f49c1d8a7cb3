"""The stored PDF is the original; setting it again gives the same bytes, or says that it was."""

from __future__ import annotations

import os
from datetime import timedelta
from io import BytesIO

import pypdf
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from portal.accounts.logo import rewritten
from reports import pdf
from reports.jobs import forget_orphans, verification_address
from reports.kinds import Options
from reports.models import Report
from tests.factories import make_report, picture


@pytest.fixture
def report(cast, assessment) -> Report:
    """With the PDF that the render child makes: the firm's logo in it, its data attached."""
    cast.company.put_logo(rewritten(picture()))
    made = Report.freeze(assessment, Options(archive=True), by=cast.anna)
    cast.company.put_logo(None)
    made.claim()
    rendered = pdf.render(
        made.frozen,
        number=made.number,
        checksum=made.checksum,
        address=verification_address(made),
        stored=made.content,
        progress=lambda _part: None,
    )
    made.finish(rendered.pdf, rendered.pages)
    made.refresh_from_db()
    return made


def rebuilt(report, tmp_path) -> bytes:
    out = tmp_path / "neu.pdf"
    call_command("report", rebuild=report.pk, out=out)
    return out.read_bytes()


def test_within_one_release_it_is_the_original_byte_by_byte(report, tmp_path, capsys):
    assert rebuilt(report, tmp_path) == report.pdf.read()
    assert "Byte für Byte das Original" in capsys.readouterr().out


def test_of_another_release_it_is_marked_as_rebuilt(report, tmp_path, capsys):
    Report.objects.filter(pk=report.pk).update(release="0" * 16)
    again = rebuilt(report, tmp_path)
    assert again != report.pdf.read()
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(again)).pages)
    assert "Neu gesetzt" in text
    assert "als neu gesetzt vermerkt" in capsys.readouterr().out
    report.refresh_from_db()
    assert report.release == "0" * 16, "the stored PDF stays the original"


def test_a_difference_within_one_release_is_no_success(report, tmp_path):
    Report.objects.filter(pk=report.pk).update(pdf_checksum="0" * 64)
    with pytest.raises(CommandError, match="nicht das Original"):
        rebuilt(report, tmp_path)
    assert not (tmp_path / "neu.pdf").exists()


def test_a_withdrawn_report_cannot_be_set_again(report, cast, tmp_path):
    report.withdraw(by=cast.anna)
    with pytest.raises(CommandError, match="zurückgezogen"):
        rebuilt(report, tmp_path)


def test_housekeeping_deletes_old_files_that_no_report_names(cast, assessment):
    report = make_report(assessment, cast.anna)
    old, young = (default_storage.save("reports/x.pdf", ContentFile(b"x")) for _ in range(2))
    before = (timezone.now() - timedelta(hours=2)).timestamp()
    for name in (old, report.pdf.name):
        os.utime(default_storage.path(name), (before, before))
    assert forget_orphans() == 1
    assert not default_storage.exists(old)
    assert default_storage.exists(young)
    assert default_storage.exists(report.pdf.name)
    assert forget_orphans() == 0
    lost = default_storage.save("logos/x.png", ContentFile(b"x"))
    os.utime(default_storage.path(lost), (before, before))
    cast.company.put_logo(rewritten(picture()))
    os.utime(default_storage.path(cast.company.logo.name), (before, before))
    assert forget_orphans() == 1
    assert default_storage.exists(cast.company.logo.name)
