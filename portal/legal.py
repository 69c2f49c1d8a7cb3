"""Legal pages: the same for everybody, with the operator's own words from the settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string

from checklists.reading import Library
from checklists.views.public import ReaderRequest, page, public
from portal import accessibility as known
from portal.personal_data import records


def operator() -> dict[str, Any]:
    """Who runs this instance, as the templates say it."""
    said = {
        name.removeprefix("OPERATOR_").lower(): text for name, text in settings.OPERATOR.items()
    }
    lines = [line.strip() for line in said["address"].split("|") if line.strip()]
    return {**said, "address": lines, "made_up": not settings.PRODUCTION}


def _legal(request: ReaderRequest, name: str, **context: Any) -> HttpResponse:
    return page(request, f"legal/{name}.html", {"operator": operator(), "here": name, **context})


@public
def imprint(request: ReaderRequest, library: Library) -> HttpResponse:
    """Who answers for this site (§ 5 DDG)."""
    return _legal(request, "imprint")


@public
def privacy(request: ReaderRequest, library: Library) -> HttpResponse:
    """What happens with personal data (Art. 13 DSGVO)."""
    return _legal(request, "privacy", records=records())


@public
def contract(request: ReaderRequest, library: Library) -> HttpResponse:
    """The contract between firm and operator (Art. 28 DSGVO)."""
    return _legal(request, "processing_contract", records=records())


@public
def contract_file(request: ReaderRequest, library: Library) -> HttpResponse:
    """The same as one file without anything around it, to fill in, print and sign."""
    context = {"operator": operator(), "records": records()}
    response = HttpResponse(render_to_string("legal/processing_contract_file.html", context))
    response.headers["Content-Disposition"] = 'attachment; filename="auftragsverarbeitung.html"'
    return response


@public
def responsibility(request: ReaderRequest, library: Library) -> HttpResponse:
    """Who is responsible for what."""
    return _legal(request, "responsibility")


@public
def retention(request: ReaderRequest, library: Library) -> HttpResponse:
    """What is kept for how long."""
    return _legal(request, "retention", records=records())


@public
def accessibility(request: ReaderRequest, library: Library) -> HttpResponse:
    """How accessible the portal is, and what nobody has checked."""
    context = {
        "total": len(known.register()),
        "tested": known.in_state(known.TESTED),
        "seen": known.in_state(known.SEEN),
        "absent": known.in_state(known.ABSENT),
        "unchecked": known.in_state(known.UNCHECKED),
    }
    return _legal(request, "accessibility", **context)


@public
def keyboard(request: ReaderRequest, library: Library) -> HttpResponse:
    """Which keys do what, and the switch for them; scripts show the same behind "?"."""
    return _legal(request, "keyboard")
