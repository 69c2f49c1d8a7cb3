"""A report as a Word document: real styles, lists and tables with header rows, so that whoever gets
it can go on writing, and a screen reader finds its way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, time
from io import BytesIO
from typing import Any

from django.utils.formats import date_format
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt

from reports import summary
from reports.content import Content, TopicResult
from reports.kinds import WEB
from reports.logo import Logo
from reports.planned import PlannedMeasure

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# What XML cannot say. Everything else that somebody wrote stands there as text.
UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
WIDTH = 16.0  # cm between the margins


def document_of(content: Content, *, number: int, checksum: str) -> bytes:
    """The frozen content as .docx. The same content gives the same text, not the same bytes."""
    paper = _Paper(content, number, checksum)
    if content.logo:
        paper.letterhead(content.logo)
    for part in content.parts:
        if part in WRITERS:
            WRITERS[part](paper)
    made = BytesIO()
    paper.document.save(made)
    return made.getvalue()


class _Paper:
    """A document that grows from top to bottom."""

    def __init__(self, content: Content, number: int, checksum: str) -> None:
        self.content, self.number, self.checksum = content, number, checksum
        self.document: Any = Document()
        self._set_up()

    def _set_up(self) -> None:
        document, content = self.document, self.content
        page = document.sections[0]
        page.page_width, page.page_height = Cm(21), Cm(29.7)
        page.left_margin = page.right_margin = Cm(2.5)
        document.styles["Normal"].font.size = Pt(11)
        for language in document.styles.element.iter(qn("w:lang")):
            language.set(qn("w:val"), "de-DE")
        said = document.core_properties
        said.title = clean(f"{content.kind_name} {self.number}, {content.firm.name}")[:255]
        said.author = "Gegenstrom"
        said.language = "de-DE"
        said.subject = " ".join(summary.headline(content))
        said.comments = f"Prüfsumme {self.checksum[:16]}"
        said.created = said.modified = datetime.combine(content.made_on, time.min, UTC)
        foot = page.footer.paragraphs[0]
        foot.text = clean(
            f"{content.kind_name} {self.number} · {content.firm.name} · "
            f"{day(content.made_on)} · {self.checksum[:16]}"
        )

    def letterhead(self, logo: Logo) -> None:
        """The firm's logo, where a letter has it."""
        picture = logo.in_grey() if self.content.grey else logo.picture
        width, height = logo.within(60, 18)
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        drawn = paragraph.add_run().add_picture(BytesIO(picture), Mm(width), Mm(height))
        drawn._inline.docPr.set("descr", clean(f"Logo von {self.content.firm.name}"))

    def heading(self, text: str, level: int = 1) -> None:
        self.document.add_heading(clean(text), level)

    def text(self, text: str, style: str | None = None) -> None:
        self.document.add_paragraph(clean(text), style)

    def bullets(self, texts: Iterable[str], style: str = "List Bullet") -> None:
        for text in texts:
            self.text(text, style)

    def table(
        self, titles: Sequence[str], rows: Iterable[Sequence[str]], shares: Sequence[float]
    ) -> None:
        """A table whose first row is repeated on each page; `shares` are parts of its width."""
        table = self.document.add_table(rows=1, cols=len(titles), style="Table Grid")
        table.autofit = False
        _fill(table.rows[0], titles, shares)
        for cell in table.rows[0].cells:
            for run in cell.paragraphs[0].runs:
                run.bold = True
        _mark(table.rows[0], "w:tblHeader")
        for row in rows:
            added = table.add_row()
            _fill(added, row, shares)
            _mark(added, "w:cantSplit")
        self.text("")


def _fill(row: Any, texts: Sequence[str], shares: Sequence[float]) -> None:
    for cell, text, share in zip(row.cells, texts, shares, strict=True):
        cell.text = clean(text)
        cell.width = Cm(WIDTH * share / sum(shares))


def _mark(row: Any, what: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(what))


def clean(text: str) -> str:
    return UNSPEAKABLE.sub("", text)


def day(date: Any) -> str:
    return date_format(date, "j. F Y") if date else ""


def until(content: Content, measure: PlannedMeasure) -> str:
    """By when it is to be done, or since when it is."""
    if measure.done_on:
        return f"erledigt am {day(measure.done_on)}"
    return day(measure.due_on) + summary.overdue(content, measure)


# --- The parts ------------------------------------------------------------------------------------


def _title(paper: _Paper, part: str) -> None:
    paper.heading(str(WEB[part][1]))


def _cover(paper: _Paper) -> None:
    content = paper.content
    paper.document.add_heading(f"{content.kind_name} {paper.number}", 0)
    paper.text(content.firm.name, "Subtitle")
    paper.text(f"{content.round_number}. Durchgang · {day(content.made_on)}")
    paper.text(summary.pictured(content))


