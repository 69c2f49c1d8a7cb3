"""The reviews of consultants on a round, ready to be read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Max
from django.utils import timezone

from checklists.models import Assessment, Review, ReviewTopic
from checklists.models.review import signature_of
from portal.accounts.models import User


@dataclass(frozen=True)
class ReviewedTopic:
    """What a review says about one topic; each text may be empty."""

    code: str
    title: str
    view: str  # a value of ReviewTopic.View, or ""
    view_name: str  # in words: "sieht es anders"
    recommendation: str
    good_practice: str
    next_step: str
    pk: int  # of its row: a proposed step is planned from there


@dataclass(frozen=True)
class ReleasedReview:
    number: int  # counts within the round
    date: dt.date  # of its release, Europe/Berlin
    signature: str  # "Name, Organisation"
    summary: str
    topics: tuple[ReviewedTopic, ...]  # in catalogue order


def released_reviews(assessment: Assessment) -> list[ReleasedReview]:
    """The newest of each consultant, in the order of their numbers: two queries."""
    newest: dict[int | str, Review] = {}
    for review in assessment.reviews.released().order_by("number"):
        # Without an account any more, a consultant is told by the signature.
        newest[review.consultant_id or review.signature] = review
    return read_reviews(sorted(newest.values(), key=lambda review: review.number or 0))


def preview(draft: Review, *, by: User) -> ReleasedReview:
    """A draft as it would be read, released now by its writer: three queries."""
    released = Review.objects.released().filter(assessment=draft.assessment_id)
    draft.number = (released.aggregate(last=Max("number"))["last"] or 0) + 1
    draft.released_at, draft.signature = timezone.now(), signature_of(by)
    return read_reviews([draft])[0]


def read_reviews(reviews: list[Review]) -> list[ReleasedReview]:
    """Released reviews with their topics: one query."""
    topics: dict[int, list[ReviewTopic]] = {review.pk: [] for review in reviews}
    for topic in (
        ReviewTopic.objects.filter(review__in=topics)
        .select_related("aid")
        .order_by("aid__position", "aid__code")
    ):
        topics[topic.review_id].append(topic)
    return [_read(review, topics[review.pk]) for review in reviews]


def _read(review: Review, topics: list[ReviewTopic]) -> ReleasedReview:
    assert review.number
    assert review.released_at
    return ReleasedReview(
        number=review.number,
        date=timezone.localdate(review.released_at),
        signature=review.signature,
        summary=review.summary,
        topics=tuple(
            ReviewedTopic(
                code=topic.aid.code,
                title=topic.aid.short,
                view=topic.view,
                view_name=str(topic.get_view_display()),
                recommendation=topic.recommendation,
                good_practice=topic.good_practice,
                next_step=topic.next_step,
                pk=topic.pk,
            )
            for topic in topics
        ),
    )
