"""The language of the catalogue: readable, within its limits, well set and well spelled.

The rules stand in content.md of the design. Words that hunspell does not know stand in
words_de.txt; who adds one has proof-read it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import mean

import pytest

from checklists import fixtures
from checklists.fixtures import Row
from checklists.models import AidResource, Question, Section, Step
from tests.conftest import FIXTURES

WORDS = Path(__file__).with_name("words_de.txt")

# Fields that hold keys, codes and addresses, not language.
KEYS = {
    "aid", "code", "key", "kind", "printed", "prompt", "regions", "role", "step", "url",
    "works_council",
}  # fmt: skip
LONG_SECTIONS = {"E07 challenges": 300}  # eight points and three principles of one source
SHORT_SECTIONS = {"E06 techniques": 25}  # two sentences in the source
SECTION_WORDS = (30, 180)

WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
SPELLED = re.compile(r"[^\W\d_]+(?:[-.][^\W\d_]+)*-?")
SENTENCE_END = re.compile(r"[.!?](?=[“)]*(?:\s|$))")
NO_END = re.compile(r"(?<=\d)\.(?=\u00a0)|(?<=\b\w)\.(?=\u00a0?\w\.)|(?<=\u00a0\w)\.(?!$)")


@dataclass(frozen=True)
class Text:
    """One text of the catalogue, and where it stands."""

    place: str
    field: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}.{self.field}"


# --- Measures -------------------------------------------------------------------------------------


def words(text: str) -> list[str]:
    """The words of a text; parts joined by hyphens are one word, numbers are none."""
    return WORD.findall(text)


def length(text: str) -> int:
    """How many words one reads, numbers among them."""
    return sum(any(sign.isalnum() for sign in word) for word in text.split())


def sentences(text: str) -> list[str]:
    """The sentences of a text, without their stops; "z. B." and "25. Mai" end none."""
    parts = SENTENCE_END.split(NO_END.sub("", text))
    return [part.strip() for part in parts if words(part)]


def lix(text: str) -> float:
    """Words per sentence + 100 × words of more than six letters ÷ words."""
    found = words(text)
    long = sum(len(word) > 6 for word in found)
    return len(found) / len(sentences(text)) + 100 * long / len(found)


SLIPS = {
    "gerade Anführungszeichen": r"[\"'`´]",
    "englische Anführungszeichen": r"[”‘’]|“(?=\w)",
    "Bindestrich als Gedankenstrich": r"(?<=\s)-(?=\s)(?!(?<=\n-)\s)",
    "Gedankenstrich ohne Leerzeichen": r"[^\W\d_]–|–(?!E\d)[^\W\d_]|—",
    "Abkürzung ohne geschütztes Leerzeichen": r"\b(?:z\. ?B|d\. ?h|u\. ?a|e\. ?V)\.",
    "kein geschütztes Leerzeichen": r"§ (?=\d)|\d (?:%|€)|\d\. (?=Mai\b)",
    "Ausrufezeichen": r"!",
    "Genderzeichen": r"\w[*:_]in(?:nen)?\b|\wIn(?:nen)?\b",
    "doppeltes Leerzeichen": r"  |\u00a0 | \u00a0",
    "Leerzeichen vor Satzzeichen": r"\s[,;:.?]",
    "drei Punkte": r"\.\.\.|…",
}


def slips(text: str) -> list[str]:
    """What is wrong with the signs of a text."""
    found = [name for name, pattern in SLIPS.items() if re.search(pattern, text)]
    if text.count("„") != text.count("“"):
        found.append("Anführungszeichen ohne Gegenstück")
    return found


@cache
def unknown(tokens: frozenset[str]) -> frozenset[str]:
    """The words that neither hunspell nor our own list knows."""
    done = subprocess.run(
        ["hunspell", "-d", "de_DE", "-i", "UTF-8", "-l", "-p", str(WORDS)],
        input="\n".join(sorted(tokens)),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert not done.stderr, done.stderr
    return frozenset(done.stdout.split("\n")) - {""}


def spelled(text: str) -> set[str]:
    """The words of a text as hunspell shall see them."""
    return set(SPELLED.findall(text.replace("|", " ")))


def misspelled(texts: list[Text]) -> list[str]:
    """Each unknown word with its place."""
    bad = unknown(frozenset(word for text in texts for word in spelled(text.text)))
    return [f"{text}: {word}" for text in texts for word in sorted(spelled(text.text) & bad)]


# --- The catalogue --------------------------------------------------------------------------------


@cache
def rows() -> list[Row]:
    return fixtures.read(FIXTURES)


def texts(*fields: str, model: type | None = None) -> list[Text]:
    """All texts that are language, or those of some fields of a model."""
    return [
        Text(f"{row.file}: {row.key}", field, value)
        for row in rows()
        if row.model is not AidResource and (model is None or row.model is model)
        for field, value in row.fields.items()
        if isinstance(value, str)
        and value
        and field not in KEYS
        and (not fields or field in fields)
    ]


def wrong(found: list[Text], allowed: Callable[[str], bool]) -> list[str]:
    """The places whose text is not as it should be, with the text."""
    return [f"{text}: {text.text}" for text in found if not allowed(text.text)]


# --- Measures, each shown red ---------------------------------------------------------------------


def test_lix_counts_sentences_long_words_and_abbreviations():
    assert lix("Wir backen Brot. Wir essen es?") == 3
    assert lix("Wir verarbeiten Getreide.") == 3 + 100 * 2 / 3
    assert sentences("Rat gibt z.\u00a0B. die Kammer. Am 25.\u00a0Mai auch. „Gut.“ Ja?") == [
        "Rat gibt z\u00a0B die Kammer",
        "Am 25\u00a0Mai auch",
        "„Gut",
        "“ Ja",
    ]
    assert words("Cloud-Lösungen für 7 Betriebe") == ["Cloud-Lösungen", "für", "Betriebe"]
    assert length("Arbeit 4.0 – heute") == 3


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ('Das "Netz".', "gerade Anführungszeichen"),
        ("Das „Netz“ und ‘Haus.", "englische Anführungszeichen"),
        ("Das „Netz.", "Anführungszeichen ohne Gegenstück"),
        ("Rat - und Tat.", "Bindestrich als Gedankenstrich"),
        ("Rat– und Tat.", "Gedankenstrich ohne Leerzeichen"),
        ("Rat, z. B. von außen.", "Abkürzung ohne geschütztes Leerzeichen"),
        ("Rat, z.B. von außen.", "Abkürzung ohne geschütztes Leerzeichen"),
        ("Es gilt § 9.", "kein geschütztes Leerzeichen"),
        ("Seit dem 25. Mai.", "kein geschütztes Leerzeichen"),
        ("Nur 5 % davon.", "kein geschütztes Leerzeichen"),
        ("Los geht es!", "Ausrufezeichen"),
        ("Alle Berater*innen.", "Genderzeichen"),
        ("Alle Kund:innen.", "Genderzeichen"),
        ("Jede Berater_in.", "Genderzeichen"),
        ("Alle MitarbeiterInnen.", "Genderzeichen"),
        ("Zwei  Leerzeichen.", "doppeltes Leerzeichen"),
        ("Ja , gern.", "Leerzeichen vor Satzzeichen"),
        ("Und so weiter …", "drei Punkte"),
    ],
)
def test_each_slip_is_seen(text, slip):
    assert slips(text) == [slip]


def test_good_signs_pass():
    text = "„Gut“ – z.\u00a0B. am 25.\u00a0Mai, §\u00a09, 5\u00a0%, E01–E07:\n\n- eins\n- zwei"
    assert slips(text) == []


def test_misspelled_words_are_named_with_their_place():
    texts = [Text("e01.yaml: E01-01", "text", "Wir haben einen Übeblick über Cloud-Lösunken.")]
    assert misspelled(texts) == [
        "e01.yaml: E01-01.text: Cloud-Lösunken",
        "e01.yaml: E01-01.text: Übeblick",
    ]


def test_our_words_are_sorted_single_and_needed():
    ours = WORDS.read_text(encoding="utf-8").splitlines()
    assert ours == sorted(set(ours), key=lambda word: (word.casefold(), word))
    used = {part for text in texts() for word in spelled(text.text) for part in parts(word)}
    assert [word for word in ours if word not in used] == []


def parts(word: str) -> Iterator[str]:
    """A word and, if it is joined by hyphens, its parts."""
    yield word
    yield from word.split("-")


# --- The texts ------------------------------------------------------------------------------------


def test_spelling():
    assert misspelled(texts()) == []


def test_signs():
    # „MitarbeiterInnen Qualifikation“ is the title of a source.
    prose = [text for text in texts() if text.field != "source"]
    assert [f"{text}: {slips(text.text)}" for text in prose if slips(text.text)] == []


def test_sections_are_readable():
    figures = {str(text): lix(text.text) for text in texts("text", model=Section)}
    assert mean(figures.values()) <= 45
    assert {place: figure for place, figure in figures.items() if figure > 55} == {}


def test_help_is_readable():
    assert mean(lix(text.text) for text in texts("help", model=Question)) <= 45


@pytest.mark.parametrize("model", [Question, Section])
def test_plain_texts_are_readable(model):
    assert mean(lix(text.text) for text in texts("plain", model=model)) <= 35


def test_statements():
    statements = texts("text", model=Question)
    assert wrong(statements, is_statement) == []


def is_statement(text: str) -> bool:
    """One affirmed sentence of at most 20 words."""
    return (
        length(text) <= 20
        and len(sentences(text)) == 1
        and text.endswith(".")
        and not re.search(r"\b(?:nicht|kein\w*|Sie|Ihr\w*)\b", text)
    )


def test_the_same_item_is_worded_alike():
    text = {row.key: str(row.fields["text"]) for row in rows() if row.model is Question}
    for number in (4, 5, 6, 7, 8, 9, 11, 12, 13, 14):
        assert text[f"E01-{number:02d}"] == text[f"E02-{number:02d}"]
    patterns = {
        r"Die Leitung hat sich genug Überblick über .+ verschafft": ("E01-01", "E02-01"),
        r"Die Leitung hat sich .+ Überblick über .+ verschafft": ("E06-01",),
        r"Unsere Beschäftigten haben genug Überblick über": ("E01-02", "E02-02"),
        r"Wir haben dafür gesorgt, dass sich .+ Überblick über .+ verschaffen (?:kann|können)\.": (
            "E04-01",
            "E04-02",
            "E06-02",
        ),
    }
    for pattern, keys in patterns.items():
        assert [key for key in keys if not re.match(pattern, text[key])] == []


def test_help_tells_yes_from_no_with_an_example():
    found = texts("help", model=Question)
    assert wrong(found, lambda text: 25 <= length(text) <= 70) == []
    assert wrong(found, is_help) == []


def is_help(text: str) -> bool:
    """Says when it is Ja, when it is Nein, and gives one example."""
    marks = ("Ja heißt: ", "Nein heißt: ", "Beispiel: ")
    return [text.count(mark) for mark in marks] == [1, 1, 1]


def test_help_without_an_example_is_seen():
    assert is_help("Ja heißt: alles. Nein heißt: nichts. Beispiel: Brot.")
    assert not is_help("Ja heißt: alles. Beispiel: Brot.")
    assert not is_help("Ja heißt: alles. Nein heißt: nichts.")


def test_plain_questions_are_short_main_clauses():
    assert wrong(texts("plain", model=Question), is_plain) == []


def is_plain(text: str) -> bool:
    """At most twelve words a sentence and no abbreviation."""
    return all(length(part) <= 12 for part in sentences(text)) and "\u00a0" not in text


def test_statements_and_plain_sentences_that_are_too_long_are_seen():
    assert is_statement("Wir haben " + "sehr " * 17 + "viel.")
    assert not is_statement("Wir haben " + "sehr " * 18 + "viel.")
    assert not is_statement("Wir haben nicht viel.")
    assert is_plain("Wir haben " + "sehr " * 9 + "viel. Gut so.")
    assert not is_plain("Gut so. Wir haben " + "sehr " * 10 + "viel.")


def test_sections_have_the_length_of_their_source():
    for row in rows():
        if row.model is Section:
            least = SHORT_SECTIONS.get(row.key, SECTION_WORDS[0])
            most = LONG_SECTIONS.get(row.key, SECTION_WORDS[1])
            assert least <= length(row.fields["text"]) <= most, row.key
            assert length(row.fields["plain"]) <= 60, row.key
            assert row.fields["heading"].endswith("?"), row.key


def test_steps_say_what_and_when_it_is_done():
    assert wrong(texts("title", model=Step), lambda text: length(text) <= 8) == []
    assert wrong(texts("what", model=Step), lambda text: 2 <= len(sentences(text)) <= 4) == []
    assert wrong(texts("first", model=Step), lambda text: len(sentences(text)) == 1) == []
    assert wrong(texts("done_when", model=Step), completes_done_when) == []


def completes_done_when(text: str) -> bool:
    """Goes on after „Fertig, wenn“: one clause that starts small and ends with a full stop."""
    return text[0].islower() and text.endswith(".") and len(sentences(text)) == 1
