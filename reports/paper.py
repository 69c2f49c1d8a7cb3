"""The paper checklist: a topic's statements on one sheet, to fill in by hand.

A sheet belongs to an edition and is the same for everybody: made once, then only handed out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from django.conf import settings
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.utils import timezone, translation

from checklists.models import DecisionAid, Edition, Question, Resource
from checklists.reading import Chapter
from checklists.results import ENTFAELLT, JA, NEIN, WEISS_NICHT
from reports.content import checksum, to_json
from reports.pdf import Rendered, render, typeset
from reports.sample import sample
from reports.sheets import name_of, sample_name, store

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


def make_sample() -> bool:
    """Render and store the sample report like any other, but without a number, and with a firm
    that says of itself that it is made up. False where it was stored already."""
    name = sample_name()
    if default_storage.exists(name):
        return False
    content = sample()
    firm = replace(content.firm, name=f"{content.firm.name} (erfunden)")
    mark = checksum(to_json(content))
    return store(name, render(replace(content, firm=firm), number=0, checksum=mark).pdf)


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
