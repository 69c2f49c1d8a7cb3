"""The tenant."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.logo import Picture
from portal.accounts.models.authority import AuthorityEvent, authority
from portal.accounts.models.visitor import Visitor
from portal.accounts.tokens import hashed, new_token

if TYPE_CHECKING:
    from portal.accounts.models.user import User


class Region(models.TextChoices):
    """The sixteen Länder, by their usual two-letter codes."""

    BW = "BW", "Baden-Württemberg"
    BY = "BY", "Bayern"
    BE = "BE", "Berlin"
    BB = "BB", "Brandenburg"
    HB = "HB", "Bremen"
    HH = "HH", "Hamburg"
    HE = "HE", "Hessen"
    MV = "MV", "Mecklenburg-Vorpommern"
    NI = "NI", "Niedersachsen"
    NW = "NW", "Nordrhein-Westfalen"
    RP = "RP", "Rheinland-Pfalz"
    SL = "SL", "Saarland"
    SN = "SN", "Sachsen"
    ST = "ST", "Sachsen-Anhalt"
    SH = "SH", "Schleswig-Holstein"
    TH = "TH", "Thüringen"


class WorksCouncil(models.TextChoices):
    YES = "yes", _("Ja, es gibt einen Betriebsrat")
    NO = "no", _("Nein")


class Role(models.TextChoices):
    LEAD = "lead", _("Leitung")
    MEMBER = "member", _("Team")
    WORKS_COUNCIL = "works_council", _("Betriebsrat")


TEAM = (Role.LEAD, Role.MEMBER)  # who answers and carries measures


class CompanyQuerySet(models.QuerySet["Company"]):
    def visible_to(self, user: User | Visitor) -> CompanyQuerySet:
        """Companies the user belongs to, in whatever role; to a visitor the one of the trial."""
        if isinstance(user, Visitor):
            return self.filter(pk=user.company_id)
        return self.filter(memberships__user=user, memberships__left_at=None)

    def editable_by(self, user: User) -> CompanyQuerySet:
        """Companies the user leads."""
        return self.filter(
            memberships__user=user, memberships__left_at=None, memberships__role=Role.LEAD
        )

    def led_by_nobody_but(self, user: User) -> CompanyQuerySet:
        """Companies whose last lead the user is."""
        leads = models.Count(
            "memberships",
            filter=models.Q(memberships__left_at=None, memberships__role=Role.LEAD),
        )
        led = self.filter(pk__in=self.editable_by(user).values("pk"))
        return led.alias(leads=leads).filter(leads=1)

    def tried_with(self, token: str) -> CompanyQuerySet:
        """The trial that this token opens, while it lasts."""
        return self.filter(trial_token_hash=hashed(token), trial_until__gt=timezone.now())

    def tried_long_enough(self) -> CompanyQuerySet:
        """Trials that nobody kept."""
        return self.filter(trial_until__lte=timezone.now())

    def to_delete(self) -> CompanyQuerySet:
        """Those whose days of grace are over."""
        return self.filter(delete_at__lte=timezone.now())


class Company(models.Model):
    """The tenant: everything a firm writes belongs to it, not to an account."""

    name = models.CharField(_("Name des Betriebs"), max_length=200)
    trade = models.CharField(_("Branche oder Gewerk"), max_length=120, blank=True)
    headcount = models.PositiveIntegerField(_("Zahl der Beschäftigten"), null=True, blank=True)
    region = models.CharField(_("Bundesland"), max_length=2, choices=Region, blank=True)
    works_council = models.CharField(
        _("Gibt es einen Betriebsrat?"), max_length=3, choices=WorksCouncil, blank=True
    )
    logo = models.FileField(_("Logo"), upload_to="logos/", blank=True)  # as logo.py wrote it
    created_at = models.DateTimeField(auto_now_add=True)
    delete_at = models.DateTimeField(null=True, blank=True)  # a lead asked for it: 7 days' grace
    # When the leads were told that nobody has been here for two years (reports/company.py).
    idle_notice_at = models.DateTimeField(null=True, blank=True)

    # The list that leads a new firm through its first round was put away, for good.
    first_steps_away = models.BooleanField(default=False)
    # A trial has no members; whoever holds the token of which this is the hash works in it.
    trial_token_hash = models.CharField(max_length=64, blank=True)
    trial_until = models.DateTimeField(null=True, blank=True)

    GRACE = timedelta(days=7)
    UNNAMED = _("Mein Betrieb")
    TRIAL = timedelta(days=7)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("Betrieb")
        verbose_name_plural = _("Betriebe")
        indexes = [models.Index(fields=["name", "id"], name="company_by_name")]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="company_has_name"),
            models.CheckConstraint(
                condition=models.Q(region__in=["", *Region.values]), name="company_region_known"
            ),
            models.CheckConstraint(
                condition=models.Q(works_council__in=["", *WorksCouncil.values]),
                name="company_works_council_known",
            ),
            models.UniqueConstraint(
                fields=["trial_token_hash"],
                condition=~models.Q(trial_token_hash=""),
                name="company_trial_token_once",
            ),
            models.CheckConstraint(
                condition=models.Q(trial_token_hash="", trial_until=None)
                | (~models.Q(trial_token_hash="") & models.Q(trial_until__isnull=False)),
                name="company_trial_has_token_and_end",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("company", args=[self.pk])

    @classmethod
    def found(cls, by: User, **profile: Any) -> Company:
        """Create a company with `by` as its lead. `profile` holds the fields of this model."""
        with transaction.atomic():
            company = cls.objects.create(**profile)
            company.memberships.create(user=by, role=Role.LEAD)
        return company

    @classmethod
    def try_out(cls) -> tuple[Company, str]:
        """A company without members, and the token that opens it for seven days. Only the hash of
        the token is stored."""
        token = new_token()
        company = cls.objects.create(
            name=str(cls.UNNAMED),
            trial_token_hash=hashed(token),
            trial_until=timezone.now() + cls.TRIAL,
        )
        return company, token

    @property
    def is_trial(self) -> bool:
        return self.trial_until is not None

    @property
    def visitor(self) -> Visitor:
        """Whoever holds the token of this trial."""
        assert self.trial_until
        return Visitor(self.pk, self.trial_until)

    @property
    def is_named(self) -> bool:
        """Whether somebody has said what a trial's firm is called."""
        return self.name != str(self.UNNAMED)

    def call(self, name: str) -> None:
        """Name a trial, for the reports to come. What is no trial any more keeps its name."""
        if Company.objects.filter(pk=self.pk, trial_until__isnull=False).update(name=name):
            self.name = name

    def keep(self, *, by: User, name: str) -> bool:
        """Make a trial the company of `by`, who leads it from now on. False when it is no trial any
        more: somebody kept it a moment ago."""
        with transaction.atomic():
            trials = Company.objects.select_for_update().filter(trial_until__isnull=False)
            if not trials.filter(pk=self.pk).exists():
                return False
            self.name, self.trial_token_hash, self.trial_until = name, "", None
            self.save(update_fields=["name", "trial_token_hash", "trial_until"])
            self.memberships.create(user=by, role=Role.LEAD)
        return True

    def put_logo(self, picture: Picture | None) -> None:
        """This picture from now on, or none. The row names a file only after it is whole, and the
        file before it goes after the commit; reports keep the one they were made with."""
        storage = self.logo.storage
        name = ""
        if picture:
            own = f"logos/{self.pk}-{secrets.token_hex(8)}.{picture.ending}"
            name = storage.save(own, ContentFile(picture.data))
        with transaction.atomic():
            row = Company.objects.select_for_update(no_key=True).filter(pk=self.pk)
            before = row.values_list("logo", flat=True).first()
            if not row.update(logo=name) and name:  # the company was deleted meanwhile
                storage.delete(name)
            if before:
                # Should this fail, housekeeping finds a file that no row names.
                transaction.on_commit(partial(storage.delete, before), robust=True)
        self.logo = name

    def put_first_steps_away(self) -> None:
        self.first_steps_away = True
        self.save(update_fields=["first_steps_away"])

    def ask_deletion(self, *, by: User | None) -> bool:
        """Everything of the company is deleted in 7 days (housekeeping), unless a lead takes it
        back. Asking twice does not start the days anew: False. `by` None: time did it."""
        with transaction.atomic():
            if self._lock().delete_at:
                return False
            with authority(self, AuthorityEvent.What.DELETION_ASKED, by=by):
                self.delete_at = timezone.now() + self.GRACE
                self.save(update_fields=["delete_at"])
        return True

    def drop_deletion(self, *, by: User) -> bool:
        """Keep the company after all. False when nobody wanted it deleted. Raises ValidationError
        once the days are over: the deletion may have begun."""
        with transaction.atomic():
            due = self._lock().delete_at
            if due is None:
                return False
            if due <= timezone.now():
                raise ValidationError(
                    _("Die sieben Tage sind vorbei. Die Löschung hat begonnen."), code="late"
                )
            with authority(self, AuthorityEvent.What.DELETION_DROPPED, by=by):
                self.delete_at = self.idle_notice_at = None
                self.save(update_fields=["delete_at", "idle_notice_at"])
        return True

    def note_export(self, *, by: User, what: str = "") -> None:
        """Who takes data home stands in the company's log; `what` in words, "" for everything."""
        with authority(self, AuthorityEvent.What.EXPORTED, by=by, detail=what):
            pass

    def _lock(self) -> Company:
        """Hold the row until the transaction ends, and look again."""
        locked = Company.objects.select_for_update().get(pk=self.pk)
        self.delete_at, self.idle_notice_at = locked.delete_at, locked.idle_notice_at
        return self
