"""What remains of a deleted company: that it was deleted, and how much."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def new_number() -> str:
    """Short enough to be read out on the telephone: "L-7F3A-09C2-B1"."""
    digits = secrets.token_hex(5).upper()
    return f"L-{digits[:4]}-{digits[4:8]}-{digits[8:]}"


class DeletionReceiptQuerySet(models.QuerySet["DeletionReceipt"]):
    def unsent(self) -> DeletionReceiptQuerySet:
        return self.exclude(to=[])

    def outdated(self) -> DeletionReceiptQuerySet:
        return self.filter(deleted_at__lt=timezone.now() - DeletionReceipt.KEPT)


class DeletionReceipt(models.Model):
    """Written in the same transaction that deletes a company, so that the mail about it is not
    lost when the process dies in between. Name and addresses go once it is sent."""

    number = models.CharField(max_length=20, unique=True, default=new_number)
    deleted_at = models.DateTimeField(default=timezone.now)
    counts = models.JSONField(default=dict)  # {"Berichte": 3, …}
    company_name = models.CharField(max_length=200, blank=True)
    to = models.JSONField(default=list)  # addresses that still wait for the mail

    KEPT = timedelta(days=3 * 365)
    TRIED = timedelta(days=7)

    objects = DeletionReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("Löschbeleg")
        verbose_name_plural = _("Löschbelege")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.number

    def sent(self, remaining: list[str]) -> None:
        """Keep only addresses whose mail failed, and those for 7 days at most."""
        if timezone.now() - self.deleted_at > self.TRIED:
            remaining = []
        self.to = remaining
        self.company_name = self.company_name if remaining else ""
        self.save(update_fields=["to", "company_name"])
