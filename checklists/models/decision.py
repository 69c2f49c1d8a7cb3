"""What the firm decided about a recommended step that it does not do now."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checklists.models.assessment import Assessment
from checklists.models.catalogue import Step
from checklists.models.plan_rules import FIRST_DAY, LAST_DAY, LIVE, REASON_LENGTH, need_later
from portal.accounts.models import TEAM, Company, Membership, Role

if TYPE_CHECKING:
    from portal.accounts.models import User


class StepDecisionQuerySet(models.QuerySet["StepDecision"]):
    def current(self) -> StepDecisionQuerySet:
        """What holds now; the others are history."""
        return self.filter(superseded_at=None)

    def visible_to(self, user: User) -> StepDecisionQuerySet:
        """Decisions of companies in which the user is lead or member."""
        return self._in_role(user, *TEAM)

    def editable_by(self, user: User) -> StepDecisionQuerySet:
        """Decisions are the lead's."""
        return self._in_role(user, Role.LEAD)

    def withdraw(self) -> int:
        """End those that hold; the rows stay as history."""
        return self.current().update(superseded_at=timezone.now())

    def _in_role(self, user: User, *roles: Role) -> StepDecisionQuerySet:
        return self.filter(Exists(Membership.objects.seats(user, *roles)))


class StepDecision(models.Model):
    """Put off until a day, or declined with a reason. Never changed, only superseded."""

    class Kind(models.TextChoices):
        LATER = "later", _("später")
        DECLINED = "declined", _("nicht für uns")

    company = models.ForeignKey(Company, models.CASCADE, related_name="step_decisions")
    step = models.ForeignKey(Step, models.PROTECT, related_name="+")
    assessment = models.ForeignKey(
        Assessment, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    look_again_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_on = models.DateField(default=timezone.localdate)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = StepDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("Entscheidung zu einem Schritt")
        verbose_name_plural = _("Entscheidungen zu Schritten")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "step"],
                condition=Q(superseded_at=None),
                name="decision_one_current_per_step",
            ),
            models.CheckConstraint(
                condition=Q(kind="later", look_again_on__range=(FIRST_DAY, LAST_DAY), reason="")
                | (Q(kind="declined", look_again_on=None) & ~Q(reason="")),
                name="decision_later_has_day_declined_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.get_kind_display()}"

    @property
    def is_due(self) -> bool:
        """Put off until a day that has come (Europe/Berlin)."""
        return self.look_again_on is not None and self.look_again_on <= timezone.localdate()

    @classmethod
    def put_off(
        cls, company: Company, step: Step, until: date, *, assessment: Assessment, by: User
    ) -> StepDecision:
        """Look again on a day. Raises ValidationError for a day that is not ahead, and for a step
        that is in the plan."""
        need_later(until)
        return cls._decide(
            company, step, assessment, by, kind=cls.Kind.LATER, look_again_on=until, reason=""
        )

    @classmethod
    def decline(
        cls, company: Company, step: Step, reason: str, *, assessment: Assessment, by: User
    ) -> StepDecision:
        """Not for us. Raises ValidationError without a reason, and for a step in the plan."""
        reason = reason.strip()
        if not reason:
            raise ValidationError(_("Schreiben Sie kurz dazu, warum nicht."), code="reason")
        return cls._decide(
            company, step, assessment, by, kind=cls.Kind.DECLINED, look_again_on=None, reason=reason
        )

    @classmethod
    def _decide(
        cls,
        company: Company,
        step: Step,
        assessment: Assessment,
        by: User,
        *,
        kind: str,
        look_again_on: date | None,
        reason: str,
    ) -> StepDecision:
        """Let this hold from now on; deciding the same twice is once."""
        with transaction.atomic():
            Company.objects.select_for_update().get(pk=company.pk)
            if step.measures.filter(company=company, status__in=LIVE).exists():
                raise ValidationError(_("Dieser Schritt steht schon im Plan."), code="taken")
            said = {"kind": kind, "look_again_on": look_again_on, "reason": reason}
            standing = cls.objects.current().filter(company=company, step=step)
            if same := standing.filter(**said).first():
                return same
            standing.withdraw()
            return cls.objects.create(
                company=company, step=step, assessment=assessment, decided_by=by, **said
            )
