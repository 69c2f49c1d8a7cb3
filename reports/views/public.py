"""The sample report and the paper checklists, for everybody."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
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
    back = {"back": reverse("aid", args=[code]), "back_to": library.chapters[code].aid.short}
    name = name_of(library.checksum, code)
    return _stored(request, name, f"checkliste-{code.lower()}.pdf", back)


def _stored(
    request: ReaderRequest, name: str, filename: str, back: dict[str, str]
) -> HttpResponseBase:
    """The file, or a page that says that it is on its way and leads `back`."""
    try:
        stored = default_storage.open(name, "rb")
    except FileNotFoundError:
        return page(request, "reports/being_made.html", back, status=404)
    return FileResponse(stored, filename=filename, content_type="application/pdf")


@public
def sample_report(request: ReaderRequest, library: Library) -> HttpResponse:
    """What one takes home in the end, of a made-up firm."""
    return page(request, "reports/sample_report.html", {"content": sample()})


@public
def sample_report_pdf(request: ReaderRequest, library: Library) -> HttpResponseBase:
    """The same as a file to print, made by whatever makes every other."""
    back = {"back": reverse("sample_report"), "back_to": _("Musterbericht")}
    return _stored(request, sample_name(), "musterbericht.pdf", back)
