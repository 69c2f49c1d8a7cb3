"""Any report is a valid document whose pages can be read: nothing outside, nothing on top of each
other, no empty page, no heading left alone."""

from __future__ import annotations

import multiprocessing
import os
import resource
from multiprocessing.connection import Connection

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from reports.content import Content, from_json, to_json
from reports.pdf import Rendered, render, typeset
from tests.pdf import sample
from tests.pdf.generated import contents
from tests.pdf.pages import faults
from tests.verapdf import validate

CHECKSUM = "0123456789abcdef" * 4
RARELY = settings(
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # a smaller one is no quicker to understand, and each takes a second
)


def check(content: Content) -> Rendered:
    assert from_json(to_json(content)) == content
    made = render(content, number=3, checksum=CHECKSUM, address="https://portal.example/pruefen/x")
    assert faults(made.pdf) == []
    assert validate(made.pdf, "ua1").failures == ()
    if content.archive:
        assert validate(made.pdf, "3a").failures == ()
    return made


@settings(RARELY, max_examples=4, derandomize=True)
@given(contents(topics=1, most_measures=6, wordy=False))
def test_a_small_report_of_anything(content):
    check(content)


@pytest.mark.sweep
@settings(RARELY, max_examples=200)
@given(contents(topics=7, most_measures=60, wordy=True))
def test_any_report_at_all(content):
    check(content)


# --- Five hundred measures ------------------------------------------------------------------------


def set_with_500_measures(pipe: Connection) -> None:
    """In a process of its own: pages, seconds of CPU, MB at the peak, and the file."""
    before = os.times()
    made = render(sample.of_kind("action", measures=500), number=3, checksum=CHECKSUM)
    after = os.times()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pipe.send((made.pages, after.user + after.system - before.user - before.system, peak, made.pdf))


@pytest.mark.sweep
def test_five_hundred_measures_stay_within_seconds_pages_and_memory():
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(
        target=set_with_500_measures, args=(theirs,)
    )
    process.start()
    pages, seconds, megabytes, pdf = ours.recv()
    process.join()
    assert pages <= 60
    assert seconds < 7
    assert megabytes < 250
    assert faults(pdf) == []


# --- The examiner ---------------------------------------------------------------------------------

SHEET = (
    '<html lang="de"><head><title>t</title></head><body><section class="cover" data-firm="F" '
    'data-foot="B"><p>Umschlag</p></section><section class="said">{}</section></body></html>'
)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<h1>Ganz</h1><p>Und ein Satz, der lang genug ist.</p>", ""),
        ("<p>kurz</p>", "empty"),
        ("<h1>Eine Überschrift am Ende</h1>", "ends with"),
        ("<p>Ein Satz, der lang genug ist.</p><h2>Allein</h2>", "ends with 'Allein'"),
        ('<p style="margin-left: 132mm; white-space: nowrap">Hinaus in den Rand</p>', "margin"),
        ('<p>Hier steht etwas.</p><p style="margin-top: -22pt">Und hier auch.</p>', "on"),
    ],
)  # fmt: skip
def test_the_examiner_sees_what_is_wrong(body, said):
    found = faults(typeset(SHEET.format(body)).pdf)
    assert bool(found) == bool(said)
    assert said in "".join(found)
