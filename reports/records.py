"""What the archive of a company holds, row by row: one JSON file for each part.

Keys are German like the LIESMICH of the archive: whoever opens it is no programmer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from checklists.models import (
    Answer,
    Delegation,
    Measure,
    Meeting,
    Review,
    StepDecision,
    Thread,
    Wording,
)
from portal.accounts.models import Company, User
from reports.models import Share, Statement

ROWS = 200  # read at a time

Row = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """One JSON file of the archive: a list of rows."""

    name: str
    about: str
    rows: Callable[[Company], Iterator[Row]]


def _name(person: User | None) -> str:
    return str(person) if person else _("ehemaliges Mitglied")


def _company(company: Company) -> Iterator[Row]:
    yield {
        "name": company.name,
        "branche": company.trade,
        "beschaeftigte": company.headcount,
        "bundesland": company.region,
        "betriebsrat": company.works_council,
        "angelegt": company.created_at,
    }


def _people(company: Company) -> Iterator[Row]:
    rows = company.memberships.select_related("user").order_by("pk")
    for row in rows.iterator(chunk_size=ROWS):
        yield {
            "name": _name(row.user),
            "e_mail": row.user.email if row.user and not row.left_at else "",
            "rolle": row.role,
            "seit": row.joined_at,
            "bis": row.left_at,
        }


def _invitations(company: Company) -> Iterator[Row]:
    rows = company.invitations.select_related("invited_by").order_by("pk")
    for row in rows.iterator(chunk_size=ROWS):
        yield {
            "e_mail": row.email,
            "rolle": row.role,
            "zeile": row.message,
            "von": _name(row.invited_by),
            "am": row.created_at,
            "gilt_bis": row.expires_at,
            "angenommen": row.accepted_at,
            "zurueckgezogen": row.withdrawn_at,
        }


def _engagements(company: Company) -> Iterator[Row]:
    rows = company.engagements.select_related("consultant", "engaged_by").order_by("pk")
    for row in rows.iterator(chunk_size=ROWS):
        yield {
            "e_mail": row.email,
            "beratung": str(row.consultant) if row.consultant else "",
            "sieht": {name.removeprefix("sees_"): getattr(row, name) for name in row.GRANTS},
            "gilt_bis": row.until,
            "zeile": row.message,
            "von": _name(row.engaged_by),
            "am": row.created_at,
            "angenommen": row.accepted_at,
            "beendet": row.ended_at,
        }


def _rights(company: Company) -> Iterator[Row]:
    rows = company.authority_events.select_related("by", "about").order_by("pk")
    for row in rows.iterator(chunk_size=ROWS):
        yield {
            "am": row.at,
            "was": row.what,
            "von": str(row.by) if row.by else "",
            "betrifft": str(row.about) if row.about else "",
            "dazu": row.detail,
        }


def _rounds(company: Company) -> Iterator[Row]:
    rounds = company.assessments.select_related("edition", "based_on").defer("edition__questions")
    for row in rounds.prefetch_related("assessmenttopic_set__aid").order_by("number"):
        yield {
            "durchgang": row.number,
            "begonnen": row.started_at,
            "abgeschlossen": row.closed_at,
            "geht_aus_von": row.based_on.number if row.based_on else None,
            "ausgabe": row.edition.checksum,
            "themen": [
                {"code": topic.aid.code, "titel": topic.aid.title, "zeichen": topic.mark}
                for topic in row.assessmenttopic_set.all()
            ],
        }


def _answers(company: Company) -> Iterator[Row]:
    texts = {
        (question, digest): text
        for question, digest, text in Wording.objects.values_list("question", "hash", "text")
    }
    rows = Answer.objects.filter(assessment__company=company)
    rows = rows.select_related("assessment", "question__aid").order_by("assessment__number", "pk")
    for row in rows.iterator(chunk_size=ROWS):
        yield {
            "durchgang": row.assessment.number,
            "frage": row.question.key,
            "wortlaut": texts.get((row.question_id, row.wording_hash), row.question.text),
            "sichtweise": row.perspective,
            "antwort": row.value,
            "noch_zu_bestaetigen": row.to_confirm,
            "grund": row.reason,
            "notiz": row.note,
        }


def _threads(company: Company) -> Iterator[Row]:
    rows = Thread.objects.filter(assessment__company=company)
    rows = rows.select_related("assessment", "question__aid").order_by("pk")
    for row in rows.prefetch_related("comments__author").iterator(chunk_size=ROWS):
        yield {
            "durchgang": row.assessment.number,
            "frage": row.question.key,
            "erledigt": row.resolved,
            "kommentare": [
                {"von": _name(said.author), "am": said.said_on, "text": said.text}
                for said in row.comments.all()
            ],
        }


def _delegations(company: Company) -> Iterator[Row]:
    rows = Delegation.objects.filter(assessment__company=company)
    rows = rows.select_related("assessment", "aid", "user", "asked_by").order_by("pk")
    for row in rows.iterator(chunk_size=ROWS):
        yield {
            "durchgang": row.assessment.number,
            "thema": row.aid.code,
            "an": _name(row.user),
            "von": _name(row.asked_by),
            "bitte_bis": row.due,
        }


def _meetings(company: Company) -> Iterator[Row]:
    rows = Meeting.objects.filter(assessment__company=company).select_related("assessment")
    rows = rows.prefetch_related("items__question__aid").defer("pdf").order_by("pk")
    for row in rows.iterator(chunk_size=ROWS):
        yield {
            "durchgang": row.assessment.number,
            "sitzung": row.number,
            "am": row.held_on,
            "dabei": row.participants,
            "abgeschlossen": row.closed_at,
            "punkte": [
                {
                    "frage": item.question.key if item.question else "",
                    "titel": item.title,
                    "antwort_vorher": item.before,
                    "antwort_nachher": item.after,
                    "beschlossen": item.text,
                }
                for item in row.items.all()
            ],
        }


def review_topics(review: Review) -> list[Row]:
    """What a consultant's review says, topic by topic."""
    return [
        {
            "thema": topic.aid.code,
            "sicht": topic.view,
            "empfehlung": topic.recommendation,
            "gut": topic.good_practice,
            "naechster_schritt": topic.next_step,
        }
        for topic in review.topics.all()
    ]


