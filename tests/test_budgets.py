"""What a page may cost: queries and bytes per route, and the files of a first visit."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.test_access_matrix import ACTORS, MATRIX, address, client_of, dealt, world

__all__ = ["world"]

QUERIES = 10
KILOBYTES = 60
SCRIPT_KILOBYTES = 45
FIRST_VISIT_KILOBYTES = 250
# Routes that may cost more, and why.
MORE_QUERIES: dict[str, int] = {
    "agenda": 11,  # answers, talks, decisions, measures twice, meetings
    "my_data_file": 20,  # one per kind of data about a person; asked for once in a while
    "client": 11,  # all rounds, the reports and one's own reviews, each by what is granted
    "client_round": 13,  # what stands now and the round, with the questions' words and the notes
    "plan": 13,  # rows, gaps, checks, summary, people, filters, what waits, the round of the frame
    "measure": 13,  # gaps with today's answers, checks, story and comments, each one query
    "measure_edit": 13,  # the gaps as rows and as choices, and everybody who may carry it
}
MORE_KILOBYTES: dict[str, int] = {
    "sample_report": 150,  # a whole report: 67 answers, 19 steps; 22 kB as sent
}
ROUTES = [name for name, row in MATRIX.items() if "GET" in row and 200 in row["GET"]]


def first_allowed(name: str) -> str:
    return ACTORS[MATRIX[name]["GET"].index(200)]


# A template broken into lines may leave a blank before a comma.
BLOCK = re.compile(
    r"</?(?:p|li|h\d|td|th|dd|dt|div|section|label|summary|button|br|option)\b[^>]*>"
)
LOOSE = re.compile(r".{0,30}[^.…\s] [,;.](?=\s|$)")


def loose_marks(html: str) -> list[str]:
    html = re.sub(r"(?s)<(script|style|svg|textarea)\b.*?</\1>", "", html)
    texts = (" ".join(re.sub(r"<[^>]+>", "", block).split()) for block in BLOCK.split(html))
    return [found for text in texts for found in LOOSE.findall(text)]


@dealt("names", ROUTES)
def test_a_page_keeps_its_budget_and_its_commas(world, names):
    for name in names:
        client = client_of(first_allowed(name), world)
        url = address(name, world.ours)
        client.get(url)  # what a process reads once is not the page's
        with CaptureQueriesContext(connection) as queries:
            response = client.get(url)
        counted = [q["sql"] for q in queries if "SAVEPOINT" not in q["sql"]]
        limit = MORE_QUERIES.get(name, QUERIES)
        assert len(counted) <= limit, "\n".join((name, *counted))
        if "html" in response.headers.get("Content-Type", "") and not response.streaming:
            limit = MORE_KILOBYTES.get(name, KILOBYTES) * 1000
            assert len(response.content) <= limit, name
            assert not loose_marks(response.content.decode()), name


def files_of(page: str) -> dict[str, bytes]:
    """Style sheets, scripts, preloaded fonts and icons that a page names, by name. The icon for a
    phone's home screen is fetched only when somebody puts it there."""
    page = re.sub(r'<link rel="apple-touch-icon"[^>]*>', "", page)
    named = re.findall(rf'(?:href|src)="{settings.STATIC_URL}([^"]+)"', page)
    return {name: Path(str(finders.find(name))).read_bytes() for name in dict.fromkeys(named)}


def kilobytes(files: dict[str, bytes], *endings: str) -> float:
    """As sent: text compressed, fonts and pictures as they are."""
    return sum(
        len(data if name.endswith((".woff2", ".png")) else gzip.compress(data, 9)) / 1000
        for name, data in files.items()
        if name.endswith(endings)
    )


@pytest.mark.parametrize("name", ["start", "checklist", "results", "plan", "report"])
def test_a_first_visit_is_light(world, name):
    packed = {"accept-encoding": "gzip"}
    sent = client_of("anna", world).get(address(name, world.ours), headers=packed).content
    files = files_of(gzip.decompress(sent).decode())
    assert any(file.endswith(".css") for file in files)
    fonts = {  # those named by the style sheets that the page needs at once
        name: data for css in files if css.endswith(".css") for name, data in fonts_of(css).items()
    }
    assert kilobytes(files, ".js") <= SCRIPT_KILOBYTES
    assert kilobytes(files | fonts, "") + len(sent) / 1000 <= FIRST_VISIT_KILOBYTES


def fonts_of(css: str) -> dict[str, bytes]:
    path = Path(str(finders.find(css)))
    found = re.findall(r"url\(['\"]?([^)'\"]+\.woff2)", path.read_text(encoding="utf-8"))
    upright = [url for url in found if "italic" not in url]
    names = [f"vendor/fonts/{url.rsplit('/', 1)[-1]}" for url in upright]
    return {name: Path(str(finders.find(name))).read_bytes() for name in names}


def test_no_page_names_another_host(world):
    for name in ROUTES:
        response = client_of(first_allowed(name), world).get(address(name, world.ours))
        if response.streaming or "html" not in response.headers.get("Content-Type", ""):
            continue
        loaded = re.findall(r'<(?:link|script|img|source|iframe)[^>]+(?:href|src)="([^"]+)"',
                            response.content.decode())  # fmt: skip
        assert all(url.startswith(("/", "data:")) for url in loaded), (name, loaded)
