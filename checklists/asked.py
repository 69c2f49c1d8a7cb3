"""What a round asks, in the wording of its edition.

Editions never change once loaded, so each process keeps what it has read of the last few."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from checklists.models import DecisionAid, Edition, Question, Wording


@dataclass(frozen=True)
class Asked:
    """A question as an edition words it. The question row knows its place, stage and step."""

    question: Question
    aid: DecisionAid
    key: str  # "E01-03"
    text: str
    help: str
    plain: str
    wording_hash: str


@lru_cache(maxsize=8)
def asked_by(edition_id: int) -> dict[str, tuple[Asked, ...]]:
    """The edition's questions by topic code, in catalogue order: two queries the first time."""
    hashes = Edition.objects.values_list("questions", flat=True).get(pk=edition_id)
    questions = [
        question
        for question in Question.objects.select_related("aid", "step").order_by(
            "aid__position", "aid__code", "number"
        )
        if question.key in hashes
    ]
    reworded = {
        (wording.question_id, wording.hash): wording
        for wording in Wording.objects.filter(
            question__in=[q for q in questions if hashes[q.key] != q.wording_hash]
        )
    }
    topics: dict[str, list[Asked]] = {}
    for question in questions:
        wording = reworded.get((question.pk, hashes[question.key]), question)
        topics.setdefault(question.aid.code, []).append(
            Asked(
                question=question,
                aid=question.aid,
                key=question.key,
                text=wording.text,
                help=wording.help,
                plain=wording.plain,
                wording_hash=hashes[question.key],
            )
        )
    return {code: tuple(asked) for code, asked in topics.items()}
