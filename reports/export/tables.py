"""Answers and measures as tables: which columns, what stands in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from checklists.models import EffectCheck, Value
from checklists.models.planned import MeasureQuerySet
from checklists.plan import Row, arranged, rows_of
from checklists.results import OFFEN
from checklists.sheet import Line, Sheet
from portal.accounts.models import Company

Cell = str | int | date | Decimal | None
# What begins a formula somewhere: a spreadsheet must take it for text.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Column:
    title: str
    width: int  # in characters
    of: Callable[[Any], Cell]
    wrap: bool = False


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[Column, ...]
    rows: list[Any]

    @property
    def titles(self) -> list[str]:
        return [column.title for column in self.columns]

    def cells(self) -> Iterable[list[Cell]]:
        for row in self.rows:
            yield [column.of(row) for column in self.columns]


def risky(text: str) -> bool:
    """Whether a spreadsheet could take the text for a formula."""
    return text.lstrip(" ").startswith(DANGEROUS)


def answers(sheet: Sheet) -> Table:
    """A round's questions with the firm's answers, in order."""
    words = {OFFEN: _("offen"), **{value: str(Value(value).label) for value in Value.values}}

    def earlier(line: Line) -> str:
        return words[line.earlier] if line.earlier else ""

    return Table(
        _("Antworten"),
        (
            Column(_("Nr."), 9, lambda line: line.key),
            Column(_("Thema"), 26, lambda line: line.aid.short),
            Column(_("Stufe"), 7, lambda line: int(line.stage)),
            Column(_("Aussage"), 60, lambda line: line.text, wrap=True),
            Column(_("Antwort"), 12, lambda line: words[line.value]),
            Column(_("Früher, noch zu bestätigen"), 16, earlier),
            Column(_("Warum entfällt"), 30, lambda line: line.reason, wrap=True),
            Column(_("Notiz"), 50, lambda line: line.note, wrap=True),
            Column(_("Schritt"), 40, lambda line: line.question.step.title, wrap=True),
        ),
        list(sheet.lines()),
    )


def measures(found: MeasureQuerySet, company: Company) -> Table:
    """The company's measures, what is overdue first."""
    return Table(
        _("Maßnahmen"),
        (
            Column(_("Maßnahme"), 44, lambda row: row.measure.title, wrap=True),
            Column(_("Stand"), 19, lambda row: str(row.measure.get_status_display())),
            Column(_("Verantwortlich"), 22, lambda row: row.who),
            Column(_("Mit"), 22, lambda row: row.measure.team, wrap=True),
            Column(_("Beginn"), 12, lambda row: row.measure.starts_on),
            Column(_("Frist"), 12, lambda row: row.measure.due_on),
            Column(_("Erledigt am"), 12, lambda row: row.measure.done_on),
            Column(_("Wiedervorlage"), 14, lambda row: row.measure.look_again_on),
            Column(_("Wichtigkeit"), 12, lambda row: str(row.measure.get_priority_display())),
            Column(_("Aufwand"), 20, lambda row: row.measure.effort, wrap=True),
            Column(_("Kostet Geld"), 12, lambda row: str(row.measure.get_budget_display())),
            Column(_("Betrag in Euro"), 15, lambda row: row.measure.budget_amount),
            Column(
                _("Betrifft Beschäftigte"),
                12,
                lambda row: str(row.measure.get_affects_staff_display()),
            ),
            Column(_("Stufe"), 7, lambda row: row.stage and int(row.stage)),
            Column(_("Lücken"), 22, lambda row: ", ".join(row.keys), wrap=True),
            Column(_("Richtung"), 44, lambda row: row.measure.direction, wrap=True),
            Column(_("Weg"), 44, lambda row: row.measure.way, wrap=True),
            Column(_("Fertig, wenn"), 40, lambda row: row.measure.done_when, wrap=True),
            Column(_("Warum nicht"), 30, lambda row: row.measure.reason, wrap=True),
            Column(_("Hat es geholfen?"), 24, _effect, wrap=True),
        ),
        rows_of(arranged(found), company, user=None, leads=False),
    )


def _effect(row: Row) -> str:
    """The last answer to whether it helped, with the line why."""
    said = row.said
    if said is None:
        return ""
    helped = str(EffectCheck.Helped(said.helped).label)
    return f"{helped}: {said.why}" if said.why else helped
