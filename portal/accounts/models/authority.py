"""Who was given which say, and by whom: what a company's lead and works council can look up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from auditlog.context import set_actor
from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from portal.accounts.models.company import Company
    from portal.accounts.models.user import User


class AuthorityEvent(models.Model):
    """One change of roles, grants, shares or the company's existence. Never an answer, a comment,
    a statement or a review: people are not measured."""

    class What(models.TextChoices):
        INVITED = "invited", _("Einladung verschickt")
        INVITATION_WITHDRAWN = "invitation_withdrawn", _("Einladung zurückgezogen")
        JOINED = "joined", _("beigetreten")
        ROLE_CHANGED = "role_changed", _("Rolle geändert")
        LEFT = "left", _("ausgeschieden")
        REMOVAL_ASKED = "removal_asked", _("Ausscheiden aus dem Betriebsrat beantragt")
        REMOVAL_DROPPED = "removal_dropped", _("Antrag auf Ausscheiden zurückgenommen")
        ENGAGED = "engaged", _("Mandat erteilt")
        ENGAGEMENT_ACCEPTED = "engagement_accepted", _("Mandat angenommen")
        ENGAGEMENT_CHANGED = "engagement_changed", _("Mandat geändert")
        ENGAGEMENT_ENDED = "engagement_ended", _("Mandat beendet")
        SHARED = "shared", _("Bericht freigegeben")
        SHARE_WITHDRAWN = "share_withdrawn", _("Freigabe zurückgezogen")
        EXPORTED = "exported", _("Betrieb exportiert")
        DELETION_ASKED = "deletion_asked", _("Löschung des Betriebs beantragt")
        DELETION_DROPPED = "deletion_dropped", _("Löschung des Betriebs zurückgenommen")

    company = models.ForeignKey("accounts.Company", models.CASCADE, related_name="authority_events")
    at = models.DateTimeField(auto_now_add=True)
    what = models.CharField(max_length=20, choices=What)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("Änderung an Rechten")
        verbose_name_plural = _("Änderungen an Rechten")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["company", "-id"], name="authority_event_newest")]

    def __str__(self) -> str:
        return f"{self.get_what_display()}"

    @property
    def sentence(self) -> str:
        """What happened, for people. Whoever was deleted since is a former member."""
        address, _blank, rest = self.detail.partition(", ")
        words = {
            "by": self.by or _("Ein ehemaliges Mitglied"),
            "About": self.about or _("Ein ehemaliges Mitglied"),
            "about": self.about or _("ein ehemaliges Mitglied"),
            "of": self.about or _("einem ehemaligen Mitglied"),
            "Consultant": self.about or _("Eine Beratung"),
            "consultant": self.about or self.detail or _("einer Beratung"),
            "detail": self.detail,
            "what": self.detail or _("alle Daten des Betriebs"),
            "address": address,
            "rest": rest,
        }
        by_another = self.by_id is not None and self.by_id != self.about_id
        what = self.What(self.what)
        pattern = SENTENCES_BY.get(what) if by_another else None
        return str(pattern or SENTENCES[what]) % words


SENTENCES = {
    AuthorityEvent.What.INVITED: _("%(by)s hat %(address)s als %(rest)s eingeladen."),
    AuthorityEvent.What.INVITATION_WITHDRAWN: _(
        "%(by)s hat die Einladung an %(address)s als %(rest)s zurückgezogen."
    ),
    AuthorityEvent.What.JOINED: _("%(About)s gehört zum Betrieb: %(detail)s."),
    AuthorityEvent.What.LEFT: _("%(About)s gehört nicht mehr zum Betrieb (%(detail)s)."),
    AuthorityEvent.What.ROLE_CHANGED: _("%(by)s hat die Rolle von %(of)s geändert: %(detail)s."),
    AuthorityEvent.What.REMOVAL_ASKED: _(
        "%(by)s hat beantragt, dass %(about)s aus dem Betriebsrat ausscheidet."
    ),
    AuthorityEvent.What.REMOVAL_DROPPED: _(
        "%(by)s hat den Antrag zurückgenommen, dass %(about)s aus dem Betriebsrat ausscheidet."
    ),
    AuthorityEvent.What.ENGAGED: _("%(by)s hat %(detail)s ein Mandat angeboten."),
    AuthorityEvent.What.ENGAGEMENT_ACCEPTED: _("%(Consultant)s hat das Mandat angenommen."),
    AuthorityEvent.What.ENGAGEMENT_CHANGED: _(
        "%(by)s hat geändert, was das Mandat von %(consultant)s umfasst."
    ),
    AuthorityEvent.What.ENGAGEMENT_ENDED: _("Das Mandat von %(consultant)s ist beendet."),
    AuthorityEvent.What.SHARED: _("%(by)s hat freigegeben: %(detail)s."),
    AuthorityEvent.What.SHARE_WITHDRAWN: _("%(by)s hat eine Freigabe zurückgezogen: %(detail)s."),
    AuthorityEvent.What.EXPORTED: _("%(by)s hat exportiert: %(what)s."),
    AuthorityEvent.What.DELETION_ASKED: _("Der Betrieb soll gelöscht werden."),
    AuthorityEvent.What.DELETION_DROPPED: _("%(by)s hat die Löschung des Betriebs zurückgenommen."),
}
# The same where it says more to name who did it: somebody other than whom it is about.
SENTENCES_BY = {
    AuthorityEvent.What.LEFT: _("%(by)s hat %(about)s entfernt (%(detail)s)."),
    AuthorityEvent.What.ENGAGEMENT_ENDED: _("%(by)s hat das Mandat von %(consultant)s beendet."),
    AuthorityEvent.What.DELETION_ASKED: _("%(by)s hat die Löschung des Betriebs beantragt."),
}


@contextmanager
def authority(
    company: Company,
    what: AuthorityEvent.What,
    *,
    by: User | None,
    about: User | None = None,
    detail: str = "",
) -> Iterator[None]:
    """One transaction that changes somebody's say, with its entry in the company's log. `by` None:
    time did it (an expiry)."""
    with transaction.atomic(), set_actor(by):
        yield
        AuthorityEvent.objects.create(
            company=company, what=what, by=by, about=about, detail=detail[:200]
        )


def masked(email: str) -> str:
    """An address as the log may keep it: "b…@betrieb.example"."""
    name, _at, host = email.partition("@")
    return f"{name[:1]}…@{host}"
