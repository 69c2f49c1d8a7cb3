"""The firm's logo in a report: frozen with it, whatever the firm does later."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from portal.accounts.logo import rewritten
from portal.accounts.models import Company
from reports import archive
from reports.company import delete_due
from reports.content import checksum
from reports.kinds import Options
from reports.models import Report, Share
from tests.factories import make_report, picture


@pytest.fixture
def report(cast, assessment) -> Report:
    cast.company.put_logo(rewritten(picture()))
    return make_report(assessment, cast.anna)


def test_it_is_part_of_the_content_and_of_its_checksum(cast, report):
    kept = report.frozen.logo
    assert (kept.type, kept.width, kept.height) == ("image/png", 40, 20)
    assert (
        kept.picture
        == default_storage.open(Company.objects.get(pk=cast.company.pk).logo.name).read()
    )
    other = {**report.content, "logo": {**report.content["logo"], "data": "QUJD"}}
    assert report.checksum == checksum(report.content) != checksum(other)


def test_another_logo_changes_no_report_that_there_is(
    cast, assessment, report, login, django_capture_on_commit_callbacks
):
    before = report.frozen.logo.picture
    with django_capture_on_commit_callbacks(execute=True):
        cast.company.put_logo(rewritten(picture((60, 20))))
    with django_capture_on_commit_callbacks(execute=True):
        cast.company.put_logo(None)
    assert default_storage.listdir("logos")[1] == []
    assert login(cast.ben).get(reverse("report_logo", args=[report.pk])).content == before
    assert Report.freeze(assessment, by=cast.anna).frozen.logo is None


def test_the_newest_logo_counts_also_for_who_holds_an_older_row(cast, assessment):
    assert not assessment.company.logo
    Company.objects.get(pk=cast.company.pk).put_logo(rewritten(picture()))
    assert Report.freeze(assessment, by=cast.anna).frozen.logo


def test_a_report_can_go_without_it(cast, assessment, report, login):
    order = reverse("report_create", args=[assessment.pk])
    assert (
        'name="with_logo"' in login(cast.anna).get(reverse("report_new", args=[assessment.pk])).text
    )
    login(cast.anna).post(order, {"with_notes": "1"})
    bare = Report.objects.first()
    assert (bare.number, bare.frozen.logo) == (2, None)
    assert login(cast.anna).get(reverse("report_logo", args=[bare.pk])).status_code == 404
    assert "w-logo" not in login(cast.anna).get(bare.get_absolute_url()).text


def test_a_firm_without_a_logo_is_not_asked(cast, assessment, login):
    page = login(cast.anna).get(reverse("report_new", args=[assessment.pk])).text
    assert "with_logo" not in page
    assert Report.freeze(assessment, Options(), by=cast.anna).frozen.logo is None


def test_a_lost_file_stops_no_report(cast, assessment):
    cast.company.put_logo(rewritten(picture()))
    default_storage.delete(cast.company.logo.name)
    assert Report.freeze(assessment, by=cast.anna).frozen.logo is None


def test_whoever_holds_a_link_sees_it_as_long_as_the_link_is_good(cast, report, client):
    until = timezone.now() + timedelta(days=9)
    share, token = Share.by_link(report, by=cast.anna, purpose="Bank", expires_at=until)
    picture_there = reverse("shared_logo", args=[share.pk])
    assert client.get(picture_there).status_code == 404
    client.post(reverse("shared", args=[token]))
    assert picture_there in client.get(reverse("shared_report", args=[share.pk])).text
    response = client.get(picture_there)
    assert response.content == report.frozen.logo.picture
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    share.withdraw(by=cast.anna)
    assert client.get(picture_there).status_code == 404


def test_a_withdrawn_report_has_none(cast, report, login):
    report.withdraw(by=cast.anna)
    assert login(cast.anna).get(reverse("report_logo", args=[report.pk])).status_code == 404


def test_it_leaves_with_the_company(cast, report):
    company = Company.objects.get(pk=cast.company.pk)
    packed = zipfile.ZipFile(io.BytesIO(b"".join(archive.stream(company))))
    assert packed.read("logo.png") == report.frozen.logo.picture
    assert "logo.png" in packed.read("LIESMICH.txt").decode()
    Company.objects.filter(pk=company.pk).update(delete_at=timezone.now() - timedelta(days=1))
    assert delete_due() == 1
    assert default_storage.listdir("logos")[1] == []
