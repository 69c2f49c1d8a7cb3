"""What a report says of the consultants' reviews: a part of its content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from checklists.models import Assessment
from checklists.reviews import released_reviews


@dataclass(frozen=True)
class ReviewTopic:
    code: str
    view: str  # checklists.models.ReviewTopic.View, "" where not said
    view_name: str  # the view as it was called
    recommendation: str
    good_practice: str
    next_step: str


@dataclass(frozen=True)
class ReviewRecord:
    """What a consultant released about the round."""

    number: int
    dated: date
    signature: str
    summary: str
    topics: tuple[ReviewTopic, ...]


def reviews_of(assessment: Assessment) -> tuple[ReviewRecord, ...]:
    """The released ones of the round."""
    return tuple(
        ReviewRecord(
            number=review.number,
            dated=review.date,
            signature=review.signature,
            summary=review.summary,
            topics=tuple(
                ReviewTopic(
                    code=topic.code,
                    view=topic.view,
                    view_name=topic.view_name,
                    recommendation=topic.recommendation,
                    good_practice=topic.good_practice,
                    next_step=topic.next_step,
                )
                for topic in review.topics
            ),
        )
        for review in released_reviews(assessment)
    )
