"""A small report of nobody: with it the render child gets ready before the first job comes."""

from __future__ import annotations

from datetime import date

from checklists.results import ENTFAELLT, JA, NEIN, OFFEN, WEISS_NICHT
from reports.content import SCHEMA, AnsweredQuestion, Content, Firm, NextStep, Place, TopicResult

TEXT = "Unternehmensverantwortliche beschreiben Weiterbildungsmöglichkeiten. " * 4
DAY = date(2026, 1, 1)


def specimen() -> Content:
    """Has one of each: every answer, a note, a step, a place, a network."""
    place = Place(
        "p", "Stelle", "portal", TEXT, "www.example.org", "https://example.org", (), "", ()
    )
    questions = tuple(
        AnsweredQuestion(
            key=f"E01-{number:02d}",
            number=number,
            text=TEXT,
            stage=number,
            value=value,
            reason="",
            note="Notiz",
            step=1 if value == NEIN else None,
        )
        for number, value in enumerate((JA, NEIN, WEISS_NICHT, ENTFAELLT, OFFEN), 1)
    )
    step = NextStep(
        number=1,
        key="s",
        title="Schritt",
        why=TEXT,
        what=TEXT,
        first=TEXT,
        who="Leitung",
        effort="ein Tag",
        done_when=TEXT,
        stage=2,
        closes=("E01-02",),
        topics=("E01",),
        places=("p",),
    )
    return Content(
        schema=SCHEMA,
        kind="action",
        made_on=DAY,
        round_number=1,
        round_started=DAY,
        round_closed=None,
        edition="",
        edition_date=DAY,
        with_notes=True,
        firm=Firm("Betrieb", "", None, "", "", ""),
        topics=(TopicResult("E01", "Thema", "", "Thema", 1, False, questions, ("p",)),),
        steps=(step,),
        networks=(place,),
        places=(place,),
    )
