"""Which topic first? An order of topics from three short answers, each place with its reasons.

Nothing here is measured or stored: it is what an adviser would say after three sentences. A topic
of the catalogue that no rule knows is listed all the same, behind those that have a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class Trade(TextChoices):
    CRAFT = "handwerk", _("Handwerk und Bau")
    MAKING = "fertigung", _("Fertigung und Technik")
    OFFICE = "buero", _("Büro, Planung, Dienstleistung")
    SHOP = "handel", _("Handel, Lager, Gastgewerbe")
    CARE = "pflege", _("Pflege, Gesundheit, Soziales")


class Size(TextChoices):
    SMALL = "klein", _("bis 9 Beschäftigte")
    MEDIUM = "mittel", _("10 bis 49 Beschäftigte")
    LARGE = "gross", _("50 Beschäftigte und mehr")

    @classmethod
    def of(cls, headcount: int | None) -> str:
        """The size of a firm that has told how many people work there; "" for one that has not."""
        if headcount is None:
            return ""
        return cls.SMALL if headcount < 10 else cls.MEDIUM if headcount < 50 else cls.LARGE


class Pressing(TextChoices):
    PEOPLE = "leute", _("Fehlende Leute")
    DATA = "daten", _("Daten und Angriffe")
    MACHINES = "technik", _("Neue Technik")
    ORDERS = "auftraege", _("Weniger oder andere Aufträge")
    STRAIN = "belastung", _("Zu hohe Belastung")
    TEAM = "miteinander", _("Das Miteinander")


# What was said → topics with the reason, the closest first.
Rules = dict[str, dict[str, Words]]
PRESSING: Rules = {
    Pressing.PEOPLE: {
        "E03": _("Sie klären, wer was kann und was Ihre Leute bald brauchen."),
        "E07": _("Wer gern bleibt, hat mitzureden: Es geht darum, wie bei Ihnen geführt wird."),
        "E04": _("Sie prüfen, ob sich Arbeit nach außen geben lässt und was dabei fair ist."),
    },
    Pressing.DATA: {
        "E05": _("Sie sehen, welche Daten Sie haben und ob sie geschützt sind."),
        "E02": _("Vernetzte Geräte sind auch Türen: Sie sehen, welche bei Ihnen offen stehen."),
    },
    Pressing.MACHINES: {
        "E02": _("Sie prüfen, was vernetzte Technik bei Ihnen ändert, bevor sie da ist."),
        "E03": _("Neue Technik braucht neues Können; hier steht, welches."),
        "E06": _(
            "Mit neuer Technik kommen neue Belastungen; wer früh hinsieht, baut sie nicht ein."
        ),
    },
    Pressing.ORDERS: {
        "E01": _("Sie sehen, wo digitale Abläufe Ihnen Aufträge bringen oder Wege sparen."),
        "E04": _("Ein Teil der Aufträge wandert ins Netz: Sie prüfen, ob das etwas für Sie ist."),
    },
    Pressing.STRAIN: {
        "E06": _("Es geht um gesundes und sicheres Arbeiten, auch mit Bildschirm und Handy."),
        "E07": _("Vieles an der Belastung hängt daran, wie Aufgaben verteilt werden."),
    },
    Pressing.TEAM: {
        "E07": _("Es geht um Absprachen, Vertrauen und darum, wer was entscheidet."),
        "E03": _("Gemeinsam zu klären, wer was kann, ist ein guter Anlass zum Reden."),
    },
}
TRADE: Rules = {
    Trade.CRAFT: {
        "E01": _("Im Handwerk lohnt zuerst der Blick auf den Weg vom Auftrag zur Rechnung."),
        "E05": _("Fotos und Pläne liegen oft auf privaten Handys."),
    },
    Trade.MAKING: {
        "E02": _("In der Fertigung sprechen Maschinen zuerst miteinander."),
        "E06": _("An vernetzten Anlagen ändert sich, worauf man achten muss."),
    },
    Trade.OFFICE: {
        "E07": _("Wer verteilt arbeitet, braucht klare Absprachen."),
        "E04": _("Büroarbeit lässt sich am ehesten über Plattformen vergeben."),
    },
    Trade.SHOP: {
        "E01": _("Im Handel beginnt die Vernetzung bei Bestellung und Lager."),
        "E05": _("Sie gehen mit Daten Ihrer Kundschaft um."),
    },
    Trade.CARE: {
        "E05": _("Sie gehen mit besonders schutzwürdigen Daten um."),
        "E06": _("Die Arbeit fordert Körper und Kopf."),
    },
}
SIZE: Rules = {
    Size.SMALL: {"E03": _("Es ist kurz: In einer Stunde sind Sie durch.")},
    Size.MEDIUM: {"E01": _("Es gibt den Überblick, auf dem die anderen Themen aufbauen.")},
    Size.LARGE: {"E07": _("Je mehr Menschen, desto mehr hängt an Führung und Absprachen.")},
}


@dataclass(frozen=True)
class Place:
    """A topic and why it stands where it does; no reasons: nothing speaks for or against it."""

    code: str
    reasons: tuple[Words, ...]


def in_order(
    codes: Iterable[str], *, trade: str = "", size: str = "", pressing: str = ""
) -> list[Place]:
    """All topics, the one to begin with first. What presses counts more than the trade, the trade
    more than the size; with equal weight the catalogue's order stays. What is unknown or was not
    said counts nothing."""
    said = [
        (8, PRESSING.get(pressing, {})),
        (3, TRADE.get(trade, {})),
        (2, SIZE.get(size, {})),
    ]
    weighed = []
    for code in codes:
        weight, reasons = 0, []
        for most, rule in said:
            if code in rule:
                weight += most - list(rule).index(code)
                reasons.append(rule[code])
        weighed.append((weight, Place(code, tuple(reasons))))
    weighed.sort(key=lambda each: -each[0])  # stable
    return [place for _weight, place in weighed]