def _reviews(company: Company) -> Iterator[Row]:
    rows = Review.objects.released().filter(assessment__company=company)
    rows = rows.select_related("assessment").prefetch_related("topics__aid").order_by("pk")
    for row in rows.iterator(chunk_size=ROWS):
        yield {
            "durchgang": row.assessment.number,
            "nummer": row.number,
            "freigegeben": row.released_at,
            "von": row.signature,
            "gesamteindruck": row.summary,
            "themen": review_topics(row),
        }


def _reports(company: Company) -> Iterator[Row]:
    rows = company.reports.select_related("assessment", "made_by").defer("content")
    for row in rows.order_by("number").iterator(chunk_size=ROWS):
        yield {
            "nummer": row.number,
            "fassung": row.kind,
            "durchgang": row.assessment.number,
            "erstellt": row.made_at,
            "zurueckgezogen": row.withdrawn_at,
            "grund": row.withdrawn_why,
            "von": _name(row.made_by),
            "pruefsumme": row.checksum,
            "pruefsumme_pdf": row.pdf_checksum,
            "seiten": row.pages,
        }


def _shares(company: Company) -> Iterator[Row]:
    rows = Share.objects.filter(report__company=company).select_related("report", "shared_by")
    rows = rows.prefetch_related("openings").order_by("pk").defer("report__content")
    for row in rows.iterator(chunk_size=ROWS):
        yield {
            "bericht": row.report.number,
            "art": row.kind,
            "wofuer": row.purpose,
            "mit_passwort": bool(row.password),
            "von": _name(row.shared_by),
            "am": row.created_at,
            "gilt_bis": row.expires_at,
            "zurueckgezogen": row.withdrawn_at,
            "geoeffnet": [opening.at for opening in row.openings.all()],
        }


