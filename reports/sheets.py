"""What is stored for everybody to print: the paper checklists and the sample report. Rendering is
paper.py's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from checklists.models import Edition
from checklists.reading import Chapter, library_of
from reports.content import checksum, to_json
from reports.release import release
from reports.sample import sample

FOLDER = "sheets"
KEPT = timedelta(days=2)  # what an older release set, while it may still be running beside this one


def name_of(checksum: str, code: str) -> str:
    """Where a topic's sheet of an edition is stored. Another release sets it anew."""
    return f"{FOLDER}/{checksum[:16]}-{release()}/{code}.pdf"


def missing(edition: Edition) -> list[Chapter]:
    """Topics of the edition without a stored sheet. `edition` is the current one."""
    return [
        chapter
        for chapter in library_of(edition.pk).chapters.values()
        if not default_storage.exists(name_of(edition.checksum, chapter.aid.code))
    ]


def complete(edition: Edition) -> bool:
    """Whether all that everybody may print is stored."""
    return not missing(edition) and default_storage.exists(sample_name())


def sample_name() -> str:
    """Where the sample report is stored as PDF. Another release sets it anew, as another file."""
    return f"{FOLDER}/muster-{release()}-{checksum(to_json(sample()))[:16]}.pdf"


def store(name: str, pdf: bytes) -> bool:
    """Keep the sheet under its name; False when somebody else was quicker."""
    kept = default_storage.save(name, ContentFile(pdf))
    if kept != name:
        default_storage.delete(kept)
    return kept == name


def forget_old() -> int:
    """Delete what other releases made, and older editions. Returns how many files."""
    edition = Edition.newest()
    ours = (name_of(edition.checksum, "").removesuffix(".pdf") if edition else "", sample_name())
    old = timezone.now() - KEPT
    gone = [
        name
        for name in _stored()
        if not name.startswith(ours) and default_storage.get_modified_time(name) < old
    ]
    for name in gone:
        default_storage.delete(name)
    return len(gone)


def _stored() -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return
    yield from (f"{FOLDER}/{name}" for name in files)
    for folder in folders:
        names = default_storage.listdir(f"{FOLDER}/{folder}")[1]
        yield from (f"{FOLDER}/{folder}/{name}" for name in names)
