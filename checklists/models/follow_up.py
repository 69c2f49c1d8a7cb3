"""What comes after a decision: its story, what is said about it, whether it helped, and who was
reminded of what."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from checklists.models.measure import Measure
from checklists.models.plan_rules import REASON_LENGTH
from checklists.models.planned import TEXT_LENGTH
from portal.accounts.days import add_months
from portal.accounts.models import TEAM, Company, Membership
from portal.accounts.tokens import hashed, new_token

if TYPE_CHECKING:
    from portal.accounts.models import User


class MeasureEvent(models.Model):
    """One thing that was decided about a measure. Rows are only added. They keep the day, not the
    minute; people by reference, so that an erased account leaves no name."""

    class What(models.TextChoices):
        TAKEN = "taken", _("In den Plan aufgenommen")
        CREATED = "created", _("Als eigene Maßnahme geplant")
        STARTED = "started", _("Begonnen")
        FINISHED = "finished", _("Erledigt")
        PUT_OFF = "put_off", _("Auf später gelegt")
        DECLINED = "declined", _("Nicht für uns")
        REOPENED = "reopened", _("Wieder auf „noch nicht begonnen“ gesetzt")
        DUE_MOVED = "due_moved", _("Frist verschoben")
        HANDED = "handed", _("Weitergegeben")
        CHANGED = "changed", _("Angaben geändert")
        TAKEN_OVER = "taken_over", _("Von der Leitung übernommen")
        UNDONE = "undone", _("Letzte Änderung zurückgenommen")
        EFFECT = "effect", _("Wirkung geprüft")

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="events")
    what = models.CharField(max_length=10, choices=What)
    on = models.DateField(default=timezone.localdate)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=0)  # of the measure, after this

    class Meta:
        verbose_name = _("Verlauf einer Maßnahme")
        verbose_name_plural = _("Verläufe der Maßnahmen")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.get_what_display())

    @property
    def told(self) -> str:
        """What changed, in a few words; "" where the heading says it all."""
        after = self.after
        if self.what in {self.What.DUE_MOVED, self.What.UNDONE} and "due_on" in after:
            return f"{_day(self.before.get('due_on'))} → {_day(after['due_on'])}"
        if self.what == self.What.PUT_OFF:
            return _now("Wiedervorlage %(day)s") % {"day": _day(after.get("look_again_on"))}
        if self.what in {self.What.DECLINED, self.What.EFFECT}:
            return str(after.get("reason", ""))
        if self.what == self.What.CHANGED:
            return ", ".join(_changed_words(after))
        return ""


def _day(iso: str | None) -> str:
    return date_format(date.fromisoformat(iso), "j. F Y") if iso else _now("ohne Termin")


def _changed_words(after: dict[str, object]) -> list[str]:
    """Names of the fields that changed, as the form calls them."""
    names = [name.removesuffix("_id") for name in after if name not in {"gaps", "assigned"}]
    said = [str(Measure._meta.get_field(name).verbose_name) for name in names]  # type: ignore[union-attr]
    return [*said, *([_now("Lücken")] if "gaps" in after else [])]


class MeasureComment(models.Model):
    """What somebody says about a measure. Never in a report, never for consultants or the works
    council. It keeps the day, not the minute."""

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="measure_comments"
    )
    text = models.TextField(max_length=TEXT_LENGTH)
    said_on = models.DateField(default=timezone.localdate)

    class Meta:
        verbose_name = _("Kommentar zu einer Maßnahme")
        verbose_name_plural = _("Kommentare zu Maßnahmen")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Kommentar {self.pk}"

    @classmethod
    def say(cls, measure: Measure, text: str, *, by: User) -> MeasureComment:
        """Add a line; the same line of the same person once more that day is a double click."""
        with transaction.atomic():
            Measure.objects.select_for_update().get(pk=measure.pk)
            same = cls.objects.filter(
                measure=measure, author=by, text=text, said_on=timezone.localdate()
            ).first()
            return same or cls.objects.create(measure=measure, author=by, text=text)


class EffectCheck(models.Model):
    """A look at whether a done measure helped, 3, 6 and 12 months later."""

    class Helped(models.TextChoices):
        YES = "ja", _("ja")
        PARTLY = "teils", _("teils")
        NO = "nein", _("nein")
        TOO_EARLY = "zu_frueh", _("zu früh")

    MONTHS = (3, 6, 12)

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="checks")
    months = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    helped = models.CharField(max_length=8, choices=Helped, blank=True)
    why = models.CharField(max_length=REASON_LENGTH, blank=True)
    answered_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("Wirkungsprüfung")
        verbose_name_plural = _("Wirkungsprüfungen")
        ordering = ["months"]
        constraints = [
            models.UniqueConstraint(fields=["measure", "months"], name="check_once_per_month"),
            models.CheckConstraint(condition=Q(months__in=[3, 6, 12]), name="check_months_known"),
            models.CheckConstraint(
                condition=Q(helped="", answered_on=None)
                | Q(helped__in=["ja", "teils", "nein", "zu_frueh"], answered_on__isnull=False),
                name="check_answered_has_day",
            ),
        ]

    def __str__(self) -> str:
        return f"Wirkung nach {self.months} Monaten"

    @property
    def is_due(self) -> bool:
        return not self.helped and self.due_on <= timezone.localdate()

    @classmethod
    def schedule(cls, measure: Measure) -> None:
        """Note the looks for the day it was done; those already answered stay as they are."""
        assert measure.done_on is not None
        measure.checks.filter(helped="").delete()
        EffectCheck.objects.bulk_create(
            [
                EffectCheck(
                    measure=measure, months=months, due_on=add_months(measure.done_on, months)
                )
                for months in cls.MONTHS
            ],
            ignore_conflicts=True,
        )

    def answer(self, helped: str, why: str, *, by: User) -> None:
        """Say whether it helped; may be said anew. Raises ValidationError for an unknown word."""
        if helped not in self.Helped.values:
            raise ValidationError(_("Bitte wählen Sie eine der vier Antworten."), code="helped")
        said = {"helped": helped, "why": why.strip()}
        with transaction.atomic():
            held = EffectCheck.objects.select_for_update().filter(pk=self.pk)
            if not held.exists():
                raise ValidationError(
                    _("Diese Maßnahme wurde wieder geöffnet; geprüft wird, wenn sie erledigt ist."),
                    code="gone",
                )
            if held.filter(**said).exists():
                return
            held.update(**said, answered_on=timezone.localdate())
            words = f"{self.Helped(helped).label}: {said['why']}".removesuffix(": ")
            self.measure.events.create(
                what=MeasureEvent.What.EFFECT,
                by=by,
                after={"months": self.months, "reason": words},
                version=self.measure.version,
            )
        self.refresh_from_db()


class SentReminder(models.Model):
    """That a person got a mail for an occasion: each goes out once, however often or late
    housekeeping runs."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="sent_reminders"
    )
    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    measure = models.ForeignKey(
        Measure, models.CASCADE, null=True, blank=True, related_name="sent_reminders"
    )
    occasion = models.CharField(max_length=80)
    sent_on = models.DateField(default=timezone.localdate)

    class Meta:
        verbose_name = _("Verschickte Erinnerung")
        verbose_name_plural = _("Verschickte Erinnerungen")
        constraints = [models.UniqueConstraint(fields=["user", "occasion"], name="reminder_once")]

    def __str__(self) -> str:
        return self.occasion

    @classmethod
    def claim(
        cls, user: User, occasion: str, company: Company, measure: Measure | None = None
    ) -> SentReminder | None:
        """The right to send this one; None when somebody has it already."""
        try:
            with transaction.atomic():
                return cls.objects.create(
                    user=user, occasion=occasion, company=company, measure=measure
                )
        except IntegrityError:
            return None


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def live(self) -> CalendarFeedQuerySet:
        """Not revoked, of people who still carry measures in the company."""
        here = Membership.objects.seats(models.OuterRef("user"), *TEAM)
        return self.filter(models.Exists(here), revoked_at=None, user__is_active=True)


class CalendarFeed(models.Model):
    """A person's measures of one company as a calendar, at a secret address. Only the address's
    hash is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feeds"
    )
    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_on = models.DateField(default=timezone.localdate)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("Kalenderadresse")
        verbose_name_plural = _("Kalenderadressen")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "company"], condition=Q(revoked_at=None), name="feed_one_live"
            )
        ]

    def __str__(self) -> str:
        return f"Kalender {self.pk}"

    @classmethod
    def renew(cls, user: User, company: Company) -> str:
        """A new secret address; the old one dies. Returns its token, which is kept nowhere."""
        token = new_token()
        with transaction.atomic():
            Company.objects.select_for_update().get(pk=company.pk)
            cls.revoke(user, company)
            cls.objects.create(user=user, company=company, token_hash=hashed(token))
        return token

    @classmethod
    def revoke(cls, user: User, company: Company) -> None:
        """The address answers no more."""
        cls.objects.filter(user=user, company=company, revoked_at=None).update(
            revoked_at=timezone.now()
        )
