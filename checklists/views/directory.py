"""The directory of places to turn to. Public."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.translation import gettext as _

from checklists.directory import places_by_key, places_for, with_article
from checklists.forms import PlacesForm
from checklists.models import DecisionAid, Resource
from checklists.reading import Library
from checklists.views.public import ReaderRequest, page, public


@dataclass(frozen=True)
class Entry:
    """A place with the topics that name it."""

    place: Resource
    topics: tuple[DecisionAid, ...]

    @property
    def regions(self) -> str:
        return self.place.regions


@dataclass(frozen=True)
class Shelf:
    key: str
    heading: str
    entries: tuple[Entry, ...]


@public
def resources(request: ReaderRequest, library: Library) -> HttpResponse:
    """All places, or those asked for: by topic, kind, Land (what is nationwide stays) and words."""
    form = PlacesForm(request.GET, [chapter.aid for chapter in library.chapters.values()])
    wanted = form.wanted()
    everything = [Entry(place, library.naming.get(pk, ())) for pk, place in places_by_key().items()]
    found = [] if "q" in form.errors else [entry for entry in everything if fits(entry, wanted)]
    region = wanted["land"]
    nearby = places_for(region, found)
    nobody = places_for(region, everything).nobody
    if not nobody and nearby.nobody and nearby.nationwide:
        nobody = _("Für %(land)s ist bei dieser Auswahl keine eigene Stelle dabei.") % {
            "land": with_article(region)
        }
    shelves = _by_region(region, nearby.own, nearby.nationwide) if region else _by_kind(found)
    context = {
        "form": form,
        "wanted": wanted,
        "filtered": any(wanted.values()) or bool(form.errors),
        "problems": [error for errors in form.errors.values() for error in errors],
        "shelves": [shelf for shelf in shelves if shelf.entries],
        "count": len(nearby.in_reach),
        "total": len(everything),
        "topics": len(library.chapters),
        "nobody": nobody,
        "nav": "resources",
    }
    return page(request, "checklists/reading/resources.html", context)


def fits(entry: Entry, wanted: dict[str, str]) -> bool:
    """Every word of the search stands in the name or in what is offered."""
    text = f"{entry.place.name} {entry.place.offer}".casefold()
    return (
        (not wanted["thema"] or wanted["thema"] in {aid.code for aid in entry.topics})
        and (not wanted["art"] or wanted["art"] == entry.place.kind)
        and all(word in text for word in wanted["q"].casefold().split())
    )


def _by_region(
    region: str, own: tuple[Entry, ...], nationwide: tuple[Entry, ...]
) -> Iterable[Shelf]:
    heading = _("In %(land)s") % {"land": with_article(region)}
    yield Shelf("land", heading.replace("In das", "Im"), own)
    yield Shelf("bundesweit", _("Bundesweit"), nationwide)


def _by_kind(found: list[Entry]) -> Iterable[Shelf]:
    headings = {
        Resource.Kind.NETWORK: _("Beraternetzwerke"),
        Resource.Kind.ADVICE: _("Beratung und Auskunft"),
        Resource.Kind.PLATFORM: _("Plattformen"),
        Resource.Kind.DOCUMENT: _("Zum Lesen"),
        Resource.Kind.EXAMPLE: _("Beispiele"),
    }
    for kind, heading in headings.items():
        yield Shelf(kind, heading, tuple(entry for entry in found if entry.place.kind == kind))
