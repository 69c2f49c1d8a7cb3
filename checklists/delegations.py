"""Topics handed to people: telling them, and reminding them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.utils.translation import gettext as _

from checklists.models import Assessment, AssessmentTopic, DecisionAid, Delegation
from checklists.sheet import Sheet
from portal.accounts import mails
from portal.accounts.models import User


def hand_over(
    assessment: Assessment,
    aid: DecisionAid,
    people: Collection[User],
    *,
    due: date | None,
    by: User,
) -> None:
    """Give the topic to exactly these people and write to those who did not have it, but not to
    oneself. Raises ValidationError in a closed round."""
    new = Delegation.hand_over(assessment, aid, people, due=due, by=by)
    link = mails.absolute("checklist", assessment.pk, aid.code)
    for user in new:
        if user != by:
            mails.send(
                mails.Kind.DELEGATION,
                user,
                link,
                _("Zum Thema"),
                by=str(by),
                topic=aid.short,
                company=assessment.company.name,
                due=due,
            )


def remind_delegations(today: date) -> int:
    """Write to everybody whose topic is due in two days or was due yesterday and still has
    something open: once for each occasion, however often and however late this runs. Returns how
    many were reminded."""
    waiting = list(
        Delegation.objects.to_remind_of(today).select_related("assessment__company", "aid", "user")
    )
    rounds = {handed.assessment_id: handed.assessment for handed in waiting}
    open_topics = {
        (sheet.assessment.pk, topic.aid.code)
        for sheet in Sheet.of_many(list(rounds.values()))
        for topic in sheet.topics
        if topic.next_open and topic.mark != AssessmentTopic.Mark.DONE
    }
    return sum(
        _remind(handed, today)
        for handed in waiting
        if (handed.assessment_id, handed.aid.code) in open_topics and handed.claim_reminder(today)
    )


def _remind(handed: Delegation, today: date) -> bool:
    assert handed.due
    return mails.send(
        mails.Kind.REMINDER,
        handed.user,
        mails.absolute("checklist", handed.assessment_id, handed.aid.code),
        _("Zum Thema"),
        what=_("Thema „%(topic)s“ (%(company)s)")
        % {"topic": handed.aid.short, "company": handed.assessment.company.name},
        due=handed.due,
        late=handed.due < today,
    )
