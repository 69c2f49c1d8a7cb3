"""What the catalogue says, for readers: topics, questions and steps with what leads where.

An edition never changes once loaded, so each process keeps what it has read of the last few."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from checklists.glossary import Glossary
from checklists.models import (
    AidResource,
    DecisionAid,
    Edition,
    Question,
    Section,
    Stage,
    Step,
    Term,
)


@dataclass(frozen=True)
class Part:
    """One of a topic's three parts."""

    name: Section.Part
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Chapter:
    """All there is to read about one topic. Places are primary keys: what is known of their
    addresses changes between editions."""

    aid: DecisionAid
    sections: tuple[Section, ...]
    questions: tuple[Question, ...]
    related: tuple[DecisionAid, ...]
    places: dict[AidResource.Role, tuple[int, ...]]

    @cached_property
    def parts(self) -> list[Part]:
        parts = [
            Part(part, tuple(section for section in self.sections if section.part == part))
            for part in Section.Part
        ]
        return [part for part in parts if part.sections]

    @property
    def question_count(self) -> int:
        return len(self.questions)

    @property
    def links(self) -> tuple[int, ...]:
        return self.places.get(AidResource.Role.LINK, ())

    @property
    def networks(self) -> tuple[int, ...]:
        return self.places.get(AidResource.Role.NETWORK, ())

    @property
    def named(self) -> tuple[int, ...]:
        return self.places.get(AidResource.Role.TEXT, ())


@dataclass(frozen=True)
class ReadStep:
    """A step with the questions that lead to it."""

    step: Step
    questions: tuple[Question, ...]
    places: tuple[int, ...]  # primary keys

    @property
    def stage(self) -> Stage:
        """The first stage on which it helps."""
        return Stage(min(question.stage for question in self.questions))

    @cached_property
    def topics(self) -> list[tuple[DecisionAid, list[Question]]]:
        """Its questions by topic."""
        topics: dict[str, tuple[DecisionAid, list[Question]]] = {}
        for question in self.questions:
            topics.setdefault(question.aid.code, (question.aid, []))[1].append(question)
        return list(topics.values())


@dataclass(frozen=True)
class Library:
    """An edition's texts, each in catalogue order."""

    checksum: str = ""
    chapters: dict[str, Chapter] = field(default_factory=dict)  # by code
    titles: tuple[DecisionAid, ...] = ()  # topics that are titles only
    questions: dict[str, Question] = field(default_factory=dict)  # by key
    steps: dict[str, ReadStep] = field(default_factory=dict)  # by key
    naming: dict[int, tuple[DecisionAid, ...]] = field(default_factory=dict)  # place → topics
    glossary: Glossary = field(default_factory=lambda: Glossary(()))

    @classmethod
    def current(cls) -> Library:
        """The edition loaded last: one query, once the process knows it. Empty before the first."""
        try:
            edition = Edition.current()
        except Edition.DoesNotExist:
            return cls()
        return library_of(edition.pk)


@lru_cache(maxsize=2)
def library_of(edition_id: int) -> Library:
    """Read everything: ten queries the first time. Only the current edition can be read, because
    rows hold the latest texts."""
    questions: dict[int, list[Question]] = defaultdict(list)
    leading: dict[int, list[Question]] = defaultdict(list)
    for question in (
        Question.objects.live()
        .select_related("aid", "step")
        .order_by("aid__position", "aid__code", "number")
    ):
        questions[question.aid_id].append(question)
        leading[question.step_id].append(question)
    sections: dict[int, list[Section]] = defaultdict(list)
    for section in Section.objects.order_by("position"):
        sections[section.aid_id].append(section)
    aids = {aid.pk: aid for aid in DecisionAid.objects.filter(retired=False)}
    related: dict[int, list[DecisionAid]] = defaultdict(list)
    for left, right in DecisionAid.related.through.objects.order_by(
        "to_decisionaid__position"
    ).values_list("from_decisionaid", "to_decisionaid"):
        if right in aids:
            related[left].append(aids[right])
    places: dict[int, dict[AidResource.Role, list[int]]] = defaultdict(lambda: defaultdict(list))
    naming: dict[int, list[DecisionAid]] = defaultdict(list)
    for mention in AidResource.objects.filter(
        resource__retired=False, aid__in=list(questions)
    ).order_by("aid__position", "position"):
        places[mention.aid_id][AidResource.Role(mention.role)].append(mention.resource_id)
        naming[mention.resource_id].append(aids[mention.aid_id])
    turning: dict[int, list[int]] = defaultdict(list)
    for row in Step.resources.through.objects.filter(resource__retired=False).order_by(
        "resource__position", "resource__key"
    ):
        turning[row.step_id].append(row.resource_id)
    return Library(
        checksum=Edition.objects.values_list("checksum", flat=True).get(pk=edition_id),
        chapters={
            aid.code: Chapter(
                aid=aid,
                sections=tuple(sections[pk]),
                questions=tuple(questions[pk]),
                related=tuple(related[pk]),
                places={role: tuple(keys) for role, keys in places[pk].items()},
            )
            for pk, aid in aids.items()
            if questions[pk]
        },
        titles=tuple(aid for pk, aid in aids.items() if not questions[pk]),
        questions={q.key: q for pk in aids for q in questions[pk]},
        steps={
            step.key: ReadStep(step, tuple(leading[step.pk]), tuple(turning[step.pk]))
            for step in Step.objects.filter(retired=False)
            if leading[step.pk]
        },
        naming={pk: tuple(topics) for pk, topics in naming.items()},
        glossary=Glossary(Term.objects.all()),
    )
