"""What the operator sees, and that no company's content is among it."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.factories import make_user

REGISTERED = {
    "accounts.User",
    "auditlog.LogEntry",
    "checklists.DecisionAid",
    "checklists.Edition",
    "checklists.Question",
    "checklists.Resource",
    "checklists.Step",
    "django_tasks_database.DBTaskResult",
}


def test_only_accounts_catalogue_queue_and_trail_are_registered():
    assert {model._meta.label for model in admin.site._registry} == REGISTERED


@pytest.mark.parametrize(
    "label", ["auditlog.LogEntry", "django_tasks_database.DBTaskResult", "checklists.Question"]
)
def test_what_is_for_looking_cannot_be_changed(label, rf, db):
    request = rf.get("/")
    request.user = make_user("Olga", is_staff=True, is_superuser=True)
    model = next(model for model in admin.site._registry if model._meta.label == label)
    there = admin.site._registry[model]
    assert not there.has_add_permission(request)
    assert not there.has_change_permission(request)
    assert not there.has_delete_permission(request)


def test_the_operator_finds_no_word_of_a_company(cast, assessment, login):
    operator = login(make_user("Olga", is_staff=True, is_superuser=True))
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        response = operator.get(reverse(name))
        assert response.status_code == 200
        text = response.content.decode()
        assert "Termin mit der Kammer" not in text
        assert "Dachdeckerei Sommer" not in text
