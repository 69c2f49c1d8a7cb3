"""What became of the addresses: the sources are years old, and nobody is sent to a dead link."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from checklists.links import Reply
from checklists.models.resource import AddressState, Resource

FAILURES = 2


class AddressCheck(models.Model):
    """The last word of a place's address. Only `manage.py links` asks, never a page.

    `failures` counts failures at least APART days from each other since the last answer, the first
    on `first_failed_on`, the latest counted one on `failed_on`: a server that is away for a day or
    for a weekend keeps its link."""

    resource = models.OneToOneField(Resource, models.CASCADE, related_name="address_check")
    checked_url = models.URLField(max_length=300)
    checked_on = models.DateField()
    answered_on = models.DateField(null=True, blank=True)
    first_failed_on = models.DateField(null=True, blank=True)
    failed_on = models.DateField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of HTTP.")
    redirected_to = models.CharField(max_length=500, blank=True)
    detail = models.CharField(max_length=200, blank=True)

    APART = timedelta(days=7)

    class Meta:
        verbose_name = _("Adressprüfung")
        verbose_name_plural = _("Adressprüfungen")
        constraints = [
            models.CheckConstraint(
                condition=Q(failures=0, first_failed_on=None, failed_on=None)
                | Q(failures__gt=0, first_failed_on__isnull=False, failed_on__isnull=False),
                name="address_failures_have_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.checked_url}: {self.detail}"

    @property
    def state(self) -> AddressState:
        """Of the address that was checked: until it has failed for good, the last answer counts."""
        if self.failures >= FAILURES:
            return AddressState.FAILED
        return AddressState.ANSWERED if self.answered_on else AddressState.NEVER

    @classmethod
    def record(cls, resource: Resource, url: str, reply: Reply, on: date) -> AddressCheck:
        """Write down what `url`, the place's address when it was asked, replied on that day."""
        before = cls.objects.filter(resource=resource, checked_url=url).first() or cls()
        answered_on, first, last = before.answered_on, before.first_failed_on, before.failed_on
        failures = before.failures
        if reply.answered:
            answered_on, first, last, failures = on, None, None, 0
        elif last is None:
            first, last, failures = on, on, 1
        elif on - last >= cls.APART:
            last, failures = on, failures + 1
        check, _created = cls.objects.update_or_create(
            resource=resource,
            defaults={
                "checked_url": url,
                "checked_on": on,
                "answered_on": answered_on,
                "first_failed_on": first,
                "failed_on": last,
                "failures": failures,
                "status": reply.status,
                "redirected_to": reply.redirected_to[:500],
                "detail": reply.detail[:200],
            },
        )
        return check
