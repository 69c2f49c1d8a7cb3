"""The whole catalogue as one file and back: `manage.py catalogue export` and `import`."""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from checklists import fixtures
from checklists.fixtures import reading, writing
from checklists.models import (
    Answer,
    AssessmentTopic,
    DecisionAid,
    Edition,
    Question,
    Resource,
    Section,
    Step,
    Term,
)
from checklists.sheet import Sheet
from tests.conftest import FIXTURES
from tests.factories import fill, make_round

MODELS = (DecisionAid, Edition, Question, Resource, Section, Step, Term)
WORDING = "Die Leitung weiß, was alle können."  # of nobody: stands for the rights holder's text
OTHER = """
- model: checklists.question
  fields:
    aid: ["W77"]
    number: 1
    text: "Wir wissen, woher unser Mehl kommt."
    help: "Gemeint ist die Mühle."
    plain: "Wir kennen die Mühle."
    stage: 1
    step: ["muehle-besuchen"]
    actors: "Backstube"
- model: checklists.step
  fields:
    key: "muehle-besuchen"
    title: "Die Mühle besuchen"
    why: "Wer sie gesehen hat, weiß mehr."
    what: "Fahren Sie hin. Sehen Sie sich um."
    first: "Anrufen."
    who: "Backstube"
    effort: "ein Vormittag"
    done_when: "alle dort waren."
    resources: [["innung"]]
    source: "erfunden für einen Test"
- model: checklists.decisionaid
  fields:
    code: "W77"
    title: "Mehl"
    short: "Mehl"
    source: "erfunden für einen Test"
- model: checklists.aidresource
  fields: {aid: ["W77"], resource: ["innung"], role: "network"}
- model: checklists.resource
  fields:
    key: "innung"
    name: "Bäckerinnung"
    kind: "network"
    offer: "Rat und Tat."
    source: "erfunden für einen Test"
"""


@pytest.fixture
def file(db, tmp_path) -> Path:
    """The loaded catalogue, exported."""
    path = tmp_path / "katalog.yaml"
    path.write_text(exported(), encoding="utf-8")
    return path


@cache
def exported() -> str:
    """Every test begins with the same catalogue."""
    return fixtures.write()


def bring(path: Path) -> None:
    call_command("catalogue", "import", str(path))


def state() -> list[object]:
    return [list(model._default_manager.order_by("pk").values()) for model in MODELS]


