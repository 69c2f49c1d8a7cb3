"""The tag tree after it was made smaller: still whole, in both directions."""

from __future__ import annotations

import pypdf
import pytest

from reports import pdf
from tests.pdf.test_pdf import made, reader, tags


@pytest.mark.parametrize("name", ["normal", "all gaps", "long strings"])
def test_each_mark_of_a_page_leads_to_the_element_that_holds_it(name):
    numbers = reader(name).trailer["/Root"]["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    by_parent = dict(zip(numbers[::2], numbers[1::2], strict=True))
    for page in reader(name).pages:
        marks = by_parent[page["/StructParents"]].get_object()
        assert len(marks) > 5
        # Running heads have elements that hang nowhere, as an artifact would.
        for number, element in enumerate(map(pypdf.generic.IndirectObject.get_object, marks)):
            assert number in element["/K"]
            assert element["/Pg"] == page


@pytest.mark.parametrize("name", ["normal", "all gaps", "long strings"])
def test_each_mark_stands_once_in_the_tree(name):
    seen = [
        (element["/Pg"]["/StructParents"], kid)
        for _, element in tags(name)
        for kid in (element.get("/K", []) if isinstance(element.get("/K"), list) else [])
        if isinstance(kid, int)
    ]
    assert len(seen) == len(set(seen))
    assert len(seen) > 40 * len(reader(name).pages)


def test_no_inline_element_holds_nothing_but_text():
    bare = [
        path
        for path, element in tags("normal")
        if path[-1] in ("Span", "NonStruct")
        and path[-2] in ("P", "TD", "TH", "H1", "H2", "LBody")
        and all(isinstance(kid, int) for kid in element["/K"])
    ]
    assert bare == []


def test_the_file_is_a_tenth_smaller_for_it(monkeypatch):
    content, rendered = made("normal")
    monkeypatch.setattr(pdf, "hang_text_on_its_block", lambda document, made: None)
    whole = pdf.render(content, number=3, checksum="0123456789abcdef" * 4)
    assert len(rendered.pdf) < 0.9 * len(whole.pdf)
