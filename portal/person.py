"""What the portal keeps about one person: told to them, and erased."""

from __future__ import annotations

from collections.abc import Iterator

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from checklists.models import Delegation, Review
from portal.accounts.mails import OPTIONAL, wants
from portal.accounts.models import AuthorityEvent, Invitation, User
from reports.models import Report, Share
from reports.records import Row, review_topics


def erase(user: User) -> None:
    """Delete the account. Drafts of reviews are their writer's alone and go with it; the works
    council's stay with the works council; a released review keeps what it says, without the name.
    Raises ValidationError while a company would be left without a lead."""
    with transaction.atomic():
        Review.objects.filter(consultant=user, number=None).delete()
        Review.objects.filter(consultant=user).update(signature=_("ehemaliges Mitglied"))
        user.erase()


# What each part of the download holds; the file begins with this.
PARTS = {
    "konto": "Name, Adressen, Anmeldungen und Einstellungen",
    "betriebe": "Ihre Rollen in Betrieben, auch beendete",
    "beratung": "Ihr Beratungsprofil und Ihre Mandate",
    "einladungen": "Einladungen, die Sie verschickt haben oder die an Sie gingen (30 Tage lang)",
    "kommentare": "was Sie zu Fragen und Maßnahmen geschrieben haben",
    "uebergaben": "Themen, die Ihnen übergeben sind oder die Sie übergeben haben",
    "massnahmen": "Maßnahmen, für die Sie verantwortlich sind",
    "beratungsberichte": "Ihre Beratungsberichte, auch Entwürfe",
    "stellungnahmen": "Stellungnahmen des Betriebsrats, die Sie geschrieben haben, auch Entwürfe",
    "berichte": "Berichte, die Sie bestellt, und Freigaben, die Sie erteilt haben",
    "rechte": "Änderungen an Rechten, die Sie vorgenommen haben oder die Sie betrafen",
}


def told(user: User) -> Row:
    """Everything about the person as plain data, without any secret or its hash. Answers are not
    in it: they belong to the company and know no author."""
    return {
        "erklaerung": PARTS,
        "stand": timezone.now(),
        "konto": _account(user),
        "betriebe": [
            {
                "betrieb": row.company.name,
                "rolle": row.role,
                "seit": row.joined_at,
                "bis": row.left_at,
                "zuletzt_im_betriebsratsraum": row.visited_at,
            }
            for row in user.memberships.select_related("company").order_by("pk")
        ],
        "beratung": _consulting(user),
        "einladungen": list(_invitations(user)),
        "kommentare": list(_comments(user)),
        "uebergaben": list(_delegations(user)),
        "massnahmen": [
            {"betrieb": row.company.name, "massnahme": row.title, "frist": row.due_on}
            for row in user.measures.select_related("company").order_by("pk")
        ],
        "beratungsberichte": list(_reviews(user)),
        "stellungnahmen": [
            {
                "betrieb": row.report.company.name,
                "bericht": row.report.number,
                "nummer": row.number,
                "ergebnis": row.kind,
                "datum": row.dated,
                "text": row.text,
            }
            for row in user.statements.select_related("report__company")
            .defer("report__content")
            .order_by("pk")
        ],
        "berichte": list(_reports(user)),
        "rechte": [
            {
                "betrieb": row.company.name,
                "am": row.at,
                "was": row.what,
                "von_mir": row.by_id == user.pk,
                "dazu": row.detail,
            }
            for row in AuthorityEvent.objects.filter(Q(by=user) | Q(about=user))
            .select_related("company")
            .order_by("pk")
        ],
    }


