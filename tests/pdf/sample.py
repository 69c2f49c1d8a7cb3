"""Contents of reports without a database: the real catalogue, read from fixtures/, with answers of
an invented firm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from checklists.results import (
    ENTFAELLT,
    JA,
    NEIN,
    OFFEN,
    WEISS_NICHT,
    Item,
    Tally,
    recommend,
    stage_of,
)
from reports.content import (
    SCHEMA,
    AnsweredQuestion,
    Content,
    Firm,
    NextStep,
    Place,
    StatementRecord,
    TopicResult,
    checksum,
    to_json,
)
from reports.kinds import PARTS
from reports.moved import Comparison, Meant, Moved, TopicChange
from reports.planned import Plan, PlannedMeasure
from reports.since import Participation, SinceLast, TopicSince

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
LETTERS = {"J": JA, "N": NEIN, "W": WEISS_NICHT, "E": ENTFAELLT, "O": OFFEN}

# A believable mix: 29 Ja, 27 Nein, 6 weiß nicht, 5 entfällt.
ANSWERS = {
    "E01": "NNJJJNNNWNNJJW",
    "E02": "NNJJJNWNJNNNJJ",
    "E03": "JNJNN",
    "E04": "NEEEJNE",
    "E05": "JJNJNWNEJN",
    "E06": "NJJJWNJ",
    "E07": "JJJJJJNWJN",
}
NOTES = {
    "E01-01": "Zwei Vorträge gehört, aber keiner von uns kann es dem anderen erklären.",
    "E01-02": "Auf der Montage kommt davon nichts an.",
    "E01-03": "Hängt seit März im Flur, wird gepflegt.",
    "E01-06": "Ideen gibt es viele, aufgeschrieben hat sie niemand.",
    "E01-08": "Altersdurchschnitt 47; drei Schweißer gehen bis 2029.",
    "E01-09": "Vor einem Jahr Ja. Seit dem Wechsel in der Fertigungsleitung sind wir unsicher.",
    "E01-11": "Datensicherung läuft, zurückgespielt wurde sie noch nie.",
    "E02-07": "Vermutung: Materialfluss im Blechlager.",
    "E02-10": "Erst sinnvoll, wenn die Abläufe ausgewählt sind.",
    "E03-02": "Auf der Montage gibt es keinen ruhigen Platz zum Lernen.",
    "E03-05": "Der Betriebsrat hat im September einen Entwurf vorgelegt.",
    "E05-03": "Private Handys auf der Baustelle, Fotos vom Kunden inklusive.",
    "E05-06": "Was der Prüfbericht vom Frühjahr ergeben hat, weiß nur der IT-Dienstleister.",
    "E05-07": "Mündlich gilt vieles, geschrieben ist nichts.",
    "E06-05": "Für Lärm und Rauch ja, für Bildschirm und Erreichbarkeit unklar.",
    "E07-05": "Drei Termine seit Januar, in der Arbeitszeit.",
    "E07-10": "Gehört zu dem Paket, das der Betriebsrat vorbereitet.",
}
REASON = "Wir vergeben nichts an die Crowd."


@cache
def catalogue() -> dict[str, list[dict[str, Any]]]:
    """Rows of every fixture by model, each a dict of its fields."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(FIXTURES.glob("*.yaml")):
        for row in yaml.safe_load(path.read_text(encoding="utf-8")):
            rows.setdefault(row["model"].removeprefix("checklists."), []).append(row["fields"])
    return rows


