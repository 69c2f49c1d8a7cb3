"""Finding things by words: topics, questions, steps, places, the firm's own notes and measures."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.urls import reverse
from django.utils.translation import gettext as _

from checklists.directory import places_by_key
from checklists.models import Answer, Measure, Section
from checklists.reading import Library

SHOWN = 8  # hits per group
MOST_WORDS = 6
EXCERPT = 150  # characters
UMLAUTS = str.maketrans({"ä": "a", "ö": "o", "ü": "u"})


@dataclass(frozen=True)
class Hit:
    """One thing that was found."""

    title: str
    text: str
    link: str


@dataclass(frozen=True)
class Group:
    """Hits of one kind, the best first; `more` when there are others."""

    name: str
    hits: tuple[Hit, ...]
    more: bool


def words_of(query: str) -> tuple[str, ...]:
    """What is looked for: at most six words. Case, accents, umlauts and ß do not matter."""
    return tuple(folded(query.replace("\x00", " ")).split()[:MOST_WORDS])


def folded(text: str) -> str:
    plain = unicodedata.normalize("NFC", text).casefold().translate(UMLAUTS)
    apart = unicodedata.normalize("NFKD", plain)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def search_catalogue(library: Library, words: tuple[str, ...]) -> list[Group]:
    """Groups with at least one hit. A hit has all words; those in titles come first. One query,
    for the places."""
    topics = (
        (chapter.aid.title, _said(chapter.sections), reverse("aid", args=[code]))
        for code, chapter in library.chapters.items()
    )
    questions = (
        (question.text, question.help, reverse("question", args=[key]))
        for key, question in library.questions.items()
    )
    steps = (
        (read.step.title, f"{read.step.what} {read.step.first}", reverse("step", args=[key]))
        for key, read in library.steps.items()
    )
    places = (
        (place.name, place.offer, f"{reverse('resources')}#stelle-{place.key}")
        for place in places_by_key().values()
    )
    terms = (
        (term.word, term.text, f"{reverse('glossary')}#wort-{term.key}")
        for term in library.glossary.terms
    )
    found = [
        _group(_("Themen"), topics, words),
        _group(_("Fragen"), questions, words),
        _group(_("Schritte"), steps, words),
        _group(_("Anlaufstellen"), places, words),
        _group(_("Wörter"), terms, words),
    ]
    return [group for group in found if group.hits]


def search_notes(answers: Iterable[Answer], words: tuple[str, ...]) -> list[Group]:
    """Notes among these answers. Each answer brings its question, topic and round along."""
    notes = (
        (
            answer.question.text,
            answer.note,
            reverse("checklist", args=[answer.assessment_id, answer.question.aid.code])
            + f"#{answer.question.key}",
        )
        for answer in answers
    )
    group = _group(_("Ihre Notizen"), notes, words)
    return [group] if group.hits else []


def search_measures(measures: Iterable[Measure], words: tuple[str, ...]) -> list[Group]:
    """Measures among these, by what is done, why and how."""
    rows = (
        (measure.title, f"{measure.direction} {measure.way}", reverse("measure", args=[measure.pk]))
        for measure in measures
    )
    group = _group(_("Ihre Maßnahmen"), rows, words)
    return [group] if group.hits else []


def _group(name: str, rows: Iterable[tuple[str, str, str]], words: tuple[str, ...]) -> Group:
    ranked = sorted(_ranked(rows, words), key=lambda pair: pair[0])
    hits = tuple(hit for _rank, hit in islice(ranked, SHOWN))
    return Group(name, hits, len(ranked) > SHOWN)


def _ranked(
    rows: Iterable[tuple[str, str, str]], words: tuple[str, ...]
) -> Iterator[tuple[int, Hit]]:
    for title, text, link in rows:
        in_title, in_text = folded(title), folded(text)
        if all(word in in_title or word in in_text for word in words):
            missing = sum(word not in in_title for word in words)
            yield missing, Hit(title, excerpt(text, words), link)


def excerpt(text: str, words: tuple[str, ...]) -> str:
    """The part of a text around the first word found, cut between words."""
    flat = " ".join(text.split())
    at = min((place for word in words if (place := folded(flat).find(word)) >= 0), default=0)
    start = 0 if at < EXCERPT // 2 else flat.rfind(" ", 0, at - EXCERPT // 3) + 1
    piece = flat[start : start + EXCERPT]
    end = start + EXCERPT < len(flat)
    if end:
        piece = piece.rsplit(" ", 1)[0]
    return f"{'… ' if start else ''}{piece}{' …' if end else ''}"


def _said(sections: Iterable[Section]) -> str:
    return " ".join(section.text for section in sections)