def _account(user: User) -> Row:
    return {
        "name": user.name,
        "e_mail": user.email,
        "angelegt": user.date_joined,
        "letzte_anmeldung": user.last_login,
        "adressen": [
            {"e_mail": row.email, "bestaetigt": row.verified, "hauptadresse": row.primary}
            for row in EmailAddress.objects.filter(user=user).order_by("pk")
        ],
        "abgestellte_mails": [kind.value for kind in OPTIONAL if not wants(user, kind)],
        "zweiter_nachweis": [
            {
                "art": row.type,
                "name": row.wrap().name if row.type == Authenticator.Type.WEBAUTHN else "",
                "eingerichtet": row.created_at,
                "zuletzt_benutzt": row.last_used_at,
            }
            for row in Authenticator.objects.filter(user=user).order_by("pk")
        ],
        "angemeldete_geraete": [
            {
                "seit": row.created_at,
                "zuletzt": row.last_seen_at,
                "internetadresse": row.ip,
                "browser": row.user_agent,
            }
            for row in UserSession.objects.filter(user=user).order_by("pk")
        ],
        "erinnerungen": [
            {"anlass": row.occasion, "am": row.sent_on}
            for row in user.sent_reminders.order_by("pk")
        ],
        "kalender": [
            {"betrieb": row.company.name, "seit": row.created_on, "widerrufen": row.revoked_at}
            for row in user.calendar_feeds.select_related("company").order_by("pk")
        ],
    }


def _consulting(user: User) -> Row:
    profile = getattr(user, "consultant_profile", None)
    return {
        "profil": profile
        and {
            "organisation": profile.organisation,
            "netzwerk": profile.network,
            "regionen": profile.regions,
            "themen": profile.topics,
        },
        "mandate": [
            {
                "betrieb": row.company.name,
                "angenommen": row.accepted_at,
                "gilt_bis": row.until,
                "beendet": row.ended_at,
                "zuletzt_angesehen": row.visited_at,
            }
            for row in user.engagements.select_related("company").order_by("pk")
        ],
    }


def _invitations(user: User) -> Iterator[Row]:
    mine = Q(invited_by=user) | Q(email=user.email)
    for row in Invitation.objects.filter(mine).select_related("company").order_by("pk"):
        yield {
            "betrieb": row.company.name,
            "an": row.email,
            "rolle": row.role,
            "zeile": row.message,
            "am": row.created_at,
            "angenommen": row.accepted_at,
        }


def _comments(user: User) -> Iterator[Row]:
    said = user.comments.select_related("thread__assessment__company", "thread__question__aid")
    for row in said.order_by("pk"):
        yield {
            "betrieb": row.thread.assessment.company.name,
            "zu": row.thread.question.key,
            "am": row.said_on,
            "text": row.text,
        }
    for about in user.measure_comments.select_related("measure__company").order_by("pk"):
        yield {
            "betrieb": about.measure.company.name,
            "zu": about.measure.title,
            "am": about.said_on,
            "text": about.text,
        }


def _delegations(user: User) -> Iterator[Row]:
    rows = Delegation.objects.filter(Q(user=user) | Q(asked_by=user))
    for row in rows.select_related("assessment__company", "aid").order_by("pk"):
        yield {
            "betrieb": row.assessment.company.name,
            "thema": row.aid.code,
            "an_mich": row.user_id == user.pk,
            "bitte_bis": row.due,
        }


def _reviews(user: User) -> Iterator[Row]:
    rows = user.reviews.select_related("assessment__company").prefetch_related("topics__aid")
    for row in rows.order_by("pk"):
        yield {
            "betrieb": row.assessment.company.name,
            "durchgang": row.assessment.number,
            "nummer": row.number,
            "freigegeben": row.released_at,
            "unterschrift": row.signature,
            "gesamteindruck": row.summary,
            "themen": review_topics(row),
        }


def _reports(user: User) -> Iterator[Row]:
    made = Report.objects.filter(made_by=user).select_related("company").defer("content")
    for row in made.order_by("pk"):
        yield {"betrieb": row.company.name, "bericht": row.number, "bestellt": row.made_at}
    shared = Share.objects.filter(shared_by=user).select_related("report__company")
    for share in shared.defer("report__content").order_by("pk"):
        yield {
            "betrieb": share.report.company.name,
            "bericht": share.report.number,
            "freigegeben": share.created_at,
            "art": share.kind,
            "wofuer": share.purpose,
        }
