"""The PDF's tag tree without what says nothing.

WeasyPrint makes an element of each line of text and of each inline box, also of those that hold
nothing. Text may as well hang on its paragraph, heading or cell: so there are half as many elements
to write, and for a reader's software to walk."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pydyf  # type: ignore[import-untyped]

INLINE = ("/Span", "/NonStruct")
HOLD_TEXT = (*INLINE, "/P", "/H1", "/H2", "/H3", "/TH", "/TD", "/LBody", "/Link")
SAYS_NOTHING_MORE = {"Type", "S", "K", "Pg", "P"}  # no alternative text, no identifier


def hang_text_on_its_block(_document: object, pdf: Any) -> None:
    """For `write_pdf(finisher=…)`: what is in bare inline elements moves up to their parents."""
    elements = {
        each.reference: each
        for each in pdf.objects
        if isinstance(each, pydyf.Dictionary) and each.get("Type") == "/StructElem"
    }
    moved: dict[bytes, bytes] = {}
    for reference, element in reversed(elements.items()):  # kids were made after their parents
        if element["S"] not in HOLD_TEXT:
            continue
        kids = []
        for kid in element["K"]:
            below = elements.get(kid)
            if below is not None and _is_bare(below) and below["Pg"] == element["Pg"]:
                kids += below["K"]
                moved[kid] = reference
                below.clear()
            else:
                kids.append(kid)
        element["K"] = pydyf.Array(kids)
    _lead_marks_upwards(pdf, moved)
    _close_gaps(pdf, moved.keys())


def _is_bare(element: Any) -> bool:
    """Whether it is inline, says nothing itself and holds nothing but text."""
    return (
        element.get("S") in INLINE
        and element.keys() <= SAYS_NOTHING_MORE
        and all(isinstance(kid, int) for kid in element["K"])
    )


def _lead_marks_upwards(pdf: Any, moved: dict[bytes, bytes]) -> None:
    """The other direction: from the text on a page to its element."""

    def holder(reference: bytes) -> bytes:
        while reference in moved:
            reference = moved[reference]
        return reference

    root = _object(pdf, pdf.catalog["StructTreeRoot"])
    for marks in _object(pdf, root["ParentTree"])["Nums"]:
        if isinstance(marks, pydyf.Array):
            marks[:] = map(holder, marks)


def _close_gaps(pdf: Any, gone: Collection[bytes]) -> None:
    """Leave these objects out and number the others anew. Pages come before tags: theirs stay."""
    kept = [each for each in pdf.objects if each.reference not in gone]
    renamed = {each.reference: f"{new} 0 R".encode() for new, each in enumerate(kept)}
    for new, each in enumerate(kept):
        each.number = new
        _rename(each.extra if isinstance(each, pydyf.Stream) else each, renamed)
    pdf.objects[:] = kept


def _rename(holder: Any, names: dict[bytes, bytes]) -> None:
    """References in a dictionary or an array, and in those that it holds."""
    if isinstance(holder, dict):
        places: Iterable[tuple[Any, Any]] = holder.items()
    elif isinstance(holder, list):
        places = enumerate(holder)
    else:
        return
    for place, value in places:
        if isinstance(value, bytes):
            if value in names:
                holder[place] = names[value]
        elif isinstance(value, (dict, list)):
            _rename(value, names)


def _object(pdf: Any, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]
