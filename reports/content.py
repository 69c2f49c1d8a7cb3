"""What stands in a report: built once from a round, then frozen.

`build()` turns rows into dataclasses; `to_json` and `from_json` carry them through the database;
`checksum()` names them. No HTML, no PDF here: web page and PDF render the same content."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.utils import timezone

from checklists.models import AddressState, AidResource, Assessment, Resource
from checklists.next_steps import NextStep as Recommended
from checklists.next_steps import next_steps, with_places
from checklists.results import ENTFAELLT, JA, NEIN, OFFEN, WEISS_NICHT, Tally
from checklists.sheet import Sheet, Topic
from reports.kinds import PARTS, WEB, WITH_NOTES, Kind, Options, WebPart
from reports.logo import Logo, logo_of
from reports.moved import Comparison, comparison_of
from reports.plain import decode, encode
from reports.planned import Plan, plan_of
from reports.reviewed import ReviewRecord, reviews_of
from reports.since import Participation, SinceLast

SCHEMA = 3
READABLE = (1, 2, 3)  # 1: without statements and reviews; 2: without kinds


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
    earlier: str = ""  # value of an earlier round that nobody confirmed: it counts as open


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
class StatementRecord:
    """What the works council released about an earlier report of the round."""

    report: int
    number: int
    kind: str  # Statement.Kind
    result: str  # the kind as it was called
    dated: date
    text: str
    author: str  # "" where the account is gone


@dataclass(frozen=True)
class Content:
    """All that a report prints except its number, which belongs to the row."""

    schema: int
    kind: str  # reports.kinds.Kind
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
    statements: tuple[StatementRecord, ...] = ()
    reviews: tuple[ReviewRecord, ...] = ()
    comparison: Comparison | None = None  # with the round before
    plan: Plan | None = None  # None where nothing was decided yet
    since: SinceLast | None = None  # None in the company's first report
    participation: Participation | None = None  # only in the works council's version
    plain: bool = False  # the questions are in plain words
    grey: bool = False
    archive: bool = False
    logo: Logo | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """What the report consists of, in order, without what has nothing to say: the contract
        with both layouts, see reports.kinds."""
        silent = {
            "since": self.since is None,
            "comparison": self.comparison is None,
            "reviews": not self.reviews,
            "statements": not self.statements,
        }
        return tuple(part for part in PARTS[self.kind] if not silent.get(part))

    @property
    def web_parts(self) -> list[WebPart]:
        """Those of the parts that the web page shows: none to be filled in on paper."""
        blank = {"steps": not self.steps, "plan": self.plan is None}
        return [
            WebPart(part, WEB[part][0], str(WEB[part][1]))
            for part in self.parts
            if part in WEB and not blank.get(part)
        ]

    @property
    def kind_name(self) -> str:
        return str(Kind(self.kind).label)

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


def build(
    assessment: Assessment,
    options: Options = Options(),  # noqa: B008 - frozen
    *,
    statements: Iterable[StatementRecord] = (),
    participation: Participation | None = None,
    today: date | None = None,
) -> Content:
    """A report's content for a round as it stands now: what its kind needs and nothing else, so
    that whoever gets the report gets no more. `statements` are those about its earlier reports;
    `today` defaults to the date in Europe/Berlin."""
    company, edition = assessment.company, assessment.edition
    parts = frozenset(PARTS[options.kind])
    sheet = _chosen(Sheet.of(assessment), options.topics)
    steps = with_places(next_steps(sheet), company.region)
    closed = {line.key for line in sheet.lines() if line.value == JA}
    known = Resource.objects.filter(retired=False).select_related("address_check")
    others: list[Resource] = []
    mentions: list[AidResource] = []
    if "places" in parts:
        local = list(known.filter(regions__contains=company.region)) if company.region else []
        mentions = _mentions(sheet, local)
        named = {place.pk: place for step in steps for place in step.places}
        named |= {mention.resource.pk: mention.resource for mention in mentions}
        named |= {resource.pk: resource for resource in local}
        others = [place for place in named.values() if place.kind != Resource.Kind.NETWORK]
    day = today or timezone.localdate()
    with_notes = options.with_notes and options.kind in WITH_NOTES
    return Content(
        schema=SCHEMA,
        kind=options.kind,
        made_on=day,
        round_number=assessment.number,
        round_started=timezone.localdate(assessment.started_at),
        round_closed=assessment.closed_at and timezone.localdate(assessment.closed_at),
        edition=edition.checksum,
        edition_date=timezone.localdate(edition.loaded_at),
        with_notes=with_notes,
        firm=Firm(
            name=company.name,
            trade=company.trade,
            headcount=company.headcount,
            region=company.region,
            region_name=company.get_region_display() if company.region else "",
            works_council=company.works_council,
        ),
        topics=tuple(
            _topic(topic, steps, mentions, dataclasses.replace(options, with_notes=with_notes))
            for topic in sheet.topics
        ),
        steps=tuple(_step(step) for step in steps),
        networks=_places(known.filter(kind=Resource.Kind.NETWORK), sheet, []),
        places=_places(others, sheet, mentions),
        statements=tuple(statements) if "statements" in parts else (),
        reviews=reviews_of(assessment) if options.with_reviews and "reviews" in parts else (),
        comparison=comparison_of(sheet) if "comparison" in parts else None,
        plan=plan_of(company, steps, day, closed=closed, for_staff="plan" not in parts)
        if parts & {"plan", "effects"}
        else None,
        participation=participation if "took_part" in parts else None,
        plain=options.plain,
        grey=options.grey,
        archive=options.archive,
        logo=logo_of(company) if options.with_logo else None,
    )


def _chosen(sheet: Sheet, codes: tuple[str, ...]) -> Sheet:
    """The sheet with these topics only; with all of them where none was named."""
    if not codes:
        return sheet
    topics = [topic for topic in sheet.topics if topic.aid.code in codes]
    return dataclasses.replace(sheet, topics=topics)


def _mentions(sheet: Sheet, local: list[Resource]) -> list[AidResource]:
    """Which topic names which place. One that a text merely mentions is no address of the report,
    unless it is in the firm's own Land: those are few, and nearest."""
    all_mentions = (
        AidResource.objects.filter(
            aid__in=[topic.aid.pk for topic in sheet.topics], resource__retired=False
        )
        .select_related("resource__address_check")
        .order_by("position")
    )
    return [
        mention
        for mention in all_mentions
        if mention.role != AidResource.Role.TEXT or mention.resource in local
    ]


