"""What stands in a report: built once from a round, then frozen.

`build()` turns rows into dataclasses; `to_json` and `from_json` carry them through the database;
`checksum()` names them. No HTML, no PDF here: web page and PDF render the same content."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, get_args, get_origin, get_type_hints

from django.utils import timezone

from checklists.models import AidResource, Assessment, Resource, Stage, Step
from checklists.results import ENTFAELLT, JA, NEIN, OFFEN, WEISS_NICHT, Tally
from checklists.sheet import Sheet

SCHEMA = 1


@dataclass(frozen=True)
class Firm:
    name: str
    trade: str  # "" where not said
    headcount: int | None
    region: str  # code of the Bundesland, "" where not said
    region_name: str
    works_council: str  # "yes", "no" or "" (not said)


@dataclass(frozen=True)
class AnsweredQuestion:
    key: str  # "E01-03"
    number: int
    text: str
    stage: int
    value: str  # "ja", "nein", "weissnicht", "entfaellt" or ""
    reason: str
    note: str
    step: int | None  # number of the recommended step that closes this gap


@dataclass(frozen=True)
class TopicResult:
    code: str
    title: str
    subtitle: str
    short: str
    stage: int | None
    all_reached: bool
    questions: tuple[AnsweredQuestion, ...]
    places: tuple[str, ...]  # keys of the places in the topic's link list

    @property
    def tally(self) -> Tally:
        return Tally.of(question.value for question in self.questions)

    def having(self, value: str) -> list[AnsweredQuestion]:
        return [question for question in self.questions if question.value == value]

    @property
    def gaps(self) -> list[AnsweredQuestion]:
        return self.having(NEIN)

    @property
    def true(self) -> list[AnsweredQuestion]:
        return self.having(JA)

    @property
    def unclear(self) -> list[AnsweredQuestion]:
        return self.having(WEISS_NICHT)

    @property
    def dropped(self) -> list[AnsweredQuestion]:
        return self.having(ENTFAELLT)

    @property
    def unanswered(self) -> list[AnsweredQuestion]:
        return self.having(OFFEN)


@dataclass(frozen=True)
class NextStep:
    number: int  # its place in the explained order, from 1
    key: str
    title: str
    why: str
    what: str
    first: str
    who: str
    effort: str
    done_when: str
    stage: int
    closes: tuple[str, ...]  # question keys
    topics: tuple[str, ...]  # topic codes
    places: tuple[str, ...]  # keys of places to turn to


@dataclass(frozen=True)
class Place:
    key: str
    name: str
    kind: str  # Resource.Kind
    offer: str
    printed: str
    url: str
    regions: tuple[str, ...]  # codes of Bundesländer; empty: nationwide
    source: str
    topics: tuple[str, ...]  # codes of the round's topics that name it


@dataclass(frozen=True)
class Content:
    """All that a report prints except its number, which belongs to the row."""

    schema: int
    kind: str  # "action"
    made_on: date
    round_number: int
    round_started: date
    round_closed: date | None
    edition: str  # checksum of the catalogue
    edition_date: date
    with_notes: bool
    firm: Firm
    topics: tuple[TopicResult, ...]
    steps: tuple[NextStep, ...]
    networks: tuple[Place, ...]
    places: tuple[Place, ...]  # all others: of steps and link lists, and of the firm's own Land

    @property
    def tally(self) -> Tally:
        return sum((topic.tally for topic in self.topics), Tally())

    @property
    def place_by_key(self) -> dict[str, Place]:
        return {place.key: place for place in (*self.networks, *self.places)}

    @property
    def regional(self) -> tuple[Place, ...]:
        """Places of the firm's own Bundesland."""
        return tuple(place for place in self.places if self.firm.region in place.regions)

    @property
    def stages_used(self) -> list[Stage]:
        return list(Stage)


