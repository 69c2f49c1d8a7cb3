"""Who else may read a report: the works council, or whoever holds a link."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import AuthorityEvent, Role, authority
from portal.accounts.tokens import derived_token, hashed, new_token
from reports.models.report import Report

if TYPE_CHECKING:
    from portal.accounts.models import User


class ShareQuerySet(models.QuerySet["Share"]):
    def live(self) -> ShareQuerySet:
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), withdrawn_at=None)

    def visible_to(self, user: User) -> ShareQuerySet:
        """A lead sees all of the company's; the works council those addressed to it."""
        mine = {
            "report__company__memberships__user": user,
            "report__company__memberships__left_at": None,
        }
        lead = Q(**mine, report__company__memberships__role=Role.LEAD)
        council = Q(
            **mine,
            report__company__memberships__role=Role.WORKS_COUNCIL,
            kind=Share.Kind.WORKS_COUNCIL,
        )
        return self.filter(lead | council).distinct()

    def links(self) -> ShareQuerySet:
        return self.filter(kind=Share.Kind.LINK)

    def with_openings(self) -> ShareQuerySet:
        """Each with the openings of the last 90 days as `recent`, newest first."""
        kept = ShareOpening.objects.filter(at__gte=timezone.now() - ShareOpening.KEPT)
        return self.prefetch_related(Prefetch("openings", queryset=kept, to_attr="recent"))

    def editable_by(self, user: User) -> ShareQuerySet:
        """Those of companies the user leads."""
        return self.filter(
            report__company__memberships__user=user,
            report__company__memberships__left_at=None,
            report__company__memberships__role=Role.LEAD,
        )


def _hold(report: Report) -> None:
    """Lock the report, so that sharing and withdrawing it wait for each other. Raises
    ValidationError for a withdrawn one."""
    if Report.objects.select_for_update().only("state").get(pk=report.pk).is_withdrawn:
        raise ValidationError(_("Dieser Bericht ist zurückgezogen."), code="withdrawn")


class Share(models.Model):
    """A grant (Freigabe) to read one report: for the works council as a body, or by a link."""

    class Kind(models.TextChoices):
        WORKS_COUNCIL = "works_council", _("für den Betriebsrat")
        LINK = "link", _("per Link")

    report = models.ForeignKey(Report, models.CASCADE, related_name="shares")
    kind = models.CharField(max_length=13, choices=Kind)
    purpose = models.CharField(_("Wofür"), max_length=200, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, null=True, blank=True)
    password = models.CharField(max_length=128, blank=True)  # hashed; "" where none is asked
    shared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    fresh = False  # true for the caller that made it
    DAYS = 30
    MOST_DAYS = 365

    objects = ShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("Freigabe")
        verbose_name_plural = _("Freigaben")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["report"],
                condition=Q(kind="works_council", withdrawn_at=None),
                name="share_one_for_works_council",
            ),
            models.CheckConstraint(
                condition=Q(kind="works_council", token_hash=None)
                | Q(kind="link", token_hash__isnull=False, expires_at__isnull=False),
                name="share_link_has_token_and_end",
            ),
        ]

    def __str__(self) -> str:
        return f"Freigabe {self.get_kind_display()} von Bericht {self.report_id}"

    @property
    def is_live(self) -> bool:
        return self.withdrawn_at is None and (
            self.expires_at is None or timezone.now() < self.expires_at
        )

    @property
    def last_day(self) -> date | None:
        """The last day on which it is good; None where it has no end."""
        return self.expires_at and timezone.localdate(self.expires_at - timedelta(seconds=1))

    # --- verbs -------------------------------------------------------------------------------

    @classmethod
    def with_works_council(cls, report: Report, *, by: User, purpose: str = "") -> Share:
        """Let the whole works council read the report. Sharing twice is once."""
        with transaction.atomic():
            _hold(report)
            given = {"report": report, "kind": cls.Kind.WORKS_COUNCIL}
            share = cls.objects.filter(**given, withdrawn_at=None).first()
            if share is None:
                detail = f"{report}, Betriebsrat"
                with authority(report.company, AuthorityEvent.What.SHARED, by=by, detail=detail):
                    share = cls.objects.create(**given, shared_by=by, purpose=purpose)
                share.fresh = True
        return share

    @classmethod
    def by_link(
        cls,
        report: Report,
        *,
        by: User,
        purpose: str,
        expires_at: datetime,
        password: str = "",
        once: str = "",
    ) -> tuple[Share, str]:
        """A link's share and its token, which is never stored. `once` belongs to the form that was
        sent: sent twice it makes one link. Raises ValidationError when that link has ended."""
        token = derived_token("share link", report.pk, by.pk, once) if once else new_token()
        with transaction.atomic():
            _hold(report)
            share = cls.objects.filter(token_hash=hashed(token)).first()
            if share is None:
                detail = f"{report}, Link: {purpose}"
                with authority(report.company, AuthorityEvent.What.SHARED, by=by, detail=detail):
                    share = cls.objects.create(
                        report=report,
                        kind=cls.Kind.LINK,
                        purpose=purpose,
                        token_hash=hashed(token),
                        password=make_password(password) if password else "",
                        shared_by=by,
                        expires_at=expires_at,
                    )
            elif not share.is_live:
                raise ValidationError(_("Dieser Link ist schon beendet."), code="over")
        return share, token

    def withdraw(self, *, by: User) -> None:
        """Nobody reads the report through it any more. Raises ValidationError for one that is
        withdrawn already."""
        with authority(
            self.report.company,
            AuthorityEvent.What.SHARE_WITHDRAWN,
            by=by,
            detail=f"{self.report}, {self.get_kind_display()}",
        ):
            changed = Share.objects.filter(pk=self.pk, withdrawn_at=None).update(
                withdrawn_at=timezone.now()
            )
            if not changed:
                raise ValidationError(_("Diese Freigabe ist schon beendet."), code="withdrawn")
            self.refresh_from_db(fields=["withdrawn_at"])

    def opens_with(self, password: str) -> bool:
        """Whether the password is the right one, or none is asked."""
        return not self.password or check_password(password, self.password)

    def opened(self) -> None:
        """Note that somebody opened the link: the moment, nothing about who it was."""
        ShareOpening.objects.create(share=self)


class ShareOpening(models.Model):
    """One opening of a link, kept for 90 days and shown to lead and works council."""

    share = models.ForeignKey(Share, models.CASCADE, related_name="openings")
    at = models.DateTimeField(auto_now_add=True)

    KEPT = timedelta(days=90)

    class Meta:
        verbose_name = _("Öffnung eines Links")
        verbose_name_plural = _("Öffnungen von Links")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Öffnung {self.pk}"
