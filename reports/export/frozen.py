"""A frozen report as tables: what was true on its day, for other tools."""

from __future__ import annotations

from django.utils.translation import gettext as _

from reports.content import AnsweredQuestion, Content, TopicResult
from reports.export.tables import Column, Table

WORDS = {
    "ja": "Ja",
    "nein": "Nein",
    "weissnicht": "weiß nicht",
    "entfaellt": "entfällt",
    "": "offen",
}
STAFF = {"yes": "ja", "no": "nein", "": ""}


def tables(content: Content) -> list[Table]:
    """Answers and steps, and the plan where the report has one."""
    plan = [_measures(content)] if content.plan else []
    return [_answers(content), _steps(content), *plan]


def _answers(content: Content) -> Table:
    lines: list[tuple[TopicResult, AnsweredQuestion]] = [
        (topic, question) for topic in content.topics for question in topic.questions
    ]
    return Table(
        _("Antworten"),
        (
            Column(_("Nr."), 9, lambda line: line[1].key),
            Column(_("Thema"), 26, lambda line: line[0].short),
            Column(_("Stufe"), 7, lambda line: line[1].stage),
            Column(_("Aussage"), 60, lambda line: line[1].text, wrap=True),
            Column(_("Antwort"), 12, lambda line: WORDS[line[1].value]),
            Column(_("Warum entfällt"), 30, lambda line: line[1].reason, wrap=True),
            Column(_("Notiz"), 50, lambda line: line[1].note, wrap=True),
        ),
        lines,
    )


def _steps(content: Content) -> Table:
    return Table(
        _("Schritte"),
        (
            Column(_("Nr."), 6, lambda step: step.number),
            Column(_("Schritt"), 44, lambda step: step.title, wrap=True),
            Column(_("Schließt"), 24, lambda step: ", ".join(step.closes), wrap=True),
            Column(_("Diese Woche"), 44, lambda step: step.first, wrap=True),
            Column(_("Wer"), 26, lambda step: step.who, wrap=True),
            Column(_("Aufwand"), 22, lambda step: step.effort, wrap=True),
            Column(_("Fertig, wenn"), 40, lambda step: step.done_when, wrap=True),
        ),
        list(content.steps),
    )


def _measures(content: Content) -> Table:
    return Table(
        _("Maßnahmen"),
        (
            Column(_("Maßnahme"), 44, lambda each: each.title, wrap=True),
            Column(_("Stand"), 19, lambda each: each.status_name),
            Column(_("Verantwortlich"), 22, lambda each: each.who),
            Column(_("Mit"), 22, lambda each: each.team, wrap=True),
            Column(_("Beginn"), 12, lambda each: each.starts_on),
            Column(_("Frist"), 12, lambda each: each.due_on),
            Column(_("Erledigt am"), 12, lambda each: each.done_on),
            Column(_("Betrifft Beschäftigte"), 12, lambda each: STAFF[each.affects_staff]),
            Column(_("Lücken"), 22, lambda each: ", ".join(each.closes), wrap=True),
            Column(_("Richtung"), 44, lambda each: each.direction, wrap=True),
            Column(_("Fertig, wenn"), 40, lambda each: each.done_when, wrap=True),
        ),
        list(content.plan.measures) if content.plan else [],
    )
