"""The page behind the QR code: matches, withdrawn or unknown, and nothing else."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from portal.accounts.tokens import derived_token, hashed
from reports import pdf
from reports.jobs import verification_address
from reports.models import Report
from reports.views.verification import GUESSES
from tests.factories import make_report
from tests.pdf import sample


@pytest.fixture
def report(cast, assessment) -> Report:
    cache.clear()
    return make_report(assessment, cast.anna)


def ask(token: str):
    return Client().get(reverse("report_verify", args=[token]))


def sentence(response) -> str:
    return re.search(r"<h1>\s*(.*?)\s*</h1>", response.content.decode(), re.DOTALL)[1]


def test_exactly_one_of_three_sentences(report, cast):
    assert sentence(ask(report.token)) == "Diesen Bericht gibt es, und er gilt."
    assert sentence(ask("x" * 43)) == "Einen Bericht mit diesem Code kennt das Portal nicht."
    report.withdraw(by=cast.anna, why="Weil es so ist")
    assert sentence(ask(report.token)) == "Dieser Bericht wurde zurückgezogen."


def test_nothing_else_tells_the_three_apart_or_says_whose_it_is(report, cast):
    def rest(response) -> tuple[int, str, set[str]]:
        page = response.content.decode().replace(sentence(response), "")
        page = re.sub(r'nonce="[^"]+"', "", page)
        return response.status_code, re.sub("unknown|x{43}", "", page), set(response.headers)

    known, unknown = ask(report.token), ask("x" * 43)
    assert rest(known)[1].replace(report.token, "") == rest(unknown)[1]
    assert (known.status_code, set(known.headers)) == (unknown.status_code, set(unknown.headers))
    text = known.content.decode()
    assert cast.company.name not in text
    assert report.checksum[:16] not in text
    assert report.token not in text


def test_known_and_unknown_cost_the_same_queries(report, django_assert_num_queries):
    def queries(token):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as found:
            ask(token)
        return [q["sql"] for q in found if "report" in q["sql"].split("FROM")[-1].split()[0]]

    assert len(queries(report.token)) == len(queries("x" * 43)) == 1


def test_the_token_is_not_stored_and_differs_from_report_to_report(report, cast, assessment):
    other = Report.freeze(assessment, by=cast.anna)
    assert report.token != other.token
    assert len(report.token) == 43
    assert report.token_hash == hashed(report.token)
    row = Report.objects.filter(pk=report.pk).values().get()
    assert report.token not in repr(row)
    assert derived_token("report", cast.other.pk, report.number) != report.token


def test_guessing_in_bulk_is_paused_and_reading_is_not(report):
    for _ in range(GUESSES.amount + 5):
        assert ask(report.token).status_code == 200
    for number in range(GUESSES.amount):
        assert ask(f"geraten-{number}").status_code == 200
    paused = ask("geraten")
    assert paused.status_code == 429
    assert paused.headers["Retry-After"] == str(GUESSES.seconds)


def test_no_cache_keeps_it_and_no_search_engine_finds_it(report):
    response = ask(report.token)
    assert response.headers["Cache-Control"] == "no-store"
    assert "noindex" in response.headers["X-Robots-Tag"]
    assert Client().post(reverse("report_verify", args=[report.token])).status_code == 405


def test_the_page_and_the_pdf_carry_the_code(report, login, cast):
    address = verification_address(report)
    assert address.endswith(f"/pruefung/{report.token}/")
    page = login(cast.anna).get(reverse("report", args=[report.pk])).content.decode()
    assert f"QR-Code mit der Adresse {address}" in page
    markup = pdf.html_of(sample.normal(), number=1, checksum="0" * 64, address=address)
    assert f"QR-Code mit der Adresse {address}" in markup
    assert "pruefung" not in pdf.html_of(sample.normal(), number=1, checksum="0" * 64)
