"""The start page and the sample report: for everybody, and true."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from PIL import Image

from checklists.results import JA, NEIN
from reports.content import from_json, to_json
from reports.sample import sample


@pytest.fixture
def html(client, db) -> str:
    return client.get("/").content.decode()


def test_it_says_for_whom_what_it_costs_and_what_happens_with_the_data(html):
    assert "Für kleine und mittlere Betriebe" in html
    assert "kostenlos" in html
    assert "gehören Ihrem Betrieb" in html


def test_the_price_is_the_operators_words(client, db, settings):
    settings.OPERATOR_PRICE = "9 Euro im Monat & Betrieb"
    html = client.get("/").content.decode()
    assert "9 Euro im Monat &amp; Betrieb" in html
    assert "kostenlos" not in html


@pytest.mark.parametrize(
    ("door", "names"),
    [
        ("Leitung", ["trial", "account_signup"]),
        ("Betriebsrat", ["sample_report", "home"]),
        ("Beratung", ["account_signup", "consultant_room"]),
    ],
)
def test_three_doors_say_where_to_go(html, door, names):
    doors = html[html.index('class="s-doors"') :]
    behind = doors[doors.index(f"<h3>{door}</h3>") :].partition("</li>")[0]
    links = re.findall(r'(?:href|action)="([^"]+)"', behind)
    assert [link.partition("?")[0] for link in links] == [reverse(name) for name in names]


def test_every_link_leads_somewhere(client, html):
    for link in set(re.findall(r'<a[^>]*\shref="(/[^"#]*)"', html)):
        assert client.get(link).status_code in (200, 302), link


def test_the_picture_of_the_report_has_its_size_and_words(html):
    picture = re.search(r"<img[^>]*>", html, re.DOTALL)[0]
    size = tuple(int(re.search(rf'{side}="(\d+)"', picture)[1]) for side in ("width", "height"))
    with Image.open(finders.find("img/bericht.webp")) as file:
        assert file.size == size
    assert "29 von 67" in picture


# --- The sample report ----------------------------------------------------------------------------


def test_the_sample_report_is_whole_and_made_up(client, db):
    response = client.get("/beispielbericht/")
    html = response.content.decode()
    assert response.status_code == 200
    assert "Metallbau Brandt GmbH" in html
    assert "erfunden" in html
    for topic in sample().topics:
        assert f'id="thema-{topic.code}"' in html


def test_the_sample_says_what_the_picture_shows():
    given = [each.value for topic in sample().topics for each in topic.questions]
    assert len(given) == 67
    assert (given.count(JA), given.count(NEIN)) == (29, 31)


def test_the_sample_can_be_frozen_again():
    assert from_json(to_json(sample())) == sample()


def test_the_sample_needs_no_rows(client, db, django_assert_max_num_queries):
    client.get("/beispielbericht/")
    with django_assert_max_num_queries(2):
        client.get("/beispielbericht/")
