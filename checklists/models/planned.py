"""What stands in a measure's row, and who sees which rows. The verbs are in measure.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checklists.models.assessment import Assessment
from checklists.models.catalogue import Question, Step
from checklists.models.plan_rules import FIRST_DAY, LAST_DAY, LIVE, REASON_LENGTH, TO_DO
from portal.accounts.models import TEAM, Company, Engagement, Membership, Role

if TYPE_CHECKING:
    from checklists.models.measure import Measure  # noqa: F401 - what the rows are
    from portal.accounts.models import User

TEXT_LENGTH = 2000
TITLE_LENGTH = 160


class MeasureQuerySet(models.QuerySet["Measure"]):
    def visible_to(self, user: User) -> MeasureQuerySet:
        """Measures of companies in which the user is lead or member. A works council reads them in
        reports, a consultant on the page of the client (`opened_to`)."""
        return self.filter(Exists(Membership.objects.seats(user, *TEAM)))

    def editable_by(self, user: User) -> MeasureQuerySet:
        """A lead changes all of the company's, a member their own: those they are responsible for
        and those they planned themselves."""
        planned = self.model._default_manager.filter(events__what="created", events__by=user)
        own = Q(responsible=user) | Q(pk__in=planned.values("pk"))
        member = Q(Exists(Membership.objects.seats(user, Role.MEMBER)))
        return self.filter(Q(Exists(Membership.objects.seats(user, Role.LEAD))) | member & own)

    def opened_to(self, consultant: User) -> MeasureQuerySet:
        """Measures that a live engagement lets the consultant see."""
        granted = Engagement.objects.held_by(consultant).filter(sees_plan=True)
        return self.filter(Exists(granted.filter(company=OuterRef("company"))))

    def live(self) -> MeasureQuerySet:
        """Decided and not yet done or declined."""
        return self.filter(status__in=LIVE)

    def overdue(self) -> MeasureQuerySet:
        """Still to be done, past their day (Europe/Berlin). What was put off is not late."""
        return self.filter(status__in=TO_DO, due_on__lt=timezone.localdate())

    def resting_too_long(self) -> MeasureQuerySet:
        """Put off until a day that has come."""
        return self.filter(status="put_off", look_again_on__lte=timezone.localdate())

    def orphaned(self) -> MeasureQuerySet:
        """Live ones whose responsible person belongs to the company no more."""
        here = Membership.objects.seats(OuterRef("responsible"), *TEAM)
        return self.live().filter(~Exists(here), assigned=True)


class Planned(models.Model):
    """The row of a measure: its fields and what must hold for them."""

    class Status(models.TextChoices):
        OPEN = "open", _("noch nicht begonnen")
        IN_WORK = "in_work", _("begonnen")
        DONE = "done", _("erledigt")
        DECLINED = "declined", _("nicht für uns")
        PUT_OFF = "put_off", _("auf später gelegt")

    class Priority(models.IntegerChoices):
        HIGH = 1, _("hoch")
        MIDDLE = 2, _("mittel")
        LOW = 3, _("niedrig")

    class Said(models.TextChoices):
        """What somebody said; "" where nobody did."""

        YES = "yes", _("ja")
        NO = "no", _("nein")

    company = models.ForeignKey(Company, models.CASCADE, related_name="measures")
    assessment = models.ForeignKey(
        Assessment, models.SET_NULL, null=True, blank=True, related_name="measures"
    )
    step = models.ForeignKey(Step, models.PROTECT, null=True, blank=True, related_name="measures")
    gaps = models.ManyToManyField(Question, through="MeasureGap", related_name="+")
    title = models.CharField(_("Was wird getan?"), max_length=TITLE_LENGTH)
    direction = models.TextField(_("Richtung"), max_length=TEXT_LENGTH, blank=True)
    way = models.TextField(_("Weg"), max_length=TEXT_LENGTH, blank=True)
    done_when = models.TextField(_("Fertig, wenn …"), max_length=TEXT_LENGTH, blank=True)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="measures",
        verbose_name=_("Verantwortlich"),
    )
    responsible_role = models.CharField(_("oder eine Rolle"), max_length=120, blank=True)
    assigned = models.BooleanField(default=False)  # a person was named, even if gone since
    taken_over_from = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    taken_over_on = models.DateField(null=True, blank=True)  # its person had left the company
    team = models.CharField(_("Wer macht mit?"), max_length=200, blank=True)
    starts_on = models.DateField(_("Beginn"), null=True, blank=True)
    due_on = models.DateField(_("Frist"), null=True, blank=True)
    due_set_on = models.DateField(default=timezone.localdate)  # nobody is reminded of what they set
    priority = models.PositiveSmallIntegerField(
        _("Wie wichtig?"), choices=Priority, default=Priority.MIDDLE
    )
    effort = models.CharField(_("Aufwand"), max_length=120, blank=True)
    budget = models.CharField(_("Kostet es Geld?"), max_length=3, choices=Said, blank=True)
    budget_amount = models.DecimalField(
        _("Betrag in Euro"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    affects_staff = models.CharField(
        _("Betrifft das die Beschäftigten?"), max_length=3, choices=Said, blank=True
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    look_again_on = models.DateField(null=True, blank=True)  # put off until
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)  # why it was declined
    done_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_on = models.DateField(default=timezone.localdate)

    class Meta:
        abstract = True
        verbose_name = _("Maßnahme")
        verbose_name_plural = _("Maßnahmen")
        ordering = ["pk"]
        indexes = [models.Index(fields=["company", "due_on"], name="measure_by_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "step"],
                condition=Q(status__in=LIVE),
                name="measure_one_live_per_step",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="measure_has_title"),
            models.CheckConstraint(
                condition=Q(status__in=["open", "in_work", "done", "declined", "put_off"]),
                name="measure_status_known",
            ),
            models.CheckConstraint(
                condition=Q(due_on=None) | Q(starts_on=None) | Q(due_on__gte=models.F("starts_on")),
                name="measure_due_after_start",
            ),
            models.CheckConstraint(
                condition=(Q(due_on=None) | Q(due_on__range=(FIRST_DAY, LAST_DAY)))
                & (Q(starts_on=None) | Q(starts_on__range=(FIRST_DAY, LAST_DAY)))
                & (Q(look_again_on=None) | Q(look_again_on__range=(FIRST_DAY, LAST_DAY))),
                name="measure_days_in_reach",
            ),
            models.CheckConstraint(
                condition=Q(status="done", done_on__isnull=False)
                | (~Q(status="done") & Q(done_on=None)),
                name="measure_done_has_day",
            ),
            models.CheckConstraint(
                condition=~Q(status="put_off") | Q(look_again_on__isnull=False),
                name="measure_put_off_has_day",
            ),
            models.CheckConstraint(
                condition=~Q(status="declined") | ~Q(reason=""), name="measure_declined_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(responsible=None) | Q(responsible_role=""),
                name="measure_person_or_role",
            ),
            models.CheckConstraint(
                condition=Q(priority__in=[1, 2, 3]) & Q(budget__in=["", "yes", "no"]),
                name="measure_choices_known",
            ),
            models.CheckConstraint(
                condition=Q(affects_staff__in=["", "yes", "no"]), name="measure_affects_known"
            ),
            models.CheckConstraint(
                condition=Q(budget_amount=None) | Q(budget="yes", budget_amount__gte=0),
                name="measure_amount_needs_budget",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def to_do(self) -> bool:
        return self.status in TO_DO

    @property
    def days_late(self) -> int:
        """Days past the due day (Europe/Berlin); 0 where it is not late."""
        if not self.to_do or self.due_on is None:
            return 0
        return max(0, (timezone.localdate() - self.due_on).days)
