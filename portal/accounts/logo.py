"""A firm's logo: read with suspicion, written anew.

What somebody uploads is never kept. It is decoded as PNG or JPEG and as nothing else, made small,
laid on white and written again, so that no place, no note and no program in it survives."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from PIL import Image, ImageFile, ImageOps

MOST_BYTES = 1_000_000  # of an upload
MOST_PIXELS = 4000  # of its longer side, judged from the header before anything is decoded
WIDTH, HEIGHT = 600, 300  # of what is kept: 18 mm high at 400 dpi
FORMATS = ("PNG", "JPEG")
PNG_BYTES = 60_000  # a drawing is smaller; a photo is smaller as JPEG


class Unreadable(ValueError):
    """Neither PNG nor JPEG, or damaged."""


class TooManyPixels(ValueError):
    """Small on disk, large in memory, or simply larger than anybody prints."""


@dataclass(frozen=True)
class Picture:
    """A picture that we wrote ourselves."""

    data: bytes
    ending: str  # "png" or "jpg"


def rewritten(file: IO[bytes]) -> Picture:
    """The upload as a clean picture. Raises Unreadable or TooManyPixels."""
    with warnings.catch_warnings(), _whole_files_only():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(file, formats=FORMATS) as image:
                if max(image.size) > MOST_PIXELS:
                    raise TooManyPixels
                return _written(_on_white(image))
        except (TooManyPixels, Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise TooManyPixels from None
        except Exception as error:  # a broken file may fail in any of a decoder's ways
            raise Unreadable from error


@contextmanager
def _whole_files_only() -> Iterator[None]:
    """WeasyPrint, once imported, lets Pillow make up what a cut off file lacks."""
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _on_white(image: Image.Image) -> Image.Image:
    """Upright, small, without transparency."""
    image.draft("RGB", (2 * WIDTH, 2 * WIDTH))  # a JPEG is decoded no larger than needed
    ImageOps.exif_transpose(image, in_place=True)  # at 4000 × 4000 each copy takes 64 MB
    drawn = image if image.mode == "RGBA" else image.convert("RGBA")
    drawn.thumbnail((WIDTH, HEIGHT), reducing_gap=3)
    ground = Image.new("RGB", drawn.size, "white")
    ground.paste(drawn, mask=drawn.getchannel("A"))
    return ground


def _written(image: Image.Image) -> Picture:
    drawn = BytesIO()
    image.save(drawn, "PNG", optimize=True)
    if drawn.tell() <= PNG_BYTES:
        return Picture(drawn.getvalue(), "png")
    painted = BytesIO()
    image.save(painted, "JPEG", quality=88, optimize=True)
    return Picture(painted.getvalue(), "jpg")
