"""The catalogue's files against the counts of the sources, and what happens to broken ones."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from checklists import fixtures
from checklists.fixtures import BrokenCatalogue
from checklists.models import (
    AidResource,
    Answer,
    DecisionAid,
    Edition,
    Question,
    Resource,
    Section,
    Step,
    Wording,
)
from checklists.sheet import Sheet
from tests.conftest import FIXTURES
from tests.factories import fill, make_round

QUESTIONS = {"E01": 14, "E02": 14, "E03": 5, "E04": 7, "E05": 10, "E06": 7, "E07": 10}
LINKS = {"E01": 6, "E02": 6, "E03": 6, "E04": 10, "E05": 8, "E06": 11, "E07": 2}
RELATED = {"E01": 3, "E02": 4, "E03": 3, "E04": 6, "E05": 7, "E06": 14, "E07": 10}
MENTIONED = {"E04-04", "E05-07", "E06-06", "E07-05", "E07-06", "E07-08"}
TITLES = [f"E{number:02d}" for number in range(8, 18)]


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the fixtures to break."""
    return Path(shutil.copytree(FIXTURES, tmp_path / "fixtures"))


def spoil(folder: Path, name: str, old: str, new: str) -> None:
    """Replace one passage that stands in the file."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def said_by(folder: Path) -> list[str]:
    """What `load` complains about."""
    with pytest.raises(BrokenCatalogue) as caught:
        fixtures.load(fixtures.read(folder))
    return [str(problem) for problem in caught.value.problems]


# --- The real files -----------------------------------------------------------------------------


def test_counts_of_the_sources(db):
    asked = Counter(q.aid.code for q in Question.objects.live().select_related("aid"))
    assert asked == QUESTIONS
    assert sum(asked.values()) == 67
    places = AidResource.objects.values_list("aid__code", "role")
    assert Counter(code for code, role in places if role == "link") == LINKS
    assert sum(LINKS.values()) == 49
    assert Counter(code for code, role in places if role == "network") == dict.fromkeys(
        QUESTIONS, 2
    )
    related = {aid.code: aid.related.count() for aid in DecisionAid.objects.with_questions()}
    assert related == RELATED
    assert sum(related.values()) == 47


def test_link_lists_hold_39_distinct_addresses(db):
    linked = Resource.objects.filter(mentions__role="link").distinct()
    addresses = {resource.url for resource in linked}
    assert len(addresses) == linked.count() == 39
    assert all(resource.printed and resource.url.startswith("https://") for resource in linked)
    assert not any("co-de-of" in address for address in addresses)


def test_networks_have_their_addresses(db):
    networks = Resource.objects.filter(kind="network").order_by("position")
    assert [network.printed for network in networks] == [
        "www.offensive-mittelstand.de",
        "www.offensive-gutes-bauen.de",
    ]


def test_titles_without_questions_are_known_but_count_nowhere(db):
    assert (
        list(DecisionAid.objects.filter(code__in=TITLES).values_list("code", flat=True)) == TITLES
    )
    assert DecisionAid.objects.with_questions().count() == len(QUESTIONS)


def test_nine_sections_for_each_topic(db):
    keys = list(Section.PARTS)
    for aid in DecisionAid.objects.with_questions():
        assert list(aid.sections.values_list("key", flat=True)) == keys


def test_works_council_marks(db):
    marked = {
        q.key: q.works_council
        for q in Question.objects.exclude(works_council="").select_related("aid")
    }
    assert marked == {"E07-10": "needed", **dict.fromkeys(MENTIONED, "mentioned")}


def test_every_step_is_asked_for_and_has_a_place(db):
    for step in Step.objects.all():
        assert step.questions.exists()
        assert step.resources.exists()


def test_the_command_says_what_it_loaded(db, capsys):
    call_command("catalogue", "check")
    call_command("catalogue", "load")
    assert "7 Themen, 67 Fragen" in capsys.readouterr().out


# --- Loading ------------------------------------------------------------------------------------


def test_loading_twice_changes_nothing(db):
    def state() -> list[object]:
        return [list(model.objects.order_by("pk").values()) for model in (Question, Step, Resource)]

    before, editions = state(), Edition.objects.count()
    _, new = fixtures.load(fixtures.read(FIXTURES))
    assert (new, Edition.objects.count(), state()) == (False, editions, before)


def test_a_new_topic_is_a_file_and_nothing_else(assessment, folder, login, cast):
    (folder / "e99.yaml").write_text(NEW_TOPIC, encoding="utf-8")
    _, new = fixtures.load(fixtures.read(folder))
    assert new
    aid = DecisionAid.objects.get(code="E99")
    assessment.refresh_from_db()
    assessment.choose_topics([aid])
    fill(assessment, {"E99-01": "nein"})
    sheet = Sheet.of(assessment)
    assert [(line.key, line.value) for line in sheet.lines()] == [
        ("E99-01", "nein"),
        ("E99-02", ""),
    ]
    assert [step.step for step in sheet.recommendations] == ["waermepumpe-lernen"]
    page = login(cast.anna).get(f"/durchgaenge/{assessment.pk}/themen/E99/")
    assert page.status_code == 200
    assert "Wir verstehen, wie eine Wärmepumpe ihre Daten meldet." in page.content.decode()


def test_a_reworded_question_asks_to_be_confirmed_and_closed_rounds_keep_their_text(cast, folder):
    closed = make_round(cast.company, "E03")
    fill(closed, {"E03-01": "ja"})
    old_text = next(Sheet.of(closed).lines()).text
    closed.close()
    opened = make_round(cast.company, "E03")
    fill(opened, {"E03-01": "ja", "E03-02": "nein"})
    spoil(folder, "e03.yaml", old_text, "Wir haben ganz neu aufgeschrieben, was alle können.")
    fixtures.load(fixtures.read(folder))
    closed.refresh_from_db()
    opened.refresh_from_db()
    lines = list(Sheet.of(opened).lines())
    assert [line.changed for line in lines] == [True, False, False, False, False]
    assert lines[0].text == "Wir haben ganz neu aufgeschrieben, was alle können."
    kept = next(Sheet.of(closed).lines())
    assert (kept.text, kept.changed) == (old_text, False)
    opened.record(lines[0].question, version=lines[0].version, value="ja")
    assert not next(Sheet.of(opened).lines()).changed


def test_a_closed_round_shows_the_text_an_unconfirmed_answer_was_given_to(cast, folder):
    opened = make_round(cast.company, "E03")
    fill(opened, {"E03-01": "ja"})
    old_text = next(Sheet.of(opened).lines()).text
    spoil(folder, "e03.yaml", old_text, "Wir haben ganz neu aufgeschrieben, was alle können.")
    fixtures.load(fixtures.read(folder))
    opened.refresh_from_db()
    opened.close()
    assert next(Sheet.of(opened).lines()).text == old_text


def test_what_left_the_files_is_retired_and_answers_stay(assessment, folder):
    rows = [row for row in fixtures.read(folder) if row.key != "E03-02"]
    answers = Answer.objects.count()
    fixtures.load(rows)
    assert Question.objects.get(aid__code="E03", number=2).retired
    assert Answer.objects.count() == answers
    assessment.refresh_from_db()
    assert "E03-02" not in [line.key for line in Sheet.of(assessment).lines()]
    fixtures.load(fixtures.read(FIXTURES))
    assert not Question.objects.get(aid__code="E03", number=2).retired


def test_each_wording_is_kept_once(db, folder):
    before = Wording.objects.count()
    fixtures.load(fixtures.read(FIXTURES))
    assert Wording.objects.count() == before == 67


# --- Broken files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "complaint"),
    [
        ("e03.yaml", "stage: 2", "stage: 7", "E03-01.stage"),
        ("e03.yaml", "number: 2", "number: 1", "E03-01: Steht schon in e03.yaml"),
        ("e03.yaml", '["kompetenzbedarf"]', '["gibtesnicht"]', "„gibtesnicht“ gibt es nicht"),
        ("e03.yaml", "actors:", "akteure:", "Dieses Feld gibt es nicht."),
        ("e03.yaml", "number: 3", 'number: "3"', "E03-03.number"),
        ("e03.yaml", "checklists.question", "accounts.user", "gehört nicht zum Katalog"),
        ("e03.yaml", "number: 4", "number: 4\n    number: 4", "steht doppelt"),
        ("e03.yaml", '["qualifikationsprofil"]', "&a [x]", "Anker, Verweise und Tags"),
        ("e03.yaml", "number: 5", "number: !!python/name:os.system 5", "Anker, Verweise und Tags"),
        ("e03.yaml", "- model", "- [model", "Kein gültiges YAML"),
        ("e03.yaml", 'resource: ["ogb"]', 'resource: ["bsi"]', "fehlt das Beraternetzwerk „ogb“"),
    ],
)
def test_a_broken_file_changes_nothing_and_names_the_place(db, folder, name, old, new, complaint):
    before = list(Question.objects.order_by("pk").values())
    spoil(folder, name, old, new)
    said = said_by(folder)
    assert any(complaint in problem for problem in said), said
    assert all(problem.startswith(f"{name}, Zeile ") for problem in said)
    assert list(Question.objects.order_by("pk").values()) == before


def test_line_numbers_are_those_of_the_file(folder):
    text = (folder / "e03.yaml").read_text(encoding="utf-8")
    line = text[: text.index("stage: 2")].count("\n") + 1
    spoil(folder, "e03.yaml", "stage: 2", "stage: 7")
    assert said_by(folder)[0].startswith(f"e03.yaml, Zeile {line}, E03-01.stage: ")


def test_too_long_too_large_and_not_text(folder):
    spoil(folder, "e03.yaml", 'actors: "', 'actors: "' + "x" * 200)
    assert any("actors" in problem for problem in said_by(folder))
    (folder / "e03.yaml").write_text("- x: " + "y" * fixtures.MAX_BYTES, encoding="utf-8")
    assert "größer als 2 MB" in said_by(folder)[0]
    (folder / "e03.yaml").write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in said_by(folder)[0]


def test_the_command_fails_in_words(db, folder):
    spoil(folder, "e05.yaml", "stage: 1", "stage: 9")
    with pytest.raises(CommandError, match=r"e05.yaml, Zeile \d+, E05-01.stage"):
        call_command("catalogue", "load", folder=folder)


NEW_TOPIC = """
- model: checklists.step
  fields:
    key: "waermepumpe-lernen"
    position: 99
    title: "Eine Anlage gemeinsam ansehen"
    why: "Wer es gesehen hat, fragt besser."
    what: "Sehen Sie sich eine Anlage im Betrieb an. Fragen Sie, welche Daten sie meldet."
    first: "Einen Termin bei einem befreundeten Betrieb machen."
    who: "Leitung und Team"
    effort: "ein Nachmittag"
    done_when: "drei Leute erklären können, was gemeldet wird."
    resources: [["om"]]
    source: "erfunden für einen Test"
