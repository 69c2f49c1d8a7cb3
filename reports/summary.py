"""What a report says about its figures, in sentences. Pure; web page and PDF say the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.formats import date_format

from checklists.models import Stage
from checklists.results import Tally
from reports.content import AnsweredQuestion, Content, Firm, NextStep, Place, TopicResult
from reports.kinds import Kind
from reports.planned import PlannedMeasure
from reports.since import SinceLast, TopicSince

NUMBERS = (
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
)


def many(count: int, one: str, other: str) -> str:
    """What `one` says for one, else the number with `other`: "vier Lücken", "27 Lücken"."""
    if count == 1:
        return one
    number = "keine" if count == 0 else NUMBERS[count - 2] if count <= 12 else str(count)
    return f"{number} {other}"


def start(text: str) -> str:
    """The text with a capital, as a sentence begins."""
    return text[:1].upper() + text[1:]


def counted(values: Iterable[str]) -> str:
    """ "2 Ja, 1 Nein", or "keine Frage" where there is none."""
    return counts(Tally.of(values))


def counts(tally: Tally) -> str:
    """The same of what is counted already."""
    words = {
        "Ja": tally.ja,
        "Nein": tally.nein,
        "weiß nicht": tally.weissnicht,
        "entfällt": tally.entfaellt,
        "noch offen": tally.offen,
    }
    return ", ".join(f"{count} {word}" for word, count in words.items() if count) or "keine Frage"


# --- The whole -----------------------------------------------------------------------------------


def headline(content: Content) -> list[str]:
    """The report in one sentence, line by line."""
    tally = content.tally
    if not tally.started:
        return [start(many(tally.total, "eine Aussage", "Aussagen")) + ",", "noch ohne Antwort."]
    if tally.ja:
        true = (
            f"{tally.ja} von {tally.total} Aussagen {'trifft' if tally.ja == 1 else 'treffen'} zu"
        )
    else:
        true = f"Noch steht bei keiner von {tally.total} Aussagen ein Ja"
    if tally.nein:
        return [f"{true},", f"{many(tally.nein, 'eine Lücke ist', 'Lücken sind')} offen."]
    return [f"{true}.", "Bisher keine Lücke." if tally.open else "Keine Lücke."]


def lead(content: Content) -> str:
    """What follows from the figures."""
    tally, steps = content.tally, content.steps
    said = []
    if steps:
        closing = many(len(steps), "ein Schritt schließt", "Schritte schließen")
        one_gap = "die bisherige Lücke" if tally.open else "die Lücke"
        all_gaps = "alle bisherigen Lücken" if tally.open else "alle Lücken"
        what = all_gaps if tally.nein > 1 else one_gap
        across = sum(len(step.topics) > 1 for step in steps)
        more = f"; {many(across, 'einer wirkt', 'davon wirken')} in mehreren Themen zugleich"
        said.append(start(f"{closing} {what}{more if across else ''}."))
    elif tally.complete:
        said.append("Es gibt nichts aufzuholen, aber einiges zu halten.")
    if tally.weissnicht:
        verb = "ist" if tally.weissnicht == 1 else "sind"
        said.append(f"Zu klären {verb} noch {many(tally.weissnicht, 'eine Frage', 'Fragen')}.")
    if tally.offen and tally.started:
        waiting = many(tally.offen, "eine Frage ist", "Fragen sind")
        said.append(start(f"{waiting} noch nicht beantwortet."))
    return " ".join(said) or "Sobald die ersten Antworten da sind, steht hier, was daraus folgt."


def basis(content: Content) -> str:
    """What the figures count."""
    tally = content.tally
    every = counted(question.value for topic in content.topics for question in topic.questions)
    said = [
        (
            f"{tally.total} {'Aussage' if tally.total == 1 else 'Aussagen'} in "
            f"{many(len(content.topics), 'einem Thema', 'Themen')}: {every}."
        )
    ]
    if tally.relevant > 1:
        said.append(
            f"Das sind {round(100 * tally.ja / tally.relevant)}\u00a0% Ja "
            f"unter den {tally.relevant} "
            "Aussagen, die mit Ja oder Nein beantwortet sind."
        )
    said.append(
        "Gemeinsame Antwort des Betriebs, Stand "
        f"{date_format(content.round_closed or content.made_on, 'j. F Y')}. "
        "Kein Zeugnis, keine Note."
    )
    return " ".join(said)


def pictured(content: Content) -> str:
    """The cover's picture in words."""
    every = counted(question.value for topic in content.topics for question in topic.questions)
    topics = many(len(content.topics), "einem Thema", "Themen")
    return f"{content.tally.total} Antworten in {topics}: {every}."


