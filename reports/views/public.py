"""The sample report and the paper checklists, for everybody."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from checklists.reading import Library
from checklists.views.catalogue import missing
from checklists.views.public import ReaderRequest, page, public
from reports.sample import sample
from reports.sheets import name_of, sample_name


@public
def aid_sheet(request: ReaderRequest, library: Library, code: str) -> HttpResponseBase:
    """The stored sheet of a topic; a page that explains while there is none yet."""
    if code not in library.chapters:
        if code.upper() in library.chapters:
            return redirect("aid_sheet", code.upper(), permanent=True)
        return missing(request, library, _("Dieses Thema gibt es hier nicht"))
    return _stored(
        request, library, name_of(library.checksum, code), f"checkliste-{code.lower()}.pdf"
    )


def _stored(request: ReaderRequest, library: Library, name: str, filename: str) -> HttpResponseBase:
    try:
        stored = default_storage.open(name, "rb")
    except FileNotFoundError:
        return missing(
            request,
            library,
            _("Dieses Blatt wird noch gesetzt"),
            reason=_("Es dauert meist weniger als eine Minute. Laden Sie die Seite dann neu."),
        )
    return FileResponse(stored, filename=filename, content_type="application/pdf")


@public
def sample_report(request: ReaderRequest, library: Library) -> HttpResponse:
    """What one takes home in the end, of a made-up firm."""
    return page(request, "reports/sample_report.html", {"content": sample()})


@public
def sample_report_pdf(request: ReaderRequest, library: Library) -> HttpResponseBase:
    """The same as a file to print, made by whatever makes every other."""
    return _stored(request, library, sample_name(), "musterbericht.pdf")
