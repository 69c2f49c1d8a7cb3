"""Finding by words: forgiving about how they are typed, strict about whose notes they are in."""

from __future__ import annotations

import pytest
from django.urls import reverse

from checklists.search import excerpt, folded, words_of
from tests.factories import fill, make_measure, make_round

ADDRESS = reverse("search")


def found(client, query: str) -> str:
    response = client.get(ADDRESS, {"q": query})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(("typed", "meant"), [("GEFÄHRDUNG", "Gefahrdung"), ("Übung", "ubung")])
def test_case_and_umlauts_do_not_matter(typed, meant):
    assert folded(typed) == folded(meant)


def test_at_most_six_words_and_no_nul():
    assert words_of("a b\x00c d e f g h") == ("a", "b", "c", "d", "e", "f")


def test_the_catalogue_is_found_by_everybody(client, db):
    page = found(client, "datenschutz")
    assert reverse("aid", args=["E05"]) in page
    assert "Fragen" in page
    assert "Ihre Notizen" not in page


def test_all_words_must_be_there(client, db):
    assert "steht hier nichts" in found(client, "datenschutz xylophon")


def test_an_empty_query_finds_nothing_and_says_nothing(client, db):
    page = found(client, "  ")
    assert "steht hier nichts" not in page
    assert "w-hits" not in page


def test_own_notes_are_found_and_nobody_elses(login, cast, assessment):
    theirs = make_round(cast.other, "E03")
    fill(theirs, {"E03-02": "nein"}, notes={"E03-02": "Termin mit dem Kanarienvogel"})
    page = found(login(cast.ben), "termin kammer")
    assert "Ihre Notizen" in page
    assert reverse("checklist", args=[assessment.pk, "E03"]) + "#E03-02" in page
    for actor in (cast.ben, cast.clara, cast.dora, cast.frida):
        assert "Kanarienvogel" not in found(login(actor), "termin").replace("kanarienvogel", "")
    assert "Kanarienvogel" in found(login(cast.emil), "termin")
    assert "Ihre Notizen" not in found(login(cast.clara), "termin kammer")


def test_measures_are_found_by_what_why_and_how_where_one_may_see_them(login, cast):
    ours = make_measure(cast.company, "Abkantpresse", direction="Wissen soll bleiben.")
    theirs = make_measure(cast.other, "Ofen", way="Einen Kanarienvogel filmen.")
    for query in ("abkantpresse", "wissen bleiben"):
        page = found(login(cast.ben), query)
        assert "Ihre Maßnahmen" in page
        assert reverse("measure", args=[ours.pk]) in page
    for actor in (cast.ben, cast.clara, cast.dora, cast.frida):
        assert reverse("measure", args=[theirs.pk]) not in found(login(actor), "kanarienvogel")
        if actor != cast.ben:
            assert "Ihre Maßnahmen" not in found(login(actor), "abkantpresse")
    assert "Einen Kanarienvogel filmen." in found(login(cast.emil), "kanarienvogel")


def test_script_in_a_query_stays_text(client, db):
    assert "<script>alert" not in found(client, "<script>alert(1)</script>")


def test_excerpts_are_cut_between_words():
    text = "Anfang " * 40 + "Zielwort " + "Ende " * 40
    piece = excerpt(text, ("zielwort",))
    assert "Zielwort" in piece
    assert piece.startswith("… ")
    assert piece.endswith(" …")
    assert len(piece) < 170


def test_few_queries(login, cast, assessment, django_assert_max_num_queries):
    client = login(cast.ben)
    for number in range(20):
        make_measure(cast.company, f"Daten {number}", way="Daten ordnen.")
    found(client, "daten")
    with django_assert_max_num_queries(7):
        found(client, "daten")
