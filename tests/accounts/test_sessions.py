"""Session and user by statements written once: the same doors as Django's own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def inside(client, django_user_model):
    user = django_user_model.objects.create_user("a@a.example", "x" * 12)
    client.force_login(user)
    return user


def knows(client) -> bool:
    return client.get(reverse("companies")).status_code == 200


def test_a_session_counts_until_it_ends(client, inside):
    assert knows(client)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not knows(client)


def test_a_session_ends_when_it_is_deleted(client, inside):
    assert knows(client)
    Session.objects.all().delete()
    assert not knows(client)


def test_a_closed_account_is_out_at_the_next_click(client, inside):
    inside.is_active = False
    inside.save()
    assert not knows(client)


def test_a_deleted_account_is_out_at_the_next_click(client, inside):
    inside.delete()
    assert not knows(client)
