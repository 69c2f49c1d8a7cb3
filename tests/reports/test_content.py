"""What stands in a report, and what it says about its figures."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from checklists.models import AidResource, Resource
from checklists.results import ENTFAELLT, JA, NEIN, OFFEN, WEISS_NICHT
from reports import summary
from reports.content import Content, build, checksum, from_json, to_json
from reports.kinds import Options
from tests.factories import fill, make_company, make_round, make_user
from tests.pdf.sample import all_answered, half_way, make_content, normal, without_gap

VALUES = [JA, NEIN, WEISS_NICHT, ENTFAELLT, OFFEN]


@pytest.fixture(autouse=True)
def _german():
    with translation.override("de"):
        yield


def questions(content: Content) -> dict[str, object]:
    return {q.key: q for topic in content.topics for q in topic.questions}


# --- Built from a round ---------------------------------------------------------------------------


def test_every_question_of_the_round_stands_once_with_its_answer(assessment):
    content = build(assessment)
    every = [q.key for topic in content.topics for q in topic.questions]
    assert [topic.code for topic in content.topics] == ["E03", "E05"]
    assert len(every) == len(set(every)) == 15
    asked = questions(content)
    assert asked["E03-02"].value == NEIN
    assert asked["E03-02"].note == "Termin mit der Kammer vereinbaren."
    assert asked["E05-08"].reason == "Das kommt bei uns nicht vor."
    assert asked["E05-10"].value == OFFEN


def test_every_gap_names_the_one_step_that_closes_it(assessment):
    fill(assessment, {f"E05-{n:02d}": "nein" for n in range(1, 11)})
    content = build(assessment)
    closed = [key for step in content.steps for key in step.closes]
    gaps = [q.key for topic in content.topics for q in topic.gaps]
    assert sorted(closed) == sorted(gaps)
    assert len(closed) == len(set(closed))
    number = {key: step.number for step in content.steps for key in step.closes}
    for key, question in questions(content).items():
        assert question.step == number.get(key)
    assert [step.number for step in content.steps] == list(range(1, len(content.steps) + 1))
    assert [step.stage for step in content.steps] == sorted(step.stage for step in content.steps)


def test_notes_stay_out_when_not_wanted(assessment):
    assert not any(q.note for q in questions(build(assessment, Options(with_notes=False))).values())


def test_both_networks_stand_in_every_report(assessment):
    assert [place.key for place in build(assessment).networks] == ["om", "ogb"]


def test_places_are_the_link_lists_and_those_of_the_steps_each_once(assessment):
    content = build(assessment)
    keys = [place.key for place in content.places]
    assert len(keys) == len(set(keys))
    links = AidResource.objects.filter(aid__code__in=["E03", "E05"], role=AidResource.Role.LINK)
    wanted = set(links.values_list("resource__key", flat=True))
    wanted |= {key for step in content.steps for key in step.places} - {"om", "ogb"}
    assert set(keys) == wanted
    named = {place.key: place.topics for place in content.places}
    assert named["bsi"] == ("E05",)
    assert named["plattform-i40"] == ("E03",)


@pytest.mark.django_db
def test_a_firm_sees_the_places_of_its_own_land_even_from_a_text():
    company = make_company(make_user("Anna"), region="SN")
    content = build(make_round(company, "E05"))
    assert [(place.key, place.topics) for place in content.regional] == [("scads", ("E05",))]
    assert summary.shelves(content)[0].heading == "In Sachsen"
    elsewhere = build(make_round(make_company(make_user("Emil"), region="MV"), "E05"))
    assert elsewhere.regional == ()
    assert "scads" not in elsewhere.place_by_key


def test_a_report_keeps_what_it_says_when_the_catalogue_changes(assessment):
    before = to_json(build(assessment, today=date(2026, 11, 20)))
    Resource.objects.filter(key="bsi").update(name="Anders")
    after = to_json(build(assessment, today=date(2026, 11, 20)))
    assert before != after
    assert "Anders" not in str(from_json(before))


# --- Frozen and thawed ----------------------------------------------------------------------------


@pytest.mark.parametrize("make", [normal, without_gap, half_way])
def test_json_carries_everything(make):
    content = make()
    assert from_json(to_json(content)) == content


def test_the_checksum_names_the_content():
    content = normal()
    same, other = to_json(normal()), to_json(replace(content, made_on=date(2026, 11, 21)))
    assert checksum(to_json(content)) == checksum(same) == checksum(dict(reversed(same.items())))
    assert checksum(same) != checksum(other)
    assert len(checksum(same)) == 64


def test_a_report_frozen_before_statements_existed_stays_readable_and_unchanged():
    """A row that release 0.1 stored, as it stands in databases."""
    stored = json.loads((Path(__file__).parent / "content-v1.json").read_text("utf-8"))
    content = from_json(stored)
    assert stored["schema"] == content.schema == 1
    assert "statements" not in stored
    assert content.statements == ()
    assert content.reviews == ()
    assert content.firm.name == "Metallbau Brandt GmbH"
    assert len(content.topics[0].questions) == 5
    assert checksum(stored) == "d859fe670818eb0410f60ee45c9c3853986a473e6cc0a9acaea8f1427def409c"


def test_another_schema_is_refused():
    with pytest.raises(ValueError, match="schema 99"):
        from_json({**to_json(normal()), "schema": 99})


# --- Sentences ------------------------------------------------------------------------------------


def test_the_headline_counts():
    assert summary.headline(normal()) == ["29 von 67 Aussagen treffen zu,", "27 Lücken sind offen."]
    assert summary.headline(all_answered("J")) == ["67 von 67 Aussagen treffen zu.", "Keine Lücke."]
    assert summary.headline(all_answered("O")) == ["67 Aussagen,", "noch ohne Antwort."]
    assert summary.headline(without_gap())[1] == "Bisher keine Lücke."


def test_one_is_said_as_one():
    one = make_content({"E03": "JNOOO"})
    assert summary.headline(one) == ["1 von 5 Aussagen trifft zu,", "eine Lücke ist offen."]
    assert summary.lead(one) == (
        "Ein Schritt schließt die bisherige Lücke. Drei Fragen sind noch nicht beantwortet."
    )
    assert "in einem Thema" in summary.basis(one)
    none = make_content({"E03": "NNNNN"})
    assert summary.headline(none)[0] == "Noch steht bei keiner von 5 Aussagen ein Ja,"


def test_the_base_of_every_share_stands_beside_it():
    assert "52\u00a0% Ja unter den 56 Aussagen" in summary.basis(normal())
    assert "%" not in summary.basis(all_answered("O"))


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "keine Lücken"), (1, "eine Lücke"), (2, "zwei Lücken"), (12, "zwölf Lücken"),
     (13, "13 Lücken")],
)  # fmt: skip
def test_numbers_up_to_twelve_are_words(count, said):
    assert summary.many(count, "eine Lücke", "Lücken") == said


@given(st.lists(st.sampled_from("JNWEO"), min_size=10, max_size=10))
def test_every_answer_of_a_topic_is_in_one_group(letters):
    topic = make_content({"E05": "".join(letters)}, notes={}).topics[0]
    grouped = [q.key for group in summary.groups(topic) for q in group.questions]
    assert sorted(grouped) == sorted(q.key for q in topic.questions)
    assert all(group.questions for group in summary.groups(topic))


@given(st.lists(st.sampled_from(VALUES), max_size=30))
def test_counting_words_count(values):
    said = summary.counted(values)
    total = sum(int(part.split()[0]) for part in said.split(", ")) if values else 0
    assert total == len(values)


def test_every_place_stands_on_one_shelf():
    content = normal()
    shelved = Counter(p.key for shelf in summary.shelves(content) for p in shelf.places)
    assert shelved == Counter(place.key for place in content.places)


def test_each_step_names_somewhere_to_turn():
    content = all_answered("N")
    known = content.place_by_key
    for step in content.steps:
        said = summary.turning(content, step)
        both = "beide Beraternetzwerke" in said
        for key in step.places:
            assert known[key].name in said or (both and known[key] in content.networks)
        assert both == {"om", "ogb"}.issubset(step.places)


def test_a_place_says_for_what_it_stands():
    content = normal()
    assert summary.mentions(content, content.place_by_key["acatech"]) == "E01, E03"
    for step in content.steps:
        for key in set(step.places) & {place.key for place in content.places}:
            assert str(step.number) in summary.mentions(content, content.place_by_key[key])


def test_stairs_in_words_say_where_it_goes_on():
    topic = normal().topics[0]
    assert summary.staged(topic).startswith("E01 nach Stufen. Stufe 1 Orientieren: 2 Nein.")
    assert summary.staged(topic).endswith("Es geht weiter auf Stufe 1.")
    assert summary.staged(all_answered("J").topics[0]).endswith("Alle Stufen sind erreicht.")