def _one_page(paper: _Paper) -> None:
    content = paper.content
    if "cover" not in content.parts:
        _cover(paper)
    _title(paper, "one_page")
    paper.text(" ".join(summary.headline(content)))
    paper.text(summary.lead(content))
    rows = [
        (f"{topic.code} {topic.short}", stage(topic), summary.counts(topic.tally))
        for topic in content.topics
    ]
    paper.table(("Thema", "Stufe", "Antworten"), rows, (4, 2, 6))
    if content.steps:
        paper.heading("Was als Nächstes ansteht", 2)
        paper.bullets((f"{s.title}: {s.first}" for s in content.steps[:3]), "List Number")
    paper.heading("Wen wir fragen", 2)
    paper.bullets(f"{place.name}, {place.printed}" for place in content.networks)
    paper.text(summary.basis(content))


def stage(topic: TopicResult) -> str:
    if topic.all_reached:
        return "alle erreicht"
    return str(topic.stage or "")


def _since(paper: _Paper) -> None:
    since = paper.content.since
    assert since
    _title(paper, "since")
    paper.text(f"Verglichen mit Bericht {since.number} vom {day(since.made_on)}.")
    if since.moved:
        rows = [
            (f"{each.code} {each.short}", summary.counts(each.then), summary.counts(each.now))
            for each in since.moved
        ]
        paper.table(("Thema", f"Bericht {since.number}", "dieser Bericht"), rows, (4, 4, 4))
    elif "comparison" in paper.content.parts and not since.topics:
        paper.text("Wie sich die Antworten verändert haben, steht unter „Was sich bewegt hat“.")
    for heading, titles in (
        ("Neu dabei", since.only_now),
        ("Schritte, die sich erledigt haben", since.steps_closed),
        ("Neue Schritte", since.steps_new),
        ("Erledigte Maßnahmen", since.measures_done),
    ):
        if titles:
            paper.heading(heading, 2)
            paper.bullets(titles)


def _covers(paper: _Paper) -> None:
    _title(paper, "covers")
    topics = paper.content.topics
    rows = [(f"{t.code} {t.title}", str(t.tally.total), summary.counts(t.tally)) for t in topics]
    paper.table(("Thema", "Fragen", "Antworten"), rows, (6, 2, 5))


def _took_part(paper: _Paper) -> None:
    part = paper.content.participation
    assert part
    _title(paper, "took_part")
    days = ", ".join(day(each) for each in part.shared_on)
    paper.bullets(
        (
            f"Sitzungen des Teams mit Protokoll: {part.meetings}",
            f"Für den Betriebsrat freigegebene Berichte: {len(part.shared_on)}"
            + (f" ({days})" if days else ""),
            f"Stellungnahmen des Betriebsrats: {part.statements}",
        )
    )


def _topics(paper: _Paper) -> None:
    content = paper.content
    for topic in content.topics:
        paper.heading(f"{topic.code} {topic.title}")
        paper.text(f"{topic.tally.ja} von {topic.tally.total} mit Ja.")
        for group in summary.groups(topic, content.kind):
            paper.heading(group.heading, 2)
            rows = [
                (
                    question.key,
                    question.text,
                    group.word,
                    "\n".join(filter(None, (question.reason, question.note))),
                )
                for question in group.questions
            ]
            paper.table(("Nr.", "Aussage", "Antwort", "Notiz"), rows, (2, 7, 2.5, 4.5))


def _comparison(paper: _Paper) -> None:
    comparison = paper.content.comparison
    assert comparison
    _title(paper, "comparison")
    titles = (
        "Thema",
        f"Durchgang {comparison.round_number}",
        f"Durchgang {paper.content.round_number}",
    )
    rows = [
        (f"{each.code} {each.short}", summary.counts(each.then), summary.counts(each.now))
        for each in comparison.topics
    ]
    paper.table(titles, rows, (4, 4, 4))
    paper.bullets(
        f"{moved.key} {moved.move}: {moved.text}"
        for topic in comparison.topics
        for moved in topic.moved
    )


def _steps(paper: _Paper) -> None:
    content = paper.content
    _title(paper, "steps")
    for step in content.steps:
        paper.heading(f"{step.number} {step.title}", 2)
        paper.text(f"{summary.closing(step)}: {', '.join(step.closes)}")
        paper.text(step.what)
        rows = [
            ("Warum jetzt", step.why),
            ("Diese Woche", step.first),
            ("Wer, Aufwand", f"{step.who} · {step.effort}"),
            ("Fertig, wenn", step.done_when),
            ("Rat gibt", summary.turning(content, step)),
        ]
        paper.table(("", "Schritt"), [row for row in rows if row[1]], (3, 9))


