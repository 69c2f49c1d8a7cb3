"""Statements written once: the same as the querysets they come from."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.transaction import TransactionManagementError

from checklists.models import Assessment, DecisionAid
from portal.accounts.models import User
from portal.accounts.prepared import Prepared, Update, prepared

pytestmark = pytest.mark.sqlite


def test_its_values_are_those_of_each_call(assessment, cast):
    seen = prepared(lambda user, pk: Assessment.objects.editable_by(user).filter(pk=pk))
    assert seen.objects(cast.anna, assessment.pk) == [assessment]
    assert seen.objects(cast.emil, assessment.pk) == []
    assert seen.objects(cast.anna, pk=assessment.pk + 1) == []
    assert seen.objects(cast.anna, assessment.pk)[0].started_at == assessment.started_at


def test_it_is_written_once(assessment, django_assert_num_queries):
    written = []

    @prepared
    def topics(code: str) -> QuerySet[DecisionAid, tuple[str]]:
        written.append(code)
        return DecisionAid.objects.filter(code=code).values_list("code")

    with django_assert_num_queries(2):
        assert topics.rows("E03") == [("E03",)]
        assert topics.rows("' OR 1=1 --") == []
    assert len(written) == 1


def test_an_update_says_how_many_rows_it_changed(assessment):
    @prepared
    def renumber(pk: int, more: int) -> Update:
        return Update(Assessment.objects.filter(pk=pk), number=F("number") + more)

    assert renumber.update(assessment.pk, 5) == 1
    assert renumber.update(assessment.pk + 1, 5) == 0
    assessment.refresh_from_db()
    assert assessment.number == 6


def test_an_argument_cannot_be_looked_into():
    def build(user: User) -> QuerySet[Assessment, Assessment]:
        return Assessment.objects.filter(company__name=user.email)

    with pytest.raises(AttributeError):
        Prepared(build).objects(User(pk=1))


@pytest.mark.django_db(transaction=True)
def test_a_row_is_locked_in_a_transaction_or_not_at_all():
    locked = prepared(lambda pk: Assessment.objects.filter(pk=pk).select_for_update())
    with transaction.atomic():
        assert locked.objects(1) == []
    with pytest.raises(TransactionManagementError):
        locked.objects(1)
