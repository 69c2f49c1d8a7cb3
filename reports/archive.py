"""All of a company's data as one ZIP, written while it is read: what it costs in memory does not
depend on how much there is.

Who may read a part as a lead finds it here; drafts of the works council and of consultants are
theirs, and no secret or its hash is in it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from django.conf import settings
from django.core.files.storage import Storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import TextField
from django.db.models.functions import Cast
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import slugify

from portal.accounts.models import Company
from reports.models import Report
from reports.models.report import UMLAUTS
from reports.records import PARTS, Row

PIECE = 1 << 16  # bytes sent at a time, about


def file_name(company: Company) -> str:
    firm = slugify(company.name.translate(UMLAUTS))[:60] or "betrieb"
    return f"gegenstrom-{firm}-{timezone.localdate():%Y-%m-%d}.zip"


def stream(company: Company) -> Iterator[bytes]:
    """The archive, piece by piece."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in _files(company):
            entry = zipfile.ZipInfo(name, timezone.localtime().timetuple()[:6])
            packed = name.endswith((".pdf", ".png", ".jpg"))  # already, by its own means
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            with archive.open(entry, "w") as file:
                for piece in pieces:
                    file.write(piece)
                    if pipe.waiting >= PIECE:
                        yield pipe.take()
    yield pipe.take()


class _Pipe:
    """What zipfile writes to: nothing to seek in, and emptied between two writes."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.waiting = 0

    def write(self, data: bytes) -> int:
        self.pieces.append(bytes(data))
        self.waiting += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Whoever reads takes what is left."""

    def take(self) -> bytes:
        taken, self.pieces, self.waiting = b"".join(self.pieces), [], 0
        return taken


def _files(company: Company) -> Iterator[tuple[str, Iterable[bytes]]]:
    context = {"company": company, "parts": PARTS, "portal_url": settings.PORTAL_URL}
    yield "LIESMICH.txt", [render_to_string("reports/archive.txt", context).encode()]
    for part in PARTS:
        yield f"{part.name}.json", _listed(part.rows(company))
    logo = company.logo.name
    if logo and company.logo.storage.exists(logo):
        yield f"logo{PurePath(logo).suffix}", _read(company.logo.storage, logo)
    # As text, never taken apart in memory, and as plain rows: a model and its file hold each other,
    # so that megabytes would lie about until somebody collects them.
    frozen = company.reports.order_by("number").annotate(text=Cast("content", TextField()))
    storage = Report._meta.get_field("pdf").storage
    frozen = frozen.exclude(state=Report.State.WITHDRAWN)
    for number, pdf, text in frozen.values_list("number", "pdf", "text").iterator(chunk_size=1):
        name = f"berichte/bericht-{number:03}"
        yield f"{name}.json", [text.encode()]
        if pdf and storage.exists(pdf):
            yield f"{name}.pdf", _read(storage, pdf)


def _listed(rows: Iterator[Row]) -> Iterator[bytes]:
    """A JSON list, one row after the other."""
    between = b"[\n"
    for row in rows:
        text = json.dumps(row, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder)
        yield between + text.encode()
        between = b",\n"
    yield b"\n]\n" if between == b",\n" else b"[]\n"


def _read(storage: Storage, name: str) -> Iterator[bytes]:
    with storage.open(name, "rb") as file:
        yield from file.chunks(PIECE)
