"""The door to rounds. Not visible: 404. Visible but not the user's to change: 403."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404

from checklists.asked import Asked, asked_by
from checklists.models import Assessment
from checklists.models.assessment import AssessmentQuerySet
from checklists.sheet import Topic, topic_of
from portal.accounts.models import Company, User


def assessments_of(user: User, company: Company) -> AssessmentQuerySet:
    """The company's rounds that the user may see, newest first."""
    return Assessment.objects.visible_to(user).filter(company=company).order_by("-number")


def assessment_to_read(user: User, pk: int) -> Assessment:
    """The round with its company. Raises Http404."""
    return _get(Assessment.objects.visible_to(user), pk)


def assessment_to_lead(user: User, pk: int) -> Assessment:
    """The round if the user leads its company. Raises Http404 to strangers, PermissionDenied to
    members."""
    assessment = assessment_to_read(user, pk)
    if not Assessment.objects.led_by(user).filter(pk=pk).exists():
        raise PermissionDenied
    return assessment


def topic_to_read(user: User, pk: int, code: str) -> tuple[Assessment, Topic]:
    """The round and one of its topics with the answers. Raises Http404, also for a topic that is
    not in the round."""
    rounds = Assessment.objects.visible_to(user).filter(assessmenttopic__aid__code=code)
    assessment = _get(rounds, pk)
    topic = topic_of(assessment, code)
    if topic is None:
        raise Http404
    return assessment, topic


def question_to_answer(user: User, pk: int, key: str) -> tuple[Assessment, Asked]:
    """The round and one of its questions, for somebody who may answer. The round's row stays
    locked until the transaction ends, so call it in one. Raises Http404, also for a question that
    the round does not ask."""
    code = key.partition("-")[0]
    asking = Assessment.objects.editable_by(user).filter(pk=pk, assessmenttopic__aid__code=code)
    try:
        # Without the company: hardly any question asks for it, and each column costs.
        assessment = asking.select_for_update(no_key=True, of=("self",)).get()
    except Assessment.DoesNotExist:
        raise Http404 from None
    assessment.held = True
    for asked in asked_by(assessment.edition_id).get(code, ()):
        if asked.key == key:
            return assessment, asked
    raise Http404


def _get(rounds: AssessmentQuerySet, pk: int) -> Assessment:
    try:
        return rounds.select_related("company", "edition").defer("edition__questions").get(pk=pk)
    except Assessment.DoesNotExist:
        raise Http404 from None
