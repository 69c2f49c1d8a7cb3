"""Mails of the portal itself: one text per kind, sent as plain text and as simple HTML.

`templates/mails/<kind>.txt` holds the subject in its first line, then the text. A mail that is
not essential can be switched off by whoever gets it."""

from __future__ import annotations

from smtplib import SMTPException
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User

log = structlog.get_logger(__name__)


class Kind(models.TextChoices):
    """Every kind of mail. The label is what its switch says."""

    INVITATION = "invitation", _("Einladung in einen Betrieb")
    REMOVAL = "removal", _("Sie sollen aus dem Betriebsrat ausscheiden")
    ENGAGEMENT = "engagement", _("Ein Betrieb erteilt Ihnen ein Mandat")
    DELETION = "deletion", _("Ein Betrieb oder Konto wird gelöscht")
    DELEGATION = "delegation", _("Jemand übergibt Ihnen ein Thema")
    SHARE = "share", _("Ein Bericht wird dem Betriebsrat freigegeben")
    REPORT = "report", _("Ein Bericht, auf den Sie länger warten, ist fertig")
    STATEMENT = "statement", _("Der Betriebsrat nimmt Stellung")
    REVIEW = "review", _("Die Beratung gibt ihren Bericht frei")
    REMINDER = "reminder", _("Erinnerung an einen Termin")
    MEASURE = "measure", _("Erinnerung an eine Maßnahme")
    DIGEST = "digest", _("Wochenüberblick über den Plan")


# Why these go out in any case.
ESSENTIAL = {
    Kind.INVITATION: _("Ohne sie kämen Sie nicht hinein: Nur in der Mail steht der Link."),
    Kind.REMOVAL: _("Sie können widersprechen, solange die Frist läuft."),
    Kind.ENGAGEMENT: _("Ein Mandat beginnt erst, wenn Sie es annehmen."),
    Kind.DELETION: _("Was gelöscht ist, kommt nicht wieder. Davon sollen Sie vorher wissen."),
}
OPTIONAL = tuple(kind for kind in Kind if kind not in ESSENTIAL)


def wants(user: User, kind: Kind) -> bool:
    """Whether the person gets this kind of mail."""
    return kind in ESSENTIAL or kind not in user.muted_mails.split()


def absolute(name: str, *args: Any) -> str:
    """The full address of a page, for a mail."""
    return f"{settings.PORTAL_URL}{reverse(name, args=args)}"


def send(kind: Kind, to: User | str, link: str, link_text: str, **context: Any) -> bool:
    """Write to somebody. `link` is the full address of the one thing to do. False when the person
    does not want this kind, or when the mail server did not take it (the log names the kind, never
    the address)."""
    if isinstance(to, User):
        if not wants(to, kind):
            return False
        context["name"] = to.name
    context |= {
        "link": link,
        "link_text": link_text,
        "kind": kind,
        "essential": kind in ESSENTIAL,
        "settings_link": absolute("mail_settings"),
        "portal_url": settings.PORTAL_URL,
    }
    rendered = render_to_string(f"mails/{kind}.txt", context).strip()
    subject, _blank, text = rendered.partition("\n")
    context["paragraphs"] = [part for part in text.strip().split("\n\n") if part.strip()]
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string("mails/frame.txt", context).strip() + "\n",
        to=[to.email if isinstance(to, User) else to],
    )
    message.attach_alternative(render_to_string("mails/frame.html", context), "text/html")
    try:
        message.send()
    except (SMTPException, OSError) as error:
        log.warning("mail_failed", kind=str(kind), why=type(error).__name__)
        return False
    return True
