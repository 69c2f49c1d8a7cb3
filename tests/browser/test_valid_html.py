"""Every page of every role is valid HTML, in each state, and where a form is refused."""

from __future__ import annotations

import pytest

from tests.browser import states
from tests.browser.every_page import every_page, every_refusal
from tests.nu import check
from tests.test_access_matrix import world

__all__ = ["world"]


def test_the_checker_is_there_and_sees_faults():
    begin = b"<!DOCTYPE html><html lang=de><title>Seite</title>"
    said = check({"good": begin + b"<p>Text", "bad": begin + b"<p id=a>Text<p id=a>Text"})
    assert len(said) == 2  # and where the first one was
    assert all(each.startswith("bad: ") for each in said)


@pytest.mark.sweep
def test_every_page_is_valid(world):
    pages = {str(shown): shown.html for shown in every_page(world)}
    pages |= {str(shown): shown.html for shown in every_refusal(world)}
    assert len(pages) > 150
    said = check(pages)
    assert not said, "\n".join(said)


@pytest.mark.sweep
@pytest.mark.parametrize("state", ["founded", "begun", "late"])
def test_every_page_of_a_company_that_is_young_or_old_is_valid(request, state):
    made = request.getfixturevalue("world" if state == "late" else "cast")
    there = getattr(states, state)(made)
    said = check({str(shown): shown.html for shown in every_page(there)})
    assert not said, "\n".join(said)