def make_content(
    answers: Mapping[str, str] = ANSWERS,
    *,
    notes: Mapping[str, str] = NOTES,
    reason: str = REASON,
    firm: Firm | None = None,
    made_on: date = date(2026, 11, 20),
) -> Content:
    """A round about the topics in `answers`: code to one letter per question (J N W E O)."""
    rows = catalogue()
    firm = firm or Firm("Metallbau Brandt GmbH", "Metallbau", 38, "ST", "Sachsen-Anhalt", "yes")
    asked = sorted(
        (q for q in rows["question"] if q["aid"][0] in answers),
        key=lambda q: (q["aid"][0], q["number"]),
    )
    items = []
    for question in asked:
        code = question["aid"][0]
        value = LETTERS[answers[code][question["number"] - 1]]
        key = f"{code}-{question['number']:02d}"
        items.append(Item(key, code, question["stage"], question["step"][0], value))
    recommended = recommend(items)
    number_of = {key: i for i, r in enumerate(recommended, 1) for key in r.closes}
    aids = {aid["code"]: aid for aid in rows["decisionaid"]}
    links = [m for m in rows["aidresource"] if m["aid"][0] in answers and m["role"] == "link"]
    topics = []
    for code in answers:
        own = [(i, q) for i, q in zip(items, asked, strict=True) if i.aid == code]
        reached = stage_of([item for item, _ in own])
        topics.append(
            TopicResult(
                code=code,
                title=aids[code]["title"],
                subtitle=aids[code]["subtitle"],
                short=aids[code]["short"],
                stage=reached.stage,
                all_reached=reached.all_reached,
                questions=tuple(
                    AnsweredQuestion(
                        key=item.key,
                        number=question["number"],
                        text=question["text"],
                        stage=item.stage,
                        value=item.value,
                        reason=reason if item.value == ENTFAELLT else "",
                        note=notes.get(item.key, ""),
                        step=number_of.get(item.key),
                    )
                    for item, question in own
                ),
                places=tuple(m["resource"][0] for m in links if m["aid"][0] == code),
            )
        )
    steps_by_key = {step["key"]: step for step in rows["step"]}
    steps = tuple(
        NextStep(
            number=number,
            key=r.step,
            stage=r.stage,
            closes=r.closes,
            topics=r.aids,
            places=tuple(resource[0] for resource in steps_by_key[r.step]["resources"]),
            **{
                name: steps_by_key[r.step][name]
                for name in ("title", "why", "what", "first", "who", "effort", "done_when")
            },
        )
        for number, r in enumerate(recommended, 1)
    )
    wanted = {key for topic in topics for key in topic.places}
    wanted |= {key for step in steps for key in step.places}
    wanted |= {r["key"] for r in rows["resource"] if firm.region in r["regions"].split()}
    return Content(
        schema=SCHEMA,
        kind="action",
        made_on=made_on,
        round_number=2,
        round_started=date(2026, 10, 5),
        round_closed=date(2026, 11, 18),
        edition="5f0c" * 16,
        edition_date=date(2026, 11, 2),
        with_notes=bool(notes),
        firm=firm,
        topics=tuple(topics),
        steps=steps,
        networks=_places(r for r in rows["resource"] if r["kind"] == "network"),
        places=_places(
            (r for r in rows["resource"] if r["key"] in wanted and r["kind"] != "network"),
            topics,
        ),
    )


def _places(
    resources: Iterable[dict[str, Any]], topics: Iterable[TopicResult] = ()
) -> tuple[Place, ...]:
    topics = list(topics)
    return tuple(
        Place(
            key=r["key"],
            name=r["name"],
            kind=r["kind"],
            offer=r["offer"],
            printed=r["printed"],
            url=r["url"],
            regions=tuple(r["regions"].split()),
            source=r["source"],
            topics=tuple(topic.code for topic in topics if r["key"] in topic.places),
        )
        for r in sorted(resources, key=lambda r: (r["position"], r["key"]))
    )


def checksum_of(content: Content) -> str:
    return checksum(to_json(content))


# --- Contents that try the design -----------------------------------------------------------------


def normal() -> Content:
    return make_content()


def all_answered(letter: str) -> Content:
    """Every question answered alike."""
    return make_content({code: letter * len(values) for code, values in ANSWERS.items()}, notes={})


def without_gap() -> Content:
    return make_content({code: v.replace("N", "J") for code, v in ANSWERS.items()})


def half_way() -> Content:
    """A round in the middle: two topics done, one begun, the others untouched."""
    return make_content(
        {
            code: values
            if code in ("E03", "E05")
            else "NJW" + "O" * (len(values) - 3)
            if code == "E01"
            else "O" * len(values)
            for code, values in ANSWERS.items()
        }
    )


LONG_WORD = "Datenschutzfolgenabschätzungsverantwortlichkeitsübertragungsgesetz"


