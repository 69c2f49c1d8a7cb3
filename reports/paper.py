"""The paper checklist: a topic's statements on one sheet, to fill in by hand.

A sheet belongs to an edition and is the same for everybody: made once, then only handed out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from checklists.models import DecisionAid, Edition, Question, Resource
from checklists.reading import Chapter
from checklists.results import ENTFAELLT, JA, NEIN, WEISS_NICHT
from reports.pdf import Rendered, typeset
from reports.sheets import name_of, store

SIZES = ("", "close", "snug", "dense")  # of static/css/sheet.css
STYLE = "css/sheet.css"


def make(edition: Edition, chapters: Iterable[Chapter]) -> int:
    """Render and store these topics' sheets. Returns how many were stored."""
    networks = list(Resource.objects.filter(kind=Resource.Kind.NETWORK, retired=False))
    made = 0
    for chapter in chapters:
        rendered = render_sheet(
            chapter.aid,
            chapter.questions,
            networks=networks,
            edition=edition.checksum,
            day=timezone.localdate(edition.loaded_at),
        )
        made += store(name_of(edition.checksum, chapter.aid.code), rendered.pdf)
    return made


def render_sheet(
    aid: DecisionAid,
    questions: Sequence[Question],
    *,
    networks: Sequence[Resource],
    edition: str,
    day: date,
) -> Rendered:
    """The sheet as tagged PDF/UA-1 on one page, as large as it fits; more pages only where even
    the smallest type does not help. `edition` is its checksum, `day` when it was loaded."""
    address = f"{settings.PORTAL_URL}/themen/{aid.code}/"
    context = {
        "aid": aid,
        "title": f"Checkliste {aid.code}, {aid.title}",
        "questions": questions,
        "values": (JA, NEIN, WEISS_NICHT, ENTFAELLT),
        "networks": networks,
        "edition": edition,
        "day": day,
        "address": address,
        "printed": address.partition("://")[2].rstrip("/"),
    }
    with translation.override("de"):
        for size in SIZES:
            markup = render_to_string("reports/pdf/sheet.html", {**context, "size": size})
            rendered = typeset(markup, STYLE)
            if rendered.pages == 1:
                break
    return rendered
