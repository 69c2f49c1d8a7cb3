"""The kinds of report: what each is for, and of which parts it consists, in order.

The contract between content and layout: `Content.kind` says which report it is and `Content.parts`
names the parts it has, in order, without those that have nothing to say. The PDF sets each with
`templates/reports/pdf/_<part>.html`; the web page shows those in WEB with
`templates/reports/parts/<part>.html`, below their heading. A part may only link to an anchor of its
own or of a part that it finds in `content.parts`."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    ACTION = "action", _("Aktionsbericht")
    SHORT = "short", _("Kurzbericht")
    COUNCIL = "council", _("Betriebsratsfassung")
    CONSULTING = "consulting", _("Beratungsvorbereitung")
    ANSWERS = "answers", _("Antwortbogen")


PURPOSES = {
    Kind.ACTION: _("Alles: Ergebnis je Thema, Schritte, Plan, Adressen. Zum Arbeiten im Betrieb."),
    Kind.SHORT: _("Ein Blatt: Stand, drei Schritte, Kontakte. Für Aushang und Besprechung."),
    Kind.COUNCIL: _(
        "Worum es geht, Beteiligung bisher, Maßnahmen, Platz für die Stellungnahme. Für den "
        "Betriebsrat."
    ),
    Kind.CONSULTING: _(
        "Lücken, Notizen, offene Fragen, Platz zum Schreiben. Für den Termin mit der Beratung."
    ),
    Kind.ANSWERS: _("Alle Fragen mit allen Antworten, sonst nichts. Zum Ablegen und Nachlesen."),
}

# cover       the firm, the round, the picture of all answers
# one_page    where we stand, the next three steps, whom to call
# contents    table of contents and how to read (paper only)
# since       what changed since the company's last report
# covers      which topics and questions the report is about
# took_part   how the works council took part so far: counts and days, never persons
# topics      each topic with all its answers
# gaps        each topic with its gaps and what is to be clarified, with notes
# comparison  with the round before
# steps       all recommended steps
# reviews     what consultants released
# plan        measures and decisions
# effects     measures, each with room for what it means for the staff
# places      where to turn to
# statements  what the works council released about earlier reports
# room        lines to write on (paper only)
# signatures  the works council's and the lead's answer, signatures (paper only)
# origin      number, date, checksum, how it was counted
# proof       number, date, checksum alone
PARTS: dict[str, tuple[str, ...]] = {
    Kind.ACTION: (
        "cover",
        "one_page",
        "contents",
        "since",
        "topics",
        "comparison",
        "steps",
        "reviews",
        "plan",
        "places",
        "statements",
        "signatures",
        "origin",
    ),
    Kind.SHORT: ("one_page", "proof"),
    Kind.COUNCIL: (
        "cover",
        "covers",
        "took_part",
        "since",
        "effects",
        "statements",
        "signatures",
        "origin",
    ),
    Kind.CONSULTING: ("cover", "since", "gaps", "reviews", "plan", "room", "origin"),
    Kind.ANSWERS: ("cover", "topics", "proof"),
}

# What a person wrote beside an answer stands only where these are.
WITH_NOTES = frozenset({Kind.ACTION, Kind.CONSULTING, Kind.ANSWERS})


@dataclass(frozen=True)
class Options:
    """What whoever orders a report can choose; frozen with its content."""

    kind: str = Kind.ACTION
    topics: tuple[str, ...] = ()  # codes; none: all of the round
    with_notes: bool = True
    with_reviews: bool = False
    plain: bool = False  # the questions in plain words
    with_logo: bool = True  # the firm's, where there is one
    grey: bool = False  # drawn for a printer without colours
    archive: bool = False  # PDF/A-3a with the content attached, for archives


@dataclass(frozen=True)
class WebPart:
    """A part as the web page shows it."""

    name: str
    anchor: str
    title: str

    @property
    def template(self) -> str:
        return f"reports/parts/{self.name}.html"


WEB = {
    "one_page": ("kurz", _("Auf einen Blick")),
    "covers": ("umfang", _("Worum es geht")),
    "took_part": ("beteiligung", _("Beteiligung bisher")),
    "since": ("seither", _("Seit dem letzten Bericht")),
    "topics": ("themen", _("Themen")),
    "gaps": ("luecken", _("Lücken und offene Fragen")),
    "comparison": ("bewegt", _("Was sich bewegt hat")),
    "steps": ("schritte", _("Nächste Schritte")),
    "reviews": ("beratung", _("Was die Beratung sagt")),
    "plan": ("plan", _("Der Plan")),
    "effects": ("massnahmen", _("Maßnahmen und was sie für Beschäftigte heißen")),
    "places": ("stellen", _("Wo es Rat gibt")),
    "statements": ("frueher", _("Was der Betriebsrat zu früheren Berichten sagte")),
    "origin": ("herkunft", _("Wie der Bericht entstand")),
    "proof": ("nachweis", _("Nummer und Prüfsumme")),
}
BY_TOPIC = frozenset({"topics", "gaps"})  # a section for each topic
