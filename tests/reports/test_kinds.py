"""Reports by purpose: each kind has its parts and no more, on the page and in the PDF."""

from __future__ import annotations

import re
from io import BytesIO

import pypdf
import pytest
from django.urls import reverse
from django.utils import timezone

from checklists.models import Measure
from reports import pdf
from reports.content import build, from_json, to_json
from reports.kinds import PARTS, Kind, Options
from reports.models import Report, Share, Statement
from reports.since import Participation
from tests.factories import fill, make_measure, make_meeting, make_report, make_round
from tests.pdf import sample
from tests.verapdf import validate

CHECKSUM = "0123456789abcdef" * 4
NOTE = "Termin mit der Kammer vereinbaren."


# --- What a kind holds ----------------------------------------------------------------------------


def test_a_click_without_a_choice_makes_the_action_report(login, cast, assessment):
    login(cast.anna).post(reverse("report_create", args=[assessment.pk]), {"with_notes": "1"})
    made = Report.objects.get()
    assert (made.kind, made.frozen.kind, made.frozen.kind_name) == (
        "action",
        "action",
        "Aktionsbericht",
    )


@pytest.mark.parametrize("kind", Kind.values)
def test_a_kind_holds_what_its_parts_need_and_nothing_else(cast, assessment, kind):
    make_measure(cast.company)
    content = build(assessment, Options(kind=kind))
    parts = PARTS[kind]
    assert (content.plan is not None) == bool({"plan", "effects"} & set(parts))
    assert bool(content.places) == ("places" in parts)
    written = [question.note for topic in content.topics for question in topic.questions]
    assert (NOTE in written) == (kind in {"action", "consulting", "answers"})
    assert from_json(to_json(content)) == content


def test_topics_can_be_chosen(assessment):
    content = build(assessment, Options(topics=("E05",)))
    assert [topic.code for topic in content.topics] == ["E05"]
    assert all(set(step.topics) <= {"E05"} for step in content.steps)


def test_plain_words_stand_for_the_usual_ones(assessment):
    usual, plain = build(assessment), build(assessment, Options(plain=True))
    assert plain.plain
    assert usual.topics[0].questions[0].text != plain.topics[0].questions[0].text
    assert plain.topics[0].questions[0].text


def test_the_councils_version_counts_how_it_took_part_and_names_nobody(cast, assessment):
    meeting = make_meeting(assessment, "Clara, Ben")
    meeting.close({})
    first = make_report(assessment, cast.anna)
    Share.with_works_council(first, by=cast.anna)
    said = {"kind": "agreed", "dated": timezone.localdate(), "text": "Gut so."}
    Statement.write(first, by=cast.clara, version=0, release=True, **said)
    frozen = Report.freeze(assessment, Options(kind=Kind.COUNCIL), by=cast.anna).frozen
    assert frozen.participation == Participation(1, (timezone.localdate(),), 1)
    assert "Clara, Ben" not in str(to_json(frozen))


# --- Since the last report ------------------------------------------------------------------------


def test_the_first_report_has_nothing_to_compare_with(cast, assessment):
    assert "since" not in Report.freeze(assessment, by=cast.anna).frozen.parts


def test_a_report_says_what_changed_since_the_last(cast, assessment):
    first = make_report(assessment, cast.anna)
    closed = first.frozen.steps[0].title
    fill(assessment, {"E03-02": "ja", "E05-04": "nein"})
    measure = make_measure(cast.company, "Schulung im Mai")
    Measure.objects.filter(pk=measure.pk).update(status="done", done_on=timezone.localdate())
    since = Report.freeze(assessment, by=cast.anna).frozen.since
    assert (since.number, since.made_on) == (first.number, first.frozen.made_on)
    assert [(t.code, t.then.ja, t.now.ja) for t in since.topics] == [("E03", 1, 2), ("E05", 0, 0)]
    assert since.steps_closed == (closed,)
    assert len(since.steps_new) == 1
    assert since.measures_done == ("Schulung im Mai",)
    assert [topic.code for topic in since.moved] == ["E03", "E05"]


