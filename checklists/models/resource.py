"""The places to turn to, and what readers are told about their addresses."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Region


def are_regions(value: str) -> None:
    """Raises ValidationError for anything but codes of Länder divided by blanks."""
    if unknown := set(value.split()) - set(Region.values):
        raise ValidationError(_("Kein Bundesland: %s") % ", ".join(sorted(unknown)))


class ByKey(models.Manager[Any]):
    """The natural key is the field "key"."""

    def get_by_natural_key(self, key: str) -> Any:
        return self.get(key=key)


class AddressState(models.TextChoices):
    """What readers are told about an address."""

    NEVER = "never", _("noch nicht bestätigt")
    ANSWERED = "answered", _("hat geantwortet")
    FAILED = "failed", _("antwortet nicht")


class Resource(models.Model):
    """A place to turn to: advisor network, advice, document, example or platform."""

    class Kind(models.TextChoices):
        NETWORK = "network", _("Beraternetzwerk")
        ADVICE = "advice", _("Beratung")
        DOCUMENT = "document", _("Dokument")
        EXAMPLE = "example", _("Beispiel")
        PLATFORM = "platform", _("Plattform")

    key = models.SlugField(max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=300)
    kind = models.CharField(max_length=10, choices=Kind)
    offer = models.TextField(help_text="One sentence, as far as the source tells.")
    printed = models.CharField(max_length=300, blank=True, help_text="Address as in the source.")
    url = models.URLField(max_length=300, blank=True)
    address_note = models.CharField(max_length=300, blank=True)
    regions = models.CharField(
        max_length=60,
        blank=True,
        validators=[are_regions],
        help_text="Bundesland codes divided by blanks; empty: nationwide.",
    )
    source = models.CharField(max_length=300)
    retired = models.BooleanField(default=False)

    objects = ByKey()

    class Meta:
        verbose_name = _("Anlaufstelle")
        verbose_name_plural = _("Anlaufstellen")
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.key,)

    @property
    def address_state(self) -> AddressState:
        """Whether its address is a link with or without a date, or text only. Lists of places
        read `select_related("address_check")`. A check of another address counts for nothing."""
        check = getattr(self, "address_check", None)
        if check is None or check.checked_url != self.url:
            return AddressState.NEVER
        state: AddressState = check.state
        return state
