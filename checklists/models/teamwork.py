"""The team at work on a round: who looks at which topic, and what they say to each other."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checklists.models.assessment import Assessment
from checklists.models.catalogue import DecisionAid, Question
from portal.accounts.models import TEAM

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
            user__memberships__role__in=TEAM,
        )

    def visible_to(self, user: User) -> DelegationQuerySet:
        """Those in rounds of companies in which the user is lead or member."""
        return self.filter(assessment__in=Assessment.objects.editable_by(user))

    def editable_by(self, user: User) -> DelegationQuerySet:
        """Those the user may take back: a lead all of the company's, everybody the own ones."""
        led = Q(assessment__in=Assessment.objects.led_by(user))
        return self.visible_to(user).filter(led | Q(user=user))

    def to_remind_of(self, today: date) -> DelegationQuerySet:
        """Those that a reminder is due for: one from two days before the date on, unless the topic
        was handed over later than that; one from the day after the date on."""
        soon = Q(
            due__range=(today, today + Delegation.AHEAD),
            reminded_on=None,
            created_at__date__lt=F("due") - Delegation.AHEAD,
        )
        late = Q(due__lt=today) & (Q(reminded_on=None) | Q(reminded_on__lte=F("due")))
        return self.live().filter(soon | late)


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

    AHEAD = timedelta(days=2)

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

    # --- verbs -------------------------------------------------------------------------------

    @classmethod
    def hand_over(
        cls,
        assessment: Assessment,
        aid: DecisionAid,
        people: Collection[User],
        *,
        due: date | None,
        by: User,
    ) -> list[User]:
        """Give the topic to exactly these people, "bitte bis" `due`. Returns those who did not have
        it before. Raises ValidationError in a closed round."""
        with transaction.atomic():
            assessment.hold_open()
            handed = cls.objects.filter(assessment=assessment, aid=aid)
            handed.exclude(user__in=people).delete()
            # Another date is another occasion to remind of.
            handed.exclude(due=due).update(due=due, reminded_on=None)
            had = set(handed.values_list("user", flat=True))
            new = [user for user in people if user.pk not in had]
            cls.objects.bulk_create(
                cls(assessment=assessment, aid=aid, user=user, asked_by=by, due=due) for user in new
            )
        return new

    def claim_reminder(self, today: date) -> bool:
        """Take on today's reminder. False when somebody else did, or when all was taken back."""
        waiting = Delegation.objects.filter(pk=self.pk, reminded_on=self.reminded_on, due=self.due)
        return bool(waiting.update(reminded_on=today))


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

    # --- verbs -------------------------------------------------------------------------------

    @classmethod
    def say(cls, assessment: Assessment, question: Question, text: str, *, by: User) -> Comment:
        """Add a line, and open the thread again if it was resolved. Saying the same twice in a row
        is saying it once. Raises ValidationError in a closed round."""
        with transaction.atomic():
            assessment.hold_open()  # also the lock: of two equal clicks the second sees the first
            thread, _new = cls.objects.get_or_create(assessment=assessment, question=question)
            last = thread.comments.last()
            if last and (last.author_id, last.text) == (by.pk, text):
                return last
            if thread.resolved:
                cls.objects.filter(pk=thread.pk).update(resolved=False)
            return thread.comments.create(author=by, text=text)

    @classmethod
    def settle(cls, assessment: Assessment, question: Question, *, resolved: bool) -> None:
        """Say that all is said, or that it is not. Nothing where nobody said anything. Raises
        ValidationError in a closed round."""
        with transaction.atomic():
            assessment.hold_open()
            cls.objects.filter(assessment=assessment, question=question).update(resolved=resolved)


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
