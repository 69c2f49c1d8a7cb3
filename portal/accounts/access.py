"""The door to companies. Not visible: 404. Visible but not the user's to change: 403."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404

from portal.accounts.models import Company, CompanyQuerySet, Membership, User


def companies_of(user: User) -> CompanyQuerySet:
    return Company.objects.visible_to(user).order_by("name", "pk")


def company_to_read(user: User, pk: int) -> Company:
    """The company if the user belongs to it. Raises Http404."""
    try:
        return Company.objects.visible_to(user).get(pk=pk)
    except Company.DoesNotExist:
        raise Http404 from None


def company_to_lead(user: User, pk: int) -> Company:
    """The company if the user leads it. Raises Http404 to strangers, PermissionDenied to others."""
    company = company_to_read(user, pk)
    if not Company.objects.editable_by(user).filter(pk=pk).exists():
        raise PermissionDenied
    return company


def role_in(user: User, company: Company) -> str:
    """The user's live role in the company, "" where there is none."""
    membership = Membership.objects.filter(user=user, company=company, left_at=None).first()
    return membership.role if membership else ""