def build(assessment: Assessment, *, with_notes: bool = True, today: date | None = None) -> Content:
    """The action report's content for a round as it stands now. `today` defaults to the date in
    Europe/Berlin."""
    sheet = Sheet.of(assessment)
    recommendations = sheet.recommendations
    number_of = {
        key: number
        for number, recommended in enumerate(recommendations, 1)
        for key in recommended.closes
    }
    steps = {
        step.key: step
        for step in Step.objects.filter(
            key__in=[recommended.step for recommended in recommendations]
        ).prefetch_related("resources")
    }
    company = assessment.company
    local = (
        list(Resource.objects.filter(regions__contains=company.region, retired=False))
        if company.region
        else []
    )
    # A place that a text merely mentions is no address of the report, unless it is in the firm's
    # own Land: those are few, and nearest.
    mentions = [
        mention
        for mention in AidResource.objects.filter(
            aid__in=[topic.aid.pk for topic in sheet.topics], resource__retired=False
        )
        .select_related("resource")
        .order_by("position")
        if mention.role != AidResource.Role.TEXT or mention.resource in local
    ]
    topics = tuple(
        TopicResult(
            code=topic.aid.code,
            title=topic.aid.title,
            subtitle=topic.aid.subtitle,
            short=topic.aid.short,
            stage=topic.reached.stage,
            all_reached=topic.reached.all_reached,
            questions=tuple(
                AnsweredQuestion(
                    key=line.key,
                    number=line.number,
                    text=line.text,
                    stage=line.question.stage,
                    value=line.value,
                    reason=line.reason,
                    note=line.note if with_notes else "",
                    step=number_of.get(line.key),
                )
                for line in topic.lines
            ),
            places=tuple(
                mention.resource.key
                for mention in mentions
                if mention.aid_id == topic.aid.pk and mention.role == AidResource.Role.LINK
            ),
        )
        for topic in sheet.topics
    )
    next_steps = tuple(
        NextStep(
            number=number,
            key=recommended.step,
            **{
                name: getattr(steps[recommended.step], name)
                for name in ("title", "why", "what", "first", "who", "effort", "done_when")
            },
            stage=recommended.stage,
            closes=recommended.closes,
            topics=recommended.aids,
            places=tuple(r.key for r in steps[recommended.step].resources.all() if not r.retired),
        )
        for number, recommended in enumerate(recommendations, 1)
    )
    networks = Resource.objects.filter(kind=Resource.Kind.NETWORK, retired=False)
    named = {r.pk: r for step in steps.values() for r in step.resources.all() if not r.retired}
    named |= {mention.resource.pk: mention.resource for mention in mentions}
    named |= {resource.pk: resource for resource in local}
    naming = {
        pk: [
            topic.aid.code
            for topic in sheet.topics
            if any(m.aid_id == topic.aid.pk and m.resource.pk == pk for m in mentions)
        ]
        for pk in named
    }
    return Content(
        schema=SCHEMA,
        kind="action",
        made_on=today or timezone.localdate(),
        round_number=assessment.number,
        round_started=timezone.localdate(assessment.started_at),
        round_closed=assessment.closed_at and timezone.localdate(assessment.closed_at),
        edition=assessment.edition.checksum,
        edition_date=timezone.localdate(assessment.edition.loaded_at),
        with_notes=with_notes,
        firm=Firm(
            name=company.name,
            trade=company.trade,
            headcount=company.headcount,
            region=company.region,
            region_name=company.get_region_display() if company.region else "",
            works_council=company.works_council,
        ),
        topics=topics,
        steps=next_steps,
        networks=_places(networks, {}),
        places=_places((r for r in named.values() if r.kind != Resource.Kind.NETWORK), naming),
    )


def _places(
    resources: Iterable[Resource], naming: Mapping[int, Iterable[str]]
) -> tuple[Place, ...]:
    ordered = sorted(resources, key=lambda resource: (resource.position, resource.key))
    return tuple(
        Place(
            key=resource.key,
            name=resource.name,
            kind=resource.kind,
            offer=resource.offer,
            printed=resource.printed,
            url=resource.url,
            regions=tuple(resource.regions.split()),
            source=resource.source,
            topics=tuple(naming.get(resource.pk, ())),
        )
        for resource in ordered
    )


# --- Freezing: dataclasses to JSON and back -------------------------------------------------------


def to_json(content: Content) -> dict[str, Any]:
    """Plain data for a JSON column. Dates become ISO 8601."""
    return json.loads(
        json.dumps(dataclasses.asdict(content), default=_encode_date, ensure_ascii=False)
    )


def _encode_date(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong into a report")


def from_json(data: dict[str, Any]) -> Content:
    """The content that `to_json` wrote. Raises ValueError for another schema."""
    if data.get("schema") != SCHEMA:
        raise ValueError(f"Report content of schema {data.get('schema')!r}, expected {SCHEMA}")
    return _decode(Content, data)


def _decode(kind: Any, data: Any) -> Any:
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(
            **{f.name: _decode(hints[f.name], data[f.name]) for f in dataclasses.fields(kind)}
        )
    if get_origin(kind) is tuple:
        return tuple(_decode(get_args(kind)[0], item) for item in data)
    if data is not None and date in (kind, *get_args(kind)):
        return date.fromisoformat(data)
    return data


def checksum(data: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON (sorted keys, no blanks, UTF-8), as 64 hex digits."""
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def first_steps(content: Content, count: int = 3) -> Sequence[NextStep]:
    return content.steps[:count]