def portrait(firm: Firm) -> str:
    """What the firm said of itself besides its name: "Metallbau · 38 Beschäftigte · Hessen"."""
    people = f"{firm.headcount} Beschäftigte" if firm.headcount else ""
    return " · ".join(filter(None, (firm.trade, people, firm.region_name)))


def few(content: Content) -> bool:
    """Whether the topics are so few that chapters share pages; else each begins its own."""
    return "contents" in content.parts and len(content.topics) <= 3


def extent(content: Content) -> str:
    """How pages are shared, as the stylesheet calls it: "few short" and "few" for a report of few
    topics, "flow" for one of short parts, or ""."""
    if content.kind in (Kind.COUNCIL, Kind.CONSULTING):
        return "flow"
    if not few(content):
        return ""
    return "few short" if content.tally.total <= 12 else "few"


def ordered(content: Content) -> list[str]:
    """The parts as they are set: of few pages the last is the one to sign; number and checksum
    alone are no page of their own, they stand at the foot of the first."""
    parts = list(content.parts)
    if few(content):
        parts.sort(key=lambda part: part == "signatures")
    if "proof" in parts:
        parts.insert(1, parts.pop(parts.index("proof")))
    return parts


def short_of(content: Content, code: str) -> str:
    """A topic's short title; its code where the report is not about it."""
    return next((topic.short for topic in content.topics if topic.code == code), code)


def late(content: Content, measure: PlannedMeasure) -> bool:
    """Whether a measure was overdue on the report's day."""
    return measure.is_late(content.made_on)


def overdue(content: Content, measure: PlannedMeasure) -> str:
    """What follows a measure's day or state in running text."""
    return ", überfällig" if late(content, measure) else ""


def since_last(number: int, before: Content, now: Content) -> SinceLast:
    """What changed since the report before, over the topics that both report on. Measures count
    where this report says anything of the plan. What its comparison with the round of the report
    before says already, of answers and of measures, it does not say a second time."""
    compared = now.comparison
    if compared and compared.round_number != before.round_number:
        compared = None
    told = {each.title for topic in compared.topics for each in topic.measures} if compared else ()
    then = {topic.code: topic for topic in before.topics}
    both = [topic for topic in now.topics if topic.code in then]
    codes = {topic.code for topic in both}

    def titles(content: Content, other: Content) -> tuple[str, ...]:
        known = {step.key for step in other.steps}
        about = (step for step in content.steps if codes.issuperset(step.topics))
        return tuple(step.title for step in about if step.key not in known)

    return SinceLast(
        number=number,
        made_on=before.made_on,
        topics=tuple(
            TopicSince(topic.code, topic.short, then[topic.code].tally, topic.tally)
            for topic in both
            if compared is None
        ),
        only_now=tuple(
            topic.short for topic in now.topics if topic.code not in then and compared is None
        ),
        steps_new=titles(now, before),
        steps_closed=titles(before, now),
        measures_done=tuple(
            each.title
            for each in (now.plan.measures if now.plan else ())
            if each.done_on and each.done_on >= before.made_on and each.title not in told
        ),
    )


# --- A topic -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Group:
    """Questions of a topic that were answered alike, under a heading of their own."""

    name: str  # of the mark
    heading: str
    word: str
    questions: Sequence[AnsweredQuestion]


