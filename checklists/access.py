"""The door to rounds. Not visible: 404. Visible but not the user's to change: 403."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404

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
    return _topic(Assessment.objects.visible_to(user), pk, code)


def topic_to_answer(user: User, pk: int, code: str) -> tuple[Assessment, Topic]:
    """Like topic_to_read, for somebody who may answer."""
    return _topic(Assessment.objects.editable_by(user), pk, code)


def _topic(rounds: AssessmentQuerySet, pk: int, code: str) -> tuple[Assessment, Topic]:
    assessment = _get(rounds.filter(assessmenttopic__aid__code=code), pk)
    topic = topic_of(assessment, code)
    if topic is None:
        raise Http404
    return assessment, topic


def _get(rounds: AssessmentQuerySet, pk: int) -> Assessment:
    try:
        return rounds.select_related("company").get(pk=pk)
    except Assessment.DoesNotExist:
        raise Http404 from None
