"""The operator manages accounts. Companies' content is not registered anywhere."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from portal.accounts.models import User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ["email", "name", "is_active", "is_staff", "date_joined"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "is_active", "is_staff"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Deleting a lead here would leave a company without one; deactivate instead."""
        return False
