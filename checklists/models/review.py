"""A consultant's own view of a round, beside the firm's answers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checklists.models.assessment import Assessment
from checklists.models.catalogue import DecisionAid
from portal.accounts.models import Company, Engagement

if TYPE_CHECKING:
    from portal.accounts.models import User

REVIEW_LENGTH = 4000
NOTHING_WRITTEN = _("Hier steht noch nichts. Schreiben Sie etwas, bevor Sie freigeben.")


@dataclass(frozen=True)
class Said:
    """What a consultant says about one topic. Everything may be empty."""

    view: str = ""
    recommendation: str = ""
    good_practice: str = ""
    next_step: str = ""


@dataclass(frozen=True)
class Writing:
    """What stands in a review: one text about all, and what is said about topics by their code.
    A topic about which nothing is said is left out."""

    summary: str = ""
    topics: dict[str, Said] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Tells two writings apart: 16 hex digits."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def is_empty(self) -> bool:
        return self == Writing()


class ReviewConflict(Exception):
    """The draft was changed in another window meanwhile; `current` is what stands now."""

    def __init__(self, current: Writing) -> None:
        super().__init__("The review was changed meanwhile.")
        self.current = current


class ReviewQuerySet(models.QuerySet["Review"]):
    def released(self) -> ReviewQuerySet:
        return self.filter(number__isnull=False)

    def visible_to(self, user: User) -> ReviewQuerySet:
        """Released ones of rounds the user may see as lead or member."""
        return self.released().filter(assessment__in=Assessment.objects.visible_to(user))

    def written_by(self, user: User) -> ReviewQuerySet:
        """One's own, while an engagement opens the company's answers."""
        engaged = Engagement.objects.held_by(user).filter(
            company=models.OuterRef("assessment__company"), sees_answers=True
        )
        return self.filter(models.Exists(engaged), consultant=user)


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

    @property
    def is_draft(self) -> bool:
        return self.number is None

    @property
    def writing(self) -> Writing:
        """What stands in it: one query."""
        fields = ("view", "recommendation", "good_practice", "next_step")
        said = {row.aid.code: Said(*(getattr(row, name) for name in fields))
                for row in self.topics.select_related("aid")}  # fmt: skip
        return Writing(self.summary, said)

    # --- verbs -------------------------------------------------------------------------------

    @classmethod
    def newest(cls, assessment: Assessment, by: User) -> Review | None:
        """What the consultant goes on writing from: the draft, else the last release."""
        own = cls.objects.filter(assessment=assessment, consultant=by)
        return own.filter(number=None).first() or own.released().order_by("-number").first()

    @classmethod
    def write(
        cls, assessment: Assessment, writing: Writing, *, by: User, seen: str
    ) -> Review | None:
        """Keep the draft. `seen` is the digest of what the writer had before them: raises
        ReviewConflict when something else stands by now. Writing what stands changes nothing. A
        released review stays as it is: the first change begins a new draft. None where nothing
        was ever written."""
        with transaction.atomic():
            # The company row is the lock: two windows take turns, and two releases two numbers.
            Company.objects.select_for_update().get(pk=assessment.company_id)
            review = cls.newest(assessment, by)
            stands = review.writing if review else Writing()
            if writing == stands:
                return review
            if seen != stands.digest:
                raise ReviewConflict(stands)
            if review is None or not review.is_draft:
                review = cls.objects.create(assessment=assessment, consultant=by)
            review.summary = writing.summary
            review.save(update_fields=["summary"])
            review.topics.all().delete()
            aids = DecisionAid.objects.in_bulk(writing.topics, field_name="code")
            ReviewTopic.objects.bulk_create(
                ReviewTopic(review=review, aid=aids[code], **asdict(said))
                for code, said in writing.topics.items()
            )
        return review

    @classmethod
    def release(
        cls, assessment: Assessment, writing: Writing, *, by: User, seen: str
    ) -> Review | None:
        """Keep what was written and hand it to the firm, signed and with the round's next number;
        it never changes again. None where exactly this was released before: a double click is one
        release. Raises ReviewConflict like `write`, ValidationError for an empty one."""
        if writing.is_empty:
            raise ValidationError(
                NOTHING_WRITTEN,
                code="empty",
            )
        with transaction.atomic():
            review = cls.write(assessment, writing, by=by, seen=seen)
            released = cls.objects.released().filter(assessment=assessment)
            last = released.filter(consultant=by).order_by("-number").first()
            if review is None or not review.is_draft or (last and last.writing == writing):
                return None
            newest = released.aggregate(last=models.Max("number"))["last"] or 0
            review.number, review.released_at = newest + 1, timezone.now()
            review.signature = signature_of(by)
            review.save(update_fields=["number", "released_at", "signature"])
        return review


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


def signature_of(user: User) -> str:
    """ "Dora Lindner, Beratung am Fluss": as it stands under a review from its release on."""
    profile = getattr(user, "consultant_profile", None)
    return ", ".join(part for part in (user.name, profile.organisation if profile else "") if part)