def change(path: Path, old: str, new: str) -> None:
    """Replace one passage that stands in the file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def statement(key: str) -> str:
    code, number = key.split("-")
    return Question.objects.get(aid__code=code, number=int(number)).text


# --- There and back -----------------------------------------------------------------------------


@pytest.mark.sqlite
def test_there_and_back_is_the_same_edition(file, capsys):
    before = state()
    call_command("catalogue", "export", out=file)
    bring(file)
    assert state() == before
    assert "Katalog unverändert: 7 Themen, 67 Fragen" in capsys.readouterr().out
    assert Edition.current().source == "fixtures"
    assert Edition.current().checksum == fixtures.checksum(fixtures.read(FIXTURES))
    assert fixtures.write() == file.read_text(encoding="utf-8")


def test_the_file_is_pleasant_to_edit(file):
    text = file.read_text(encoding="utf-8")
    rows = yaml.safe_load(text)
    assert set(rows[0]) == {"model", "fields"}
    order = list(dict.fromkeys(row["model"].removeprefix("checklists.") for row in rows))
    assert order == [
        "resource", "step", "decisionaid", "section", "question", "aidresource", "term",
    ]  # fmt: skip
    assert '\n# Thema E05\n- model: checklists.decisionaid\n  fields:\n    code: "E05"\n' in text
    first_lines = Section.objects.get(aid__code="E05", key="meaning").text.split("\n\n")[:2]
    assert "    text: |-\n      " + "\n\n      ".join(first_lines) in text
    assert '    aid: ["E05"]\n    number: 4\n' in text
    assert "für" in text
    assert not re.search(r"\\[xuU]|\\n|&id|[ \t]\n", text)


def test_rows_in_any_order_are_the_same_catalogue(file):
    rows = fixtures.read_file(file)
    random.Random(4).shuffle(rows)
    assert fixtures.load(rows)[1] is False


def test_a_default_that_is_not_written_out_changes_nothing(file):
    change(file, '    address_note: ""\n', "")
    change(file, '    prompt: "state"\n', "")
    assert fixtures.load(fixtures.read_file(file))[1] is False


def comes_back(path: Path, text: str) -> bool:
    path.write_text(writing._dump([Term(key="eins", word="Wort", text=text)]), encoding="utf-8")
    (row,) = fixtures.read_file(path)
    return row.fields == {"key": "eins", "word": "Wort", "variants": "", "text": text}


@pytest.mark.parametrize(
    "text",
    ["no", "12", "~", " vorn", "hinten ", "zwei\n", "\nvorn\n  tief\n", "a \nb", "a\r\nb",
     "#\n- x:", "\u2028\n", "\x85\n", "\ufeff\n", "\t\n", "„Wort“ – z.\u00a0B.\n\n- eins", "😀\n"],
)  # fmt: skip
def test_awkward_texts_come_back_as_they_were(tmp_path, text):
    assert comes_back(tmp_path / "eins.yaml", text)


@given(text=st.text(st.characters(codec="utf-8"), min_size=1))
@settings(max_examples=100, deadline=None)
def test_every_text_comes_back_as_it_was(tmp_path_factory, text):
    assume(not reading.UNREADABLE.search(text))
    assert comes_back(tmp_path_factory.getbasetemp() / "eins.yaml", text)


def test_export_says_what_is_in_the_way(db, tmp_path, monkeypatch):
    with pytest.raises(CommandError, match="lässt sich nicht schreiben"):
        call_command("catalogue", "export", out=tmp_path / "nirgends" / "katalog.yaml")
    monkeypatch.setattr(fixtures, "MAX_BYTES", 1000)
    with pytest.raises(CommandError, match="größer als 2 MB"):
        call_command("catalogue", "export", out=tmp_path / "katalog.yaml")
    assert not list(tmp_path.iterdir())


def test_nothing_is_exported_before_the_first_load(db, tmp_path):
    Edition.objects.all().delete()
    with pytest.raises(CommandError, match="noch kein Katalog"):
        call_command("catalogue", "export", out=tmp_path / "katalog.yaml")


# --- Another wording, another catalogue -----------------------------------------------------------


def test_another_wording_is_a_new_edition_and_answers_stay(cast, file, capsys):
    closed = make_round(cast.company, "E03")
    fill(closed, {"E03-01": "ja"})
    closed.close()
    opened = make_round(cast.company, "E03")
    fill(opened, {"E03-01": "ja", "E03-02": "nein"})
    old, ours, answers = Edition.current(), statement("E03-01"), list(Answer.objects.values())
    change(file, ours, WORDING)
    bring(file)
    assert "neu geladen: 7 Themen, 67 Fragen" in capsys.readouterr().out
    edition = Edition.current()
    assert (edition.source, edition.checksum == old.checksum) == ("import", False)
    assert list(Answer.objects.values()) == answers
    opened.refresh_from_db()
    closed.refresh_from_db()
    assert (opened.edition, closed.edition) == (edition, old)
    first, second, *_ = Sheet.of(opened).lines()
    assert (first.text, first.changed, second.changed) == (WORDING, True, False)
    assert next(Sheet.of(closed).lines()).text == ours


def test_the_original_wording_may_be_longer_than_ours(file):
    """Three items of the source have more than our twenty words."""
    change(
        file, statement("E01-11"), "Wurde ein Szenario geschrieben? " + "(Dies umfasst vieles) " * 9
    )
    bring(file)
    assert statement("E01-11").startswith("Wurde ein Szenario")


def test_another_catalogue_altogether_and_back(assessment, file, tmp_path):
    before = list(Question.objects.order_by("pk").values())
    answers = list(Answer.objects.values())
    topics = list(AssessmentTopic.objects.values())
    other = tmp_path / "anderer.yaml"
    other.write_text(OTHER, encoding="utf-8")
    bring(other)
    assert [q.key for q in Question.objects.live()] == ["W77-01"]
    assert [aid.code for aid in DecisionAid.objects.with_questions()] == ["W77"]
    assert (Section.objects.count(), Term.objects.count()) == (0, 0)
    assert list(Answer.objects.values()) == answers
    assessment.refresh_from_db()
    assert list(Sheet.of(assessment).lines()) == []
    assert fixtures.write().count("- model:") == 5
    call_command("catalogue", "load", force=True)
    assert Edition.current().source == "fixtures"
    assert list(Answer.objects.values()) == answers
    assert list(AssessmentTopic.objects.values()) == topics
    assessment.refresh_from_db()
    said = {line.key: line.value for line in Sheet.of(assessment).lines()}
    assert (said["E03-01"], said["E03-02"], said["E05-08"]) == ("ja", "nein", "entfaellt")
    assert list(Question.objects.live().order_by("pk").values()) == before


# --- What the start of the portal does to an imported catalogue ---------------------------------


def test_the_next_start_leaves_an_imported_catalogue_alone_and_says_so(file, capsys):
    change(file, statement("E03-01"), WORDING)
    bring(file)
    imported = state()
    assert "Er bleibt auch beim nächsten Start" in capsys.readouterr().out
    call_command("catalogue", "load")
    assert state() == imported
    said = capsys.readouterr().out
    assert "Der eingespielte Katalog bleibt" in said
    assert "catalogue load --force" in said


@pytest.mark.parametrize("options", [{"force": True}, {"folder": FIXTURES}])
def test_the_way_back_to_our_own(file, options):
    ours = statement("E03-01")
    change(file, ours, WORDING)
    bring(file)
    call_command("catalogue", "load", **options)
    assert (statement("E03-01"), Edition.current().source) == (ours, "fixtures")


def test_the_way_back_is_free_even_where_both_say_the_same(file):
    Edition.objects.filter(pk=Edition.current().pk).update(source="import")
    call_command("catalogue", "load", force=True)
    assert Edition.current().source == "fixtures"


def test_another_folder_is_kept_like_an_import(db, file, tmp_path):
    folder = tmp_path / "ordner"
    folder.mkdir()
    change(file, statement("E03-01"), WORDING)
    file.rename(folder / "katalog.yaml")
    call_command("catalogue", "load", folder=folder)
    call_command("catalogue", "load")
    assert (statement("E03-01"), Edition.current().source) == (WORDING, "import")


# --- Refused whole ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('    key: "om"\n', "", r"\?: Das Feld „key“ fehlt"),
        ('    step: ["kompetenzbedarf"]\n', "", r"E\d\d-\d\d: Das Feld „step“ fehlt"),
        ('step: ["kompetenzbedarf"]', 'step: ["gibtesnicht"]', "„gibtesnicht“ gibt es nicht"),
        ('step: ["kompetenzbedarf"]', 'step: ["kompetenzbedarf", "x"]', "step: Erwartet wird"),
        ("    number: 2\n", "    number: 1\n", r"E01-01: Steht schon in katalog.yaml, Zeile \d+"),
        ("    number: 2\n", "    number: 1000\n", "E01-1000.number"),
        ("    number: 2\n", "    number: -2\n", "E01--2.number: Hier steht eine Zahl"),
        ("    number: 2\n", "", "E01-0?: Das Feld „number“ fehlt".replace("?", r"\?")),
        ("    stage: 2\n", "    stage: 7\n", r"E01-\d\d.stage: "),
        ("    stage: 2\n", "    stage: zwei\n", r"E01-\d\d.stage: Hier steht eine Zahl"),
        ('    code: "E01"\n', '    code: "e01/x"\n', "e01/x.code: Ein Code ist"),
        ('    regions: "SH"', '    regions: "SH XX"', "uld.regions: Kein Bundesland: XX"),
        ('    key: "om"\n', '    key: ["om"]\n', "key: Hier steht eine Zahl statt eines Textes"),
        ('    short: "', '    short: "\\0', "E01.short: Das Steuerzeichen U.0000"),
        ('    short: "', '    short: "\x1b', "–: Das Steuerzeichen U.001B"),
        ('    aid: ["E01"]\n', '    aid: &a ["E01"]\n', "Anker, Verweise und Tags"),
        ('    aid: ["E01"]\n', "    aid: *a\n", "Anker, Verweise und Tags"),
        ("    number: 2\n", "    number: !!python/object/apply:os.system [ls]\n", "Anker, Verw"),
        ("    number: 2\n", "    number: {a: 1}\n", "Ein Feld ist ein Text, eine Zahl"),
        ("    number: 2\n", "    ? [a]\n    : b\n", "Der Name eines Feldes"),
        ("    number: 2\n", f"    number: {'[' * 30}\n", "zu tief verschachtelt"),
        ("    number: 2\n", "    number: [2\n", "Kein gültiges YAML"),
        ("checklists.term", "accounts.user", "„accounts.user“ gehört nicht zum Katalog"),
    ],
)  # fmt: skip
def test_a_broken_file_changes_nothing_and_names_the_place(file, old, new, complaint):
    before = state()
    text = file.read_text(encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    change(file, old, new)
    with pytest.raises(CommandError) as caught:
        bring(file)
    heading, *said = str(caught.value).splitlines()
    assert heading == "Katalog nicht geladen."
    fitting = [problem for problem in said if re.search(complaint, problem)]
    assert fitting, said
    assert all(problem.startswith("katalog.yaml, Zeile ") for problem in said)
    named = int(re.findall(r"Zeile (\d+)", fitting[0])[0])
    assert line - 30 <= named <= line + 2
    assert state() == before


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"- x: " + b"y" * fixtures.MAX_BYTES, "größer als 2 MB"),
        (b"[" * 1_000_000, "zu tief verschachtelt"),
        (b"- " * 500_000, "zu tief verschachtelt"),
        (b"\x89PNG\r\n\x1a\n\xff", "nicht in UTF-8"),
        (b"%PDF-1.7", "Kein gültiges YAML"),
        (b"", "Erwartet wird eine Liste"),
        (b"nur ein Satz", "Erwartet wird eine Liste"),
        (b"[]", "nennt kein Beraternetzwerk"),
        (OTHER[OTHER.index("- model: checklists.resource") :].encode(), "stellt keine Frage"),
        (b"- 1\n- [2]\n- {model: checklists.term}", "Zeile 3, –: Ein Objekt besteht genau aus"),
    ],
)
def test_what_is_no_catalogue_is_refused(db, tmp_path, content, complaint):
    before = state()
    path = tmp_path / "datei.yaml"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=complaint):
        bring(path)
    assert state() == before


def test_a_file_that_is_not_there(db, tmp_path):
    with pytest.raises(CommandError, match=r"katalog.yaml, Zeile 0, –: .* nicht lesen"):
        bring(tmp_path / "katalog.yaml")
    with pytest.raises(CommandError, match="nicht lesen"):
        bring(tmp_path)


def test_a_part_of_the_catalogue_is_refused(db):
    """A file that only replaces E03 would otherwise retire everything else."""
    before = state()
    with pytest.raises(CommandError, match="„kompetenzbedarf“ gibt es nicht"):
        bring(FIXTURES / "e03.yaml")
    assert state() == before


def test_a_byte_order_mark_and_line_ends_of_windows_do_no_harm(file):
    text = file.read_text(encoding="utf-8")
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert fixtures.load(fixtures.read_file(file))[1] is False
