"""A consultant's own view of a round, beside the firm's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from checklists.models.assessment import Assessment
from checklists.models.catalogue import DecisionAid

if TYPE_CHECKING:
    from portal.accounts.models import User

REVIEW_LENGTH = 4000


class ReviewQuerySet(models.QuerySet["Review"]):
    def released(self) -> ReviewQuerySet:
        return self.filter(number__isnull=False)

    def visible_to(self, user: User) -> ReviewQuerySet:
        """Released ones of companies in which the user is lead or member, and all of one's own."""
        team = Q(
            number__isnull=False,
            assessment__company__memberships__user=user,
            assessment__company__memberships__left_at=None,
            assessment__company__memberships__role__in=["lead", "member"],
        )
        return self.filter(team | Q(consultant=user)).distinct()


class Review(models.Model):
    """A Beratungsbericht. A draft is its writer's alone; released it has a number, belongs to the
    firm and never changes."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="reviews")
    consultant = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="reviews"
    )
    signature = models.CharField(max_length=330, blank=True)  # name, organisation; set at release
    summary = models.TextField(_("Gesamteindruck"), max_length=REVIEW_LENGTH, blank=True)
    number = models.PositiveIntegerField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("Beratungsbericht")
        verbose_name_plural = _("Beratungsberichte")
        ordering = ["-number", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "number"], name="review_number_once"),
            models.UniqueConstraint(
                fields=["assessment", "consultant"],
                condition=Q(number=None),
                name="review_one_draft",
            ),
            models.CheckConstraint(
                condition=Q(number=None, released_at=None)
                | Q(number__isnull=False, released_at__isnull=False),
                name="review_released_has_number",
            ),
        ]

    def __str__(self) -> str:
        return f"Beratungsbericht {self.number or '(Entwurf)'}"


class ReviewTopic(models.Model):
    """What the consultant says about one topic."""

    class View(models.TextChoices):
        AGREES = "agrees", _("sieht es genauso")
        DIFFERS = "differs", _("sieht es anders")
        CANNOT_JUDGE = "cannot_judge", _("kann es nicht beurteilen")

    review = models.ForeignKey(Review, models.CASCADE, related_name="topics")
    aid = models.ForeignKey(DecisionAid, models.PROTECT, related_name="+")
    view = models.CharField(_("Ihre Sicht"), max_length=12, choices=View, blank=True)
    recommendation = models.TextField(_("Empfehlung"), max_length=REVIEW_LENGTH, blank=True)
    good_practice = models.TextField(_("Was gut läuft"), max_length=REVIEW_LENGTH, blank=True)
    next_step = models.TextField(_("Vorgeschlagener Schritt"), max_length=REVIEW_LENGTH, blank=True)

    class Meta:
        verbose_name = _("Beratungsbericht zu einem Thema")
        verbose_name_plural = _("Beratungsberichte zu Themen")
        constraints = [
            models.UniqueConstraint(fields=["review", "aid"], name="review_topic_once"),
            models.CheckConstraint(
                condition=Q(view__in=["", "agrees", "differs", "cannot_judge"]),
                name="review_topic_view_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review}: {self.aid_id}"