def _reviews(paper: _Paper) -> None:
    _title(paper, "reviews")
    for review in paper.content.reviews:
        paper.heading(f"Beratungsbericht {review.number}, {day(review.dated)}", 2)
        paper.text(review.signature)
        paper.text(review.summary)
        for topic in review.topics:
            short = summary.short_of(paper.content, topic.code)
            paper.text(f"{topic.code} {short}: {topic.view_name or 'ohne Einschätzung'}")
            said = (topic.recommendation, topic.good_practice, topic.next_step)
            paper.bullets(filter(None, said))


def _plan(paper: _Paper) -> None:
    plan = paper.content.plan
    _title(paper, "plan")
    rows = [
        (
            each.title,
            each.who,
            day(each.starts_on),
            day(each.due_on),
            each.status_name + summary.overdue(paper.content, each),
        )
        for each in (plan.measures if plan else ())
    ]
    rows = rows or [(step.title, "", "", "", "") for step in paper.content.steps]
    titles = ("Maßnahme", "verantwortlich", "Beginn", "Frist", "Stand")
    paper.table(titles, rows, (5, 3, 2.5, 2.5, 2.5))
    if plan and plan.decisions:
        paper.heading("Später oder nicht für uns", 2)
        paper.bullets(
            ": ".join(filter(None, (f"{each.title} ({each.kind_name})", each.reason)))
            for each in plan.decisions
        )


def _effects(paper: _Paper) -> None:
    plan = paper.content.plan
    _title(paper, "effects")
    rows = [
        (each.title, each.who, until(paper.content, each), "")
        for each in (plan.measures if plan else ())
    ]
    if plan is None or not plan.left_out:
        rows = rows or [(step.title, step.who, "", "") for step in paper.content.steps]
    titles = ("Maßnahme", "verantwortlich", "Frist", "für die Beschäftigten")
    if rows:
        paper.table(titles, rows, (5, 3, 2.5, 5))
    if said := summary.not_for_staff(paper.content):
        paper.text(said)


def _places(paper: _Paper) -> None:
    content = paper.content
    _title(paper, "places")
    paper.bullets(f"{p.name}, {p.printed}: {p.offer}" for p in content.networks)
    for shelf in summary.shelves(content):
        paper.heading(shelf.heading, 2)
        rows = [
            (place.name, place.printed, summary.mentions(content, place)) for place in shelf.places
        ]
        paper.table(("Stelle", "Adresse", "für"), rows, (5, 5, 3))


def _statements(paper: _Paper) -> None:
    _title(paper, "statements")
    for said in paper.content.statements:
        paper.heading(f"Bericht {said.report}, Stellungnahme {said.number}: {said.result}", 2)
        paper.text(f"{day(said.dated)}, {said.author or 'ein ehemaliges Mitglied'}")
        paper.text(said.text)


def _room(paper: _Paper) -> None:
    paper.heading("Platz zum Schreiben")
    paper.text("")


def _signatures(paper: _Paper) -> None:
    whose = "Belegschaft" if paper.content.firm.works_council == "no" else "Betriebsrat"
    paper.heading("Stellungnahme und Unterschriften")
    for who in (whose, "Leitung"):
        paper.heading(f"Stellungnahme {who}", 2)
        paper.text("")
    rows = [(who, "", "") for who in ("Leitung", whose, "Vertretung des Teams")]
    paper.table(("Wer", "Ort, Datum", "Unterschrift"), rows, (3, 4, 5))


def _origin(paper: _Paper) -> None:
    content = paper.content
    paper.heading(str(WEB["origin" if "origin" in content.parts else "proof"][1]))
    rows = [
        ("Bericht", f"Nummer {paper.number}, {day(content.made_on)}"),
        ("Betrieb", content.firm.name),
        ("Durchgang", f"{content.round_number}, begonnen am {day(content.round_started)}"),
        ("Katalog", f"Ausgabe vom {day(content.edition_date)}, Prüfsumme {content.edition[:16]}"),
        ("Inhalt", f"Prüfsumme {paper.checksum[:16]}"),
    ]
    paper.table(("Angabe", "Wert"), rows, (3, 9))
    paper.text("Wer diese Datei ändert, ändert nicht den Bericht: Es gilt das PDF im Portal.")


WRITERS: dict[str, Callable[[_Paper], None]] = {
    "cover": _cover,
    "one_page": _one_page,
    "since": _since,
    "covers": _covers,
    "took_part": _took_part,
    "topics": _topics,
    "gaps": _topics,
    "comparison": _comparison,
    "steps": _steps,
    "reviews": _reviews,
    "plan": _plan,
    "effects": _effects,
    "places": _places,
    "statements": _statements,
    "room": _room,
    "signatures": _signatures,
    "origin": _origin,
    "proof": _origin,
}
