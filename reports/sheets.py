"""What is stored for everybody to print: the paper checklists and the sample report. Rendering is
paper.py's."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from checklists.models import Edition
from checklists.reading import Chapter, library_of
from reports.content import checksum, to_json
from reports.release import release
from reports.sample import sample


def name_of(checksum: str, code: str) -> str:
    """Where a topic's sheet of an edition is stored."""
    return f"sheets/{checksum[:16]}/{code}.pdf"


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
    return f"sheets/muster-{release()}-{checksum(to_json(sample()))[:16]}.pdf"


def store(name: str, pdf: bytes) -> bool:
    """Keep the sheet under its name; False when somebody else was quicker."""
    kept = default_storage.save(name, ContentFile(pdf))
    if kept != name:
        default_storage.delete(kept)
    return kept == name
