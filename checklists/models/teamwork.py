"""The team at work on a round: who looks at which topic, and what they say to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checklists.models.assessment import Assessment
from checklists.models.catalogue import DecisionAid, Question

if TYPE_CHECKING:
    from portal.accounts.models import User

COMMENT_LENGTH = 2000


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def live(self) -> DelegationQuerySet:
        """In open rounds, and to people who still belong to the company in a role that answers."""
        return self.filter(
            assessment__closed_at=None,
            user__memberships__company=models.F("assessment__company"),
            user__memberships__left_at=None,
            user__memberships__role__in=["lead", "member"],
        )

    def to(self, user: User) -> DelegationQuerySet:
        return self.live().filter(user=user)


class Delegation(models.Model):
    """A topic handed to somebody: "bitte bis …"."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="delegations")
    aid = models.ForeignKey(DecisionAid, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="delegations")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    due = models.DateField(_("bitte bis"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    reminded_on = models.DateField(null=True, blank=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = _("Übergebenes Thema")
        verbose_name_plural = _("Übergebene Themen")
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "aid", "user"], name="delegation_once_per_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.aid_id} an {self.user_id}"

    @property
    def is_late(self) -> bool:
        return self.due is not None and self.due < timezone.localdate()


class Thread(models.Model):
    """What the team says about one question of a round. Never in a report, never for consultants
    or the works council."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="threads")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    resolved = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("Gespräch zu einer Frage")
        verbose_name_plural = _("Gespräche zu Fragen")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "question"], name="thread_once")
        ]

    def __str__(self) -> str:
        return f"Gespräch zu Frage {self.question_id}"


class Comment(models.Model):
    """One line of a thread. It keeps the day, not the minute."""

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="comments"
    )
    text = models.TextField(max_length=COMMENT_LENGTH)
    said_on = models.DateField(default=timezone.localdate)

    class Meta:
        verbose_name = _("Kommentar")
        verbose_name_plural = _("Kommentare")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Kommentar {self.pk}"