def _topic(
    topic: Topic, steps: list[Recommended], mentions: list[AidResource], options: Options
) -> TopicResult:
    number_of = {key: step.number for step in steps for key in step.closes}
    return TopicResult(
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
                text=(line.plain if options.plain else "") or line.text,
                stage=line.question.stage,
                value=line.value,
                reason="" if line.earlier else line.reason,
                note=line.note if options.with_notes else "",
                step=number_of.get(line.key),
                earlier=line.earlier,
            )
            for line in topic.lines
        ),
        places=tuple(
            mention.resource.key
            for mention in mentions
            if mention.aid_id == topic.aid.pk and mention.role == AidResource.Role.LINK
        ),
    )


def _step(recommended: Recommended) -> NextStep:
    step = recommended.step
    return NextStep(
        number=recommended.number,
        key=step.key,
        title=step.title,
        why=step.why,
        what=step.what,
        first=step.first,
        who=step.who,
        effort=step.effort,
        done_when=step.done_when,
        stage=int(recommended.stage),
        closes=recommended.closes,
        topics=tuple(aid.code for aid in recommended.topics),
        places=tuple(place.key for place in recommended.places),
    )


def _places(
    resources: Iterable[Resource], sheet: Sheet, mentions: list[AidResource]
) -> tuple[Place, ...]:
    naming = {(mention.aid_id, mention.resource_id) for mention in mentions}
    return tuple(
        Place(
            key=resource.key,
            name=resource.name,
            kind=resource.kind,
            offer=resource.offer,
            printed=resource.printed,
            url="" if resource.address_state == AddressState.FAILED else resource.url,
            regions=tuple(resource.regions.split()),
            source=resource.source,
            topics=tuple(
                topic.aid.code for topic in sheet.topics if (topic.aid.pk, resource.pk) in naming
            ),
        )
        for resource in sorted(resources, key=lambda each: (each.position, each.key))
    )


# --- Freezing: dataclasses to JSON and back -------------------------------------------------------


def to_json(content: Content) -> dict[str, Any]:
    """Plain data for a JSON column."""
    return encode(content)


def from_json(data: dict[str, Any]) -> Content:
    """The content that `to_json` wrote, in this release or an earlier one: what a report could not
    say then has its default. Raises ValueError for an unknown schema."""
    if data.get("schema") not in READABLE:
        raise ValueError(f"Report content of schema {data.get('schema')!r}, not among {READABLE}")
    return cast("Content", decode(Content, data))


def canonical(data: dict[str, Any]) -> bytes:
    """The one way to write the content down: sorted keys, no blanks, UTF-8."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def checksum(data: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON, as 64 hex digits."""
    return hashlib.sha256(canonical(data)).hexdigest()
