"""The operator may look at the catalogue, not change it: it is loaded from fixtures/. No company's
answers are registered."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from checklists.models import DecisionAid, Edition, Question, Resource, Step


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


for model in (DecisionAid, Question, Step, Resource, Edition):
    admin.site.register(model, ReadOnly)