def test_topics_that_only_one_of_the_two_reports_on_are_not_compared(cast, assessment):
    make_report(assessment, cast.anna)
    other = make_round(cast.other, "E03")
    assert Report.freeze(other, by=cast.emil).frozen.since is None, "of another company"
    frozen = Report.freeze(assessment, Options(topics=("E05",)), by=cast.anna).frozen
    assert [topic.code for topic in frozen.since.topics] == ["E05"]
    assert frozen.since.steps_closed == ()


def test_a_double_click_still_makes_one_report(cast, assessment):
    make_report(assessment, cast.anna)
    first, second = (Report.freeze(assessment, by=cast.anna) for _ in range(2))
    assert first == second
    assert Report.freeze(assessment, Options(kind=Kind.SHORT), by=cast.anna) != first


# --- Ordering one ---------------------------------------------------------------------------------


def test_the_page_offers_each_kind_with_what_it_is_for(login, cast, assessment):
    page = login(cast.anna).get(reverse("report_new", args=[assessment.pk])).content.decode()
    assert all(str(kind.label) in page for kind in Kind)
    assert page.count('name="topics"') == 2


def test_without_a_choice_it_is_about_what_was_begun(login, cast):
    opened = make_round(cast.company, "E03", "E05", "E07")
    for answers, codes in (
        ({}, ["E03", "E05", "E07"]),
        ({"E05-01": "nein"}, ["E05"]),
        ({"E03-01": "ja", "E07-01": "ja"}, ["E03", "E05", "E07"]),
    ):
        fill(opened, answers)
        login(cast.anna).post(reverse("report_create", args=[opened.pk]))
        content = Report.objects.order_by("-number").first().frozen
        assert [topic.code for topic in content.topics] == codes


def test_a_choice_is_frozen_with_the_report(login, cast, assessment):
    chosen = {"kind": "consulting", "topics": ["E05"], **dict.fromkeys(["plain", "archive"], "1")}
    login(cast.anna).post(reverse("report_create", args=[assessment.pk]), chosen)
    content = Report.objects.get().frozen
    assert (content.kind, len(content.topics)) == ("consulting", 1)
    assert (content.with_notes, content.plain, content.archive, content.grey) == (
        False, True, True, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({"kind": "letter"}, "Diese Fassung gibt es nicht."),
        ({"kind": "short", "topics": ["E99"]}, "Dieses Thema gehört nicht zum Durchgang."),
    ],
)
def test_what_there_is_not_is_refused_and_the_input_kept(login, cast, assessment, posted, said):
    response = login(cast.anna).post(reverse("report_create", args=[assessment.pk]), posted)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Report.objects.exists()


# --- The page and the PDF -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", Kind.values)
def test_the_page_shows_the_parts_and_links_to_nothing_missing(login, cast, assessment, kind):
    make_report(assessment, cast.anna)
    fill(assessment, {"E03-03": "nein"})
    report = Report.freeze(assessment, Options(kind=kind), by=cast.anna)
    page = login(cast.anna).get(reverse("report", args=[report.pk])).content.decode()
    parts = [part for part in report.frozen.web_parts if part.name not in {"topics", "gaps"}]
    assert [f'id="{part.anchor}"' in page for part in parts] == [True] * len(parts)
    anchors = set(re.findall(r'href="#([^"]+)"', page)) - {"inhalt"}
    assert anchors <= set(re.findall(r'id="([^"]+)"', page))


@pytest.mark.parametrize("kind", [kind for kind in Kind.values if kind != "action"])
def test_the_pdf_of_each_kind_is_valid_and_says_which_it_is(kind):
    content = sample.of_kind(kind, measures=5)
    rendered = pdf.render(content, number=3, checksum=CHECKSUM)
    assert validate(rendered.pdf, "ua1").failures == ()
    reader = pypdf.PdfReader(BytesIO(rendered.pdf))
    texts = [page.extract_text() for page in reader.pages]
    assert content.kind_name in reader.metadata.title
    assert CHECKSUM[:16] in " ".join(texts)
    assert all(text.strip() for text in texts)
    if kind == Kind.COUNCIL:  # short parts share a page
        heads = ("Worum es geht", "Beteiligung bisher", "Seit dem letzten Bericht")
        assert all(head in texts[1] for head in heads)