def groups(topic: TopicResult, kind: str = Kind.ACTION) -> list[Group]:
    """Every question of the topic once: gaps first, then what is unclear, then what is good. What
    prepares for a consultant names only what is to be done."""
    ordered = (
        Group("nein", "Was noch fehlt", "Nein", topic.gaps),
        Group("weissnicht", "Was zu klären ist", "weiß nicht", topic.unclear),
        Group("offen", "Was noch offen ist", "noch nicht beantwortet", topic.unanswered),
        Group("ja", "Was schon trägt", "Ja", topic.true),
        Group("entfaellt", "Was für uns entfällt", "entfällt", topic.dropped),
    )
    shown = ordered[:3] if kind == Kind.CONSULTING else ordered
    return [group for group in shown if group.questions]


def staged(topic: TopicResult) -> str:
    """The topic's stairs in words."""
    said = [
        f"Stufe {stage.value} {stage.label}: "
        f"{counted(question.value for question in topic.questions if question.stage == stage)}."
        for stage in Stage
    ]
    if topic.all_reached:
        said.append("Alle Stufen sind erreicht.")
    elif topic.stage:
        said.append(f"Es geht weiter auf Stufe {topic.stage}.")
    return f"{topic.code} nach Stufen. " + " ".join(said)


# --- A step --------------------------------------------------------------------------------------


def not_for_staff(content: Content) -> str:
    """How many measures the council's version leaves out, and on whose word; "" for none."""
    plan = content.plan
    if plan is None or not plan.left_out:
        return ""
    more = "weitere " if plan.measures else ""
    said = many(plan.left_out, f"eine {more}Maßnahme betrifft", f"{more}Maßnahmen betreffen")
    return f"{start(said)} nach Angabe der Leitung keine Beschäftigten."


def closing(step: NextStep) -> str:
    """ "Schließt vier Lücken in drei Themen"."""
    gaps = many(len(step.closes), "eine Lücke", "Lücken")
    if len(step.topics) < 2:
        return f"Schließt {gaps}"
    return f"Schließt {gaps} in {many(len(step.topics), 'einem Thema', 'Themen')}"


def turning(content: Content, step: NextStep) -> str:
    """Where a step says to turn to: its own places by name, then the advisor networks."""
    known = content.place_by_key
    places = [known[key] for key in step.places if key in known]
    networks = [place for place in places if place in content.networks]
    names = [place.name for place in places if place not in content.networks]
    if networks and len(networks) == len(content.networks) > 1:
        names.append("die Beraternetzwerke" if len(networks) > 2 else "beide Beraternetzwerke")
    else:
        names += [place.name for place in networks]
    return "; ".join(names)


# --- Places --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shelf:
    """Places of one sort, under a heading of their own."""

    heading: str
    places: Sequence[Place]
    described: bool  # says what each place offers


def shelves(content: Content) -> list[Shelf]:
    """Every place but the networks once: the firm's own Land first, then those to which the next
    steps turn, then the rest of the link lists."""
    own = content.regional
    turned_to = {key for step in content.steps for key in step.places}
    others = [place for place in content.places if place not in own]
    found = (
        Shelf(f"In {content.firm.region_name}", own, described=True),
        Shelf("Für die nächsten Schritte", [p for p in others if p.key in turned_to], True),
        Shelf("Aus den Linklisten", [p for p in others if p.key not in turned_to], False),
    )
    return [shelf for shelf in found if shelf.places]


def mentions(content: Content, place: Place) -> str:
    """For which topics and steps a place stands there: "E01, E03; Schritt 4"."""
    steps = [str(step.number) for step in content.steps if place.key in step.places]
    said = [", ".join(place.topics)] if place.topics else []
    if steps:
        said.append(f"{'Schritt' if len(steps) == 1 else 'Schritte'} {', '.join(steps)}")
    return "; ".join(said)
