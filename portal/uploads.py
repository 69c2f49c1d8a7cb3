"""What a file that somebody sends may cost us before any view has looked at it."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

MOST_BYTES = 4_000_000


class CutOff(FileUploadHandler):
    """Lets the handlers after it have the beginning of a file: whoever sends gigabytes fills no
    disk, and the form says that the file is too large."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= MOST_BYTES else None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        return None
