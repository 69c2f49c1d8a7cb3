"""What is wrong with a page of a PDF, told by where its letters stand: for any report at all."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pdfplumber

HEAD, FOOT = 54.0, 800.0  # between them lies what a page says; the running heads lie outside
PUNCH = 20.0  # the mark to punch stands left of it
DISPLAY = "Bricolage"


def faults(pdf: bytes) -> list[str]:
    """Everything found, each with its page."""
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        total = len(document.pages)
        return [
            f"page {page.page_number}: {fault}"
            for page in document.pages
            for fault in (
                *outside(page),
                *overlaps(page),
                *(running(page, total) if page.page_number > 1 else ()),
                *(empty(page) if page.page_number > 1 else ()),
                *(last_heading(page) if page.page_number > 1 else ()),
            )
        ]


def outside(page: Any) -> Iterator[str]:
    """What leaves the page; and text beyond its margins, where the tab alone may stand."""
    for thing in page.chars + page.rects + page.lines + page.curves:
        if (
            thing["x0"] < -0.1
            or thing["x1"] > page.width + 0.1
            or thing["top"] < -0.1
            or thing["bottom"] > page.height + 0.1
        ):
            yield f"outside: {thing.get('text', thing['object_type'])!r}"
    for char in page.chars:
        if char["x0"] < 60 or char["x1"] > page.width - 12:
            yield f"in the margin: {char['text']!r}"


def overlaps(page: Any) -> Iterator[str]:
    """Letters on top of each other: each is compared as the middle of its box."""
    chars = sorted((char for char in page.chars if char["text"].strip()), key=lambda c: c["top"])
    seen: list[tuple[float, float, float, float, str]] = []
    for char in chars:
        high, wide = char["bottom"] - char["top"], char["x1"] - char["x0"]
        top, bottom = char["top"] + 0.3 * high, char["bottom"] - 0.3 * high
        left, right = char["x0"] + 0.3 * wide, char["x1"] - 0.3 * wide
        if right - left < 0.3:  # a mark upon another letter
            continue
        seen = [box for box in seen if box[1] > char["top"]]
        for box in seen:
            if box[0] < bottom and top < box[1] and box[2] < right and left < box[3]:
                yield f"{char['text']!r} on {box[4]!r} at {left:.0f}, {top:.0f}"
        seen.append((top, bottom, left, right, char["text"]))


def said(page: Any) -> list[Any]:
    """The letters between the running heads."""
    return [char for char in page.chars if char["text"].strip() and HEAD < char["top"] < FOOT - 20]


def running(page: Any, total: int) -> Iterator[str]:
    foot = "".join(char["text"] for char in page.chars if char["top"] > FOOT - 20)
    if f"Seite{page.page_number}von{total}" not in foot.replace(" ", "").replace("\n", ""):
        yield f"foot says {foot!r}"


def empty(page: Any) -> Iterator[str]:
    if len(said(page)) < 15:
        yield "empty"


def last_heading(page: Any) -> Iterator[str]:
    """Nothing, not even a ruled line, below a heading."""
    chars = said(page)
    if not chars:
        return
    lowest = max(char["bottom"] for char in chars)
    line = [char for char in chars if char["bottom"] > lowest - 4]
    ruled = (
        thing["bottom"] > lowest
        for thing in page.rects + page.lines + page.curves
        if thing["x0"] > 2 * PUNCH
    )
    if all(DISPLAY in char["fontname"] for char in line) and not any(ruled):
        yield f"ends with {''.join(char['text'] for char in line)!r}"
