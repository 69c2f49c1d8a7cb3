"""Any report is a valid document whose pages can be read: nothing outside, nothing on top of each
other, no empty page, no heading left alone."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from reports.content import Content, from_json, to_json
from reports.pdf import Rendered, render, typeset
from reports.renderer import Job, RenderChild
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


def test_a_long_word_of_several_fonts_breaks_in_a_narrow_column():
    """Found by the test below: by itself it breaks only where it is of one font."""
    content = sample.of_kind("council", measures=2)
    assert content.plan
    word = "\U000d50dfÆ\U0007c94aÚ\U000e94a5½\U000d079fuÏuÏ"  # no font draws every second letter
    measures = tuple(replace(each, who=word) for each in content.plan.measures)
    changed = replace(content, plan=replace(content.plan, measures=measures))
    assert faults(render(changed, number=3, checksum=CHECKSUM).pdf) == []


def test_the_longest_name_in_wide_letters_leaves_the_cover_one_page():
    """Found by the test below: the imprint stood alone on the second page."""
    content = sample.make_content({"E01": "O" * 14, "E03": "OOOOO"})
    content = replace(content, kind="council", firm=replace(content.firm, name="ش" * 200))
    assert faults(render(content, number=3, checksum=CHECKSUM).pdf) == []


@pytest.mark.parametrize(
    "note",
    [
        "Wort \u2028" * 70,
        "Wort\u2029\u2028" * 70,
        pytest.param("ش" * 4000, marks=pytest.mark.sweep),
        "☂" * 4000,
        "Zeile\n" * 70,
    ],
)
def test_a_note_of_about_a_page_leaves_no_heading_alone(note):
    """Found by the test below: what breaks lines, and letters wider than ours."""
    content = replace(sample.make_content({"E03": "JNWNE"}), kind="answers")
    topic = content.topics[0]
    for at, field in ((2, "note"), (4, "reason")):
        questions = list(topic.questions)
        questions[at] = replace(questions[at], **{field: note})
        changed = replace(content, topics=(replace(topic, questions=tuple(questions)),))
        assert faults(render(changed, number=3, checksum=CHECKSUM).pdf) == []


@pytest.mark.sweep
@settings(RARELY, max_examples=200)
@given(contents(topics=7, most_measures=60, wordy=True))
def test_any_report_at_all(content):
    check(content)


# --- Five hundred measures ------------------------------------------------------------------------


@pytest.mark.sweep
def test_five_hundred_measures_stay_within_seconds_pages_and_memory():
    child = RenderChild()
    child.start()
    assert child.wait(seconds=120)
    job = Job(to_json(sample.of_kind("action", measures=500)), 3, CHECKSUM)
    made = child.render(job, seconds=120, progress=lambda part: None)
    process = Path("/proc") / str(child.pid)
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    megabytes = int((process / "status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
    child.stop()
    assert made.pages <= 60
    assert seconds < 7
    assert megabytes < 250
    assert faults(made.pdf) == []


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
