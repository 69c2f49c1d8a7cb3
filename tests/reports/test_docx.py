"""A report as Word document: all of it as text, with real headings, lists and tables."""

from __future__ import annotations

import base64
from dataclasses import replace
from io import BytesIO

import pytest
from django.urls import reverse
from docx import Document
from docx.oxml.ns import qn

from reports.content import Content
from reports.export import docx
from reports.kinds import PARTS, Kind, Options
from reports.logo import Logo
from reports.models import Report
from tests.factories import fill, make_report, picture
from tests.pdf import sample

CHECKSUM = "0123456789abcdef" * 4


def written(content: Content):
    data = docx.document_of(content, number=3, checksum=CHECKSUM)
    return Document(BytesIO(data))


def text_of(document) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_there_is_a_writer_for_each_part():
    parts = {part for parts in PARTS.values() for part in parts}
    assert docx.WRITERS.keys() == parts - {"contents"}, "a table of contents is Word's own to make"


def test_every_question_answer_and_note_stands_in_it():
    content = sample.normal()
    text = text_of(written(content))
    for topic in content.topics:
        for question in topic.questions:
            assert question.text in text
            assert question.note in text
    assert all(step.title in text for step in content.steps)
    assert CHECKSUM[:16] in text


@pytest.mark.parametrize("kind", Kind.values)
def test_each_kind_has_its_title_language_and_headings(kind):
    content = sample.of_kind(kind)
    document = written(content)
    said = document.core_properties
    assert said.title == f"{content.kind_name} 3, {content.firm.name}"
    assert (said.language, said.author) == ("de-DE", "Gegenstrom")
    languages = {each.get(qn("w:val")) for each in document.styles.element.iter(qn("w:lang"))}
    assert languages == {"de-DE"}
    styles = [paragraph.style.name for paragraph in document.paragraphs]
    assert styles[0] == "Title"
    assert "Heading 1" in styles
    levels = [int(name[-1]) for name in styles if name.startswith("Heading")]
    assert all(b - a <= 1 for a, b in zip([0, *levels], levels, strict=False))


@pytest.mark.parametrize("kind", Kind.values)
@pytest.mark.parametrize("grey", [False, True])
def test_the_firms_logo_stands_on_top_and_says_whose_it_is(kind, grey):
    drawn = picture((1000, 200)).getvalue()
    logo = Logo("image/png", 1000, 200, base64.b64encode(drawn).decode())
    document = written(replace(sample.of_kind(kind), logo=logo, grey=grey))
    assert len(document.inline_shapes) == 1
    assert not document.paragraphs[0].text
    shape = document.inline_shapes[0]
    assert (shape.width.mm, shape.height.mm) == (pytest.approx(60, 0.01), pytest.approx(12, 0.01))
    assert shape._inline.docPr.get("descr") == "Logo von Metallbau Brandt GmbH"
    (part,) = document.part.package.image_parts
    assert (part.blob == drawn) is not grey


def test_every_table_has_a_header_row_that_is_repeated():
    for table in written(sample.normal()).tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows[1:])


@pytest.mark.parametrize(
    "note",
    [
        "<script>alert(1)</script>",
        "=HYPERLINK(1)",
        "x" * 4000,
        "שלום عربي",
        "e\u0301 👩‍🔧",
        "Glocke\x07 und\x0bmehr\ufffe",
        "zwei\nZeilen",
    ],
)
def test_whatever_somebody_wrote_stands_as_text(note):
    content = sample.normal()
    topic = content.topics[0]
    questions = (replace(topic.questions[0], note=note), *topic.questions[1:])
    topics = (replace(topic, questions=questions), *content.topics[1:])
    changed = replace(content, topics=topics, firm=replace(content.firm, name="Firma\x07 " * 30))
    assert docx.clean(note) in text_of(written(changed))


def test_it_is_made_of_the_frozen_content(cast, assessment, login):
    report = make_report(assessment, cast.anna)
    fill(assessment, {"E03-02": "ja"}, notes={"E03-02": "Erst danach geschrieben"})
    response = login(cast.anna).get(reverse("report_docx", args=[report.pk]))
    assert response.headers["Content-Type"] == docx.TYPE
    assert f"aktionsbericht-{report.number}-" in response.headers["Content-Disposition"]
    text = text_of(Document(BytesIO(response.content)))
    assert "Termin mit der Kammer" in text
    assert "Erst danach" not in text


@pytest.mark.parametrize("kind", ["short", "council"])
def test_a_kind_without_notes_has_none_in_any_format(cast, assessment, login, kind):
    report = Report.freeze(assessment, Options(kind=kind), by=cast.anna)
    client = login(cast.anna)
    assert b"Termin mit" not in client.get(reverse("report_json", args=[report.pk])).content
    word = client.get(reverse("report_docx", args=[report.pk])).content
    assert "Termin mit" not in text_of(Document(BytesIO(word)))


def test_nothing_is_left_of_a_withdrawn_one(cast, assessment, login):
    report = make_report(assessment, cast.anna)
    report.withdraw(by=cast.anna)
    for name in ("report_docx", "report_xlsx", "report_json"):
        assert login(cast.anna).get(reverse(name, args=[report.pk])).status_code == 404
