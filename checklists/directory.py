"""Where to turn: which places come first for a firm, and what is known of their addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from django.db.models import Count, Max, Sum
from django.utils.translation import gettext as _

from checklists.models import AddressCheck, Resource
from portal.accounts.models import Region


class Placed(Protocol):
    """Something that is there for some Länder or, without any, for all of them. A row divides the
    codes by blanks, a frozen report has them apart."""

    @property
    def regions(self) -> str | tuple[str, ...]: ...


P = TypeVar("P", bound=Placed)


@dataclass(frozen=True)
class Nearby(Generic[P]):
    """Places as a firm in `region` sees them, each part in the order given."""

    region: str  # code of the Land; "" where the firm has not said
    own: tuple[P, ...]
    nationwide: tuple[P, ...]
    elsewhere: tuple[P, ...]  # of other Länder only; without a region all that are of some Land

    @property
    def in_reach(self) -> tuple[P, ...]:
        """The own Land first, then nationwide; without a region everything."""
        return self.own + self.nationwide + (() if self.region else self.elsewhere)

    @property
    def all(self) -> tuple[P, ...]:
        """Those in reach first, then what only other Länder have."""
        return self.own + self.nationwide + self.elsewhere

    @property
    def nobody(self) -> str:
        """The sentence for a Land that has no place of its own among these; else ""."""
        return "" if not self.region or self.own else nobody_in(self.region)


def places_for(region: str, places: Iterable[P]) -> Nearby[P]:
    """The one rule of order for directory, next steps and report: own Land, nationwide, others."""
    own: list[P] = []
    nationwide: list[P] = []
    elsewhere: list[P] = []
    for place in places:
        regions = place.regions.split() if isinstance(place.regions, str) else place.regions
        (own if region and region in regions else elsewhere if regions else nationwide).append(
            place
        )
    return Nearby(region, tuple(own), tuple(nationwide), tuple(elsewhere))


def nobody_for(region: str) -> str:
    """The sentence for a firm whose Land has no place in the whole directory, else "": one query,
    none without a region."""
    if not region:
        return ""
    of_some_land = Resource.objects.filter(retired=False).exclude(regions="").only("regions")
    return places_for(region, of_some_land).nobody


def nobody_in(region: str) -> str:
    """What to say to a firm in a Land for which the sources name no place."""
    return _(
        "Für %(land)s nennt die Quelle keine eigene Stelle; "
        "die beiden Beraternetzwerke arbeiten bundesweit."
    ) % {"land": with_article(region)}


def with_article(region: str) -> str:
    """A Land as it stands after "für" and "in"."""
    name = str(Region(region).label)
    return _("das Saarland") if region == Region.SL else name


def places_by_key() -> dict[int, Resource]:
    """All places with what is known of their addresses, by primary key, in order: one query."""
    rows = Resource.objects.filter(retired=False).select_related("address_check")
    return {resource.pk: resource for resource in rows}


def addresses_checked() -> str:
    """A mark that changes when a check has changed what readers are told: one query."""
    seen = AddressCheck.objects.aggregate(
        day=Max("checked_on"), last=Max("answered_on"), rows=Count("pk"), failures=Sum("failures")
    )
    return "-".join(str(part) for part in seen.values())