- model: checklists.decisionaid
  fields:
    code: "E99"
    position: 99
    title: "Wärmepumpen, die melden"
    subtitle: ""
    short: "Wärmepumpen"
    teaser: "Ein Thema für diesen Test"
    summary: "Kurz."
    summary_plain: "Kurz."
    prompt: "state"
    source: "erfunden für einen Test"
    related: [["E02"]]
- model: checklists.question
  fields:
    aid: ["E99"]
    number: 1
    text: "Wir verstehen, wie eine Wärmepumpe ihre Daten meldet."
    help: "Gemeint ist die Anzeige am Gerät."
    plain: "Wir verstehen die Anzeige."
    stage: 1
    step: ["waermepumpe-lernen"]
    actors: "Team"
    works_council: ""
- model: checklists.question
  fields:
    aid: ["E99"]
    number: 2
    text: "Wir haben die Meldungen einer Anlage ausgewertet."
    help: "Einmal genügt."
    plain: "Wir haben Meldungen gelesen."
    stage: 2
    step: ["waermepumpe-lernen"]
    actors: "Team"
    works_council: ""
- model: checklists.aidresource
  fields: {aid: ["E99"], resource: ["om"], position: 1, role: "network"}
- model: checklists.aidresource
  fields: {aid: ["E99"], resource: ["ogb"], position: 2, role: "network"}
"""