def long_strings() -> Content:
    """Everything as long as the forms allow, with letters from far away and markup as text."""
    content = make_content(
        {code: v.replace("O", "N") for code, v in ANSWERS.items()},
        notes={
            "E01-01": "x" * 4000,
            "E01-02": f"{LONG_WORD} " * 55,
            "E01-03": "<script>alert(1)</script> & \"Zitat\" {{ 7*7 }} {% now 'Y' %}",
            "E02-01": "Zeile\n" * 40,
            "E02-02": "Ümläute ß ẞ, łódź, şırnak, Łukasz Szymański, Dvořák, Ñandú, €, „…“, 1 ½ ²",
            "E03-02": "Emoji 😀 🔧 👩‍🔧 🇩🇪 und Zeichen ☂ ⚙ → ∞ ≤",
            "E03-05": "עברית, العربية, Ελληνικά, русский, 中文, 日本語",
            "E05-03": "\x01\x1b[31m\u202eumgekehrt\u202c \ufeff\ufffe\u200b\u00ad",
        },
        reason=("entfällt, weil " * 40)[:500],
        firm=Firm(
            name=(
                "Ingenieurgesellschaft für Stahlwasserbau und Schweißnahtprüfung Sachsen-Anhalt "
                "mbH & Co. KG <i>vormals</i> Łukasz Szymański & Söhne "
                + "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"
                * 3
            )[:200],
            trade="Stahlwasserbau" * 8,
            headcount=2147483647,
            region="MV",
            region_name="Mecklenburg-Vorpommern",
            works_council="",
        ),
    )
    first, *rest = content.steps
    first = replace(first, title=(LONG_WORD * 2)[:120], who=LONG_WORD, effort="Wochen " * 16)
    return replace(content, steps=(first, *rest))


# --- Kinds of report, with something in each of their parts ---------------------------------------

SINCE = SinceLast(
    number=2,
    made_on=date(2026, 5, 4),
    topics=(TopicSince("E03", "Lernen", Tally(1, 4), Tally(2, 3)),),
    only_now=("Datenschutz",),
    steps_new=("Einen Rückspieltest machen",),
    steps_closed=("Ziele aufschreiben",),
    measures_done=("<b>Handyregel</b> aushängen",),
)
TOOK_PART = Participation(2, (date(2026, 5, 5), date(2026, 6, 1)), 1)


def measure(number: int) -> PlannedMeasure:
    """One of as many as wanted: three weeks each, a new one every other day, some done."""
    start = date(2026, 9, 1) + timedelta(days=2 * number)
    done = start + timedelta(days=21) if number % 7 == 0 else None
    return PlannedMeasure(
        title=f"Maßnahme {number}: Geräte, Anlagen und Programme auflisten",
        step=number % 23 + 1,
        closes=("E03-02",),
        direction="",
        done_when="",
        who="Katrin Brandt",
        team="",
        effort="",
        starts_on=start,
        due_on=start + timedelta(days=21),
        status="done" if done else "open",
        status_name="erledigt" if done else "noch nicht begonnen",
        look_again_on=None,
        done_on=done,
        effects=(),
    )


def compared(content: Content) -> Comparison:
    """With a round before in which each topic had one Ja less, and one question moved."""

    def then(now: Tally) -> Tally:
        return replace(now, ja=now.ja - 1, nein=now.nein + 1) if now.ja else now

    return Comparison(
        round_number=content.round_number - 1,
        topics=tuple(
            TopicChange(
                code=each.code,
                short=each.short,
                then=then(each.tally),
                now=each.tally,
                stage_then=1,
                stage_now=each.stage,
                moved=tuple(Moved(q.key, q.text, NEIN, JA, "geschlossen") for q in each.true[:1]),
                measures=(Meant("Geräteliste anlegen", date(2026, 4, 2), (each.code,), ()),),
                reworded=(),
            )
            for each in content.topics
        ),
        only_then=("Datenschutz",),
        only_now=(),
    )


def of_kind(kind: str, *, measures: int = 12) -> Content:
    content = normal()
    parts = PARTS[kind]
    planned = tuple(measure(number) for number in range(measures))
    said = StatementRecord(1, 1, "objects", "widersprochen", date(2026, 5, 9), "Nein. " * 60, "C")
    return replace(
        content,
        kind=kind,
        places=content.places if "places" in parts else (),
        since=SINCE if "since" in parts else None,
        participation=TOOK_PART if "took_part" in parts else None,
        comparison=compared(content) if "comparison" in parts else None,
        plan=Plan(planned, ()) if planned and {"plan", "effects"} & set(parts) else None,
        statements=(said,) if "statements" in parts else (),
    )