def _statements(company: Company) -> Iterator[Row]:
    rows = Statement.objects.released().filter(report__company=company)
    rows = rows.select_related("report", "author").order_by("pk").defer("report__content")
    for row in rows.iterator(chunk_size=ROWS):
        yield {
            "bericht": row.report.number,
            "nummer": row.number,
            "ergebnis": row.kind,
            "datum": row.dated,
            "von": _name(row.author),
            "freigegeben": row.released_at,
            "text": row.text,
        }


def _measures(company: Company) -> Iterator[Row]:
    rows = Measure.objects.filter(company=company).order_by("pk")
    rows = rows.select_related("step", "responsible").prefetch_related(
        "gaps__aid", "events__by", "events__about", "comments__author", "checks"
    )
    for row in rows.iterator(chunk_size=ROWS):
        yield {
            "massnahme": row.title,
            "schritt": row.step.title if row.step else "",
            "richtung": row.direction,
            "weg": row.way,
            "fertig_wenn": row.done_when,
            "verantwortlich": str(row.responsible or "") or row.responsible_role,
            "mit": row.team,
            "beginn": row.starts_on,
            "frist": row.due_on,
            "stand": row.status,
            "wiedervorlage": row.look_again_on,
            "grund": row.reason,
            "erledigt": row.done_on,
            "dringlichkeit": row.priority,
            "aufwand": row.effort,
            "geld": row.budget,
            "betrag": row.budget_amount,
            "betrifft_beschaeftigte": row.affects_staff,
            "luecken": [gap.key for gap in row.gaps.all()],
            "verlauf": [
                {"am": one.on, "was": one.what, "von": _name(one.by), "dazu": one.told}
                for one in row.events.all()
            ],
            "kommentare": [
                {"von": _name(said.author), "am": said.said_on, "text": said.text}
                for said in row.comments.all()
            ],
            "wirkung": [
                {"monate": one.months, "geholfen": one.helped, "warum": one.why}
                for one in row.checks.all()
                if one.helped
            ],
        }


def _decisions(company: Company) -> Iterator[Row]:
    rows = StepDecision.objects.filter(company=company).select_related("step", "decided_by")
    for row in rows.order_by("pk").iterator(chunk_size=ROWS):
        yield {
            "schritt": row.step.title,
            "entscheidung": row.kind,
            "wiedervorlage": row.look_again_on,
            "grund": row.reason,
            "von": _name(row.decided_by),
            "am": row.decided_on,
            "ueberholt": row.superseded_at,
        }


# A new kind of row of a company gets a line here, and a writer above.
PARTS = (
    Part("betrieb", "die Angaben zum Betrieb", _company),
    Part("menschen", "wer dazugehört oder dazugehörte, mit Rolle", _people),
    Part("einladungen", "Einladungen der letzten Zeit", _invitations),
    Part("mandate", "was die Beratung sehen darf oder durfte", _engagements),
    Part("rechte", "wer wem wann welche Rechte gab", _rights),
    Part("durchgaenge", "die Durchgänge mit ihren Themen", _rounds),
    Part("antworten", "die Antworten mit Wortlaut, Grund und Notiz", _answers),
    Part("kommentare", "die Gespräche zu einzelnen Fragen", _threads),
    Part("uebergaben", "Themen, die jemandem übergeben sind", _delegations),
    Part("protokolle", "was in Sitzungen beschlossen wurde", _meetings),
    Part("plan", "die Maßnahmen mit Verlauf, Kommentaren und Wirkung", _measures),
    Part("entscheidungen", "Schritte, die auf später gelegt oder abgelehnt sind", _decisions),
    Part("beratungsberichte", "freigegebene Berichte der Beratung", _reviews),
    Part("berichte", "das Verzeichnis der Aktionsberichte", _reports),
    Part("freigaben", "wer einen Bericht lesen darf oder durfte", _shares),
    Part("stellungnahmen", "freigegebene Stellungnahmen des Betriebsrats", _statements),
)
