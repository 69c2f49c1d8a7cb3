"""The same report in other clothes: with the firm's logo, for a printer without colours, for an
archive. Each stays valid, the same every time, and shut off from all but its own picture."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re
from dataclasses import replace
from functools import cache

import pypdf
import pytest

from checklists.models import Assessment
from portal import demo
from reports import grey, pdf
from reports.content import Content, build, canonical, checksum, to_json
from reports.kinds import Kind, Options
from reports.logo import Logo
from reports.pdf import Look, Refused, Rendered, StaticFiles, render, typeset
from tests.factories import picture
from tests.pdf import sample
from tests.verapdf import validate

DRAWN = picture((200, 60)).getvalue()
LOGO = Logo("image/png", 200, 60, base64.b64encode(DRAWN).decode())
FEW = {"E03": "JNWNE"}
LOOKS = {
    "coloured": {"logo": LOGO},
    "grey archive": {"logo": LOGO, "grey": True, "archive": True},
}


def content_of(look: str, kind: str = "action") -> Content:
    return replace(sample.make_content(FEW), kind=kind, **LOOKS[look])


@cache
def made(look: str) -> Rendered:
    content = content_of(look)
    return render(content, number=3, checksum=checksum(to_json(content)))


def reader(look: str) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(made(look).pdf))


def profiles(content: Content) -> tuple[str, ...]:
    return ("ua1", "3a") if content.archive else ("ua1",)


@pytest.mark.parametrize("look", list(LOOKS))
def test_is_valid_and_the_same_every_time(look):
    content = content_of(look)
    for profile in profiles(content):
        assert validate(made(look).pdf, profile).failures == ()
    again = render(content, number=3, checksum=checksum(to_json(content)))
    assert again.pdf == made(look).pdf


# --- The firm's logo ------------------------------------------------------------------------------


def test_the_logo_is_there_and_nobody_has_to_hear_of_it():
    (image,) = reader("coloured").pages[0].images
    assert image.image.size == (200, 60)
    drawn = reader("coloured").pages[0].get_contents().get_data()
    before = drawn[: drawn.index(b" Do")]
    assert before.rfind(b"/Artifact") > before.rfind(b"EMC")


@pytest.mark.parametrize("kind", Kind.values)
def test_it_stands_once_on_the_first_page(kind):
    markup = pdf.html_of(content_of("coloured", kind), number=3, checksum="")
    assert markup.count('class="own"') == 1
    assert markup.index('class="own"') < markup.index("<h1")
    bare = replace(content_of("coloured", kind), logo=None)
    assert 'class="own"' not in pdf.html_of(bare, number=3, checksum="")


@pytest.mark.parametrize(
    ("size", "printed"),
    [((600, 180), (60, 18)), ((600, 20), (60, 2)), ((100, 300), (6, 18)), ((20, 10), (5.08, 2.54))],
)
def test_it_keeps_its_proportions_within_its_room(size, printed):
    assert replace(LOGO, width=size[0], height=size[1]).within(60, 18) == printed


@pytest.mark.parametrize("name", ["static:firm", "static:firm/", "static:firm.png", "static:logo"])
def test_the_fetcher_serves_the_reports_own_picture_by_its_one_name(name):
    ours = StaticFiles(Look(logo=DRAWN))
    if name == pdf.LOGO:
        assert ours.fetch(name).read() == DRAWN
    else:
        with pytest.raises(Refused):
            ours.fetch(name)
    with pytest.raises(Refused):
        StaticFiles().fetch(name)


def test_another_reports_picture_is_not_to_be_had():
    """Set one after the other in one process, as the child does."""
    other = picture((90, 90)).getvalue()
    page = (
        '<html lang="de"><head><title>t</title></head><body><p>x</p>'
        '<div class="own" style="width:9mm;height:9mm"></div></body></html>'
    )
    for logo, size in ((DRAWN, (200, 60)), (other, (90, 90)), (b"", None), (DRAWN, (200, 60))):
        once = pypdf.PdfReader(io.BytesIO(typeset(page, look=Look(logo=logo)).pdf))
        assert [each.image.size for each in once.pages[0].images] == ([size] if size else [])


# --- Without colours ------------------------------------------------------------------------------

PAINT = re.compile(
    rb"([\d.]+) ([\d.]+) ([\d.]+) (?:rg|RG)\b|([\d.]+) ([\d.]+) ([\d.]+) (?:scn|SCN)\b"
)


def paints(document: pypdf.PdfReader) -> set[tuple[float, ...]]:
    """Every colour that the document's drawing sets, red, green and blue."""
    found = set()
    for number in range(1, int(str(document.trailer["/Size"]))):
        thing = pypdf.generic.IndirectObject(number, 0, document).get_object()
        if isinstance(thing, pypdf.generic.StreamObject) and thing.get("/Subtype") != "/Image":
            for match in PAINT.finditer(thing.get_data()):
                found.add(tuple(float(part) for part in match.groups() if part is not None))
    return found


def test_nothing_in_it_has_a_colour():
    coloured = [paint for paint in paints(reader("coloured")) if len(set(paint)) > 1]
    assert coloured, "the control has colours"
    assert len(paints(reader("grey archive"))) > 3
    assert [paint for paint in paints(reader("grey archive")) if len(set(paint)) > 1] == []
    image = reader("grey archive").pages[0].images[0].image
    assert image.mode == "L"


def test_every_colour_of_ours_has_a_grey_that_can_be_read():
    css = pdf.with_values("css/report.css")
    for colour in set(grey.COLOUR.findall(css)) | set(grey.GREYS):
        made_of_it = grey.grey(colour)
        assert re.fullmatch("#(..)\\1\\1", made_of_it), colour
    assert grey.grey("#ff0000") == "#4C4C4C"


def test_what_people_wrote_keeps_its_letters():
    note = 'fill="#0B5A5E" #A33A18'
    content = sample.make_content(FEW, notes={"E03-02": note})
    markup = grey.pictures_grey(pdf.html_of(content, number=3, checksum=""))
    assert html.escape(note) in markup
    assert "#DFECEA" not in markup


# --- For an archive -------------------------------------------------------------------------------


def test_the_data_are_attached_and_their_checksum_is_the_reports():
    document = reader("grey archive")
    ((name, (data,)),) = document.attachments.items()
    content = content_of("grey archive")
    assert name == "bericht-3.json"
    assert data == canonical(to_json(content))
    digest = hashlib.sha256(data).hexdigest()
    text = " ".join(page.extract_text() for page in document.pages)
    assert digest[:16] in text
    assert "PDF/A-3a" in text
    (file,) = document.trailer["/Root"]["/AF"]
    assert file.get_object()["/AFRelationship"] == "/Source"
    assert "PDF/A-3a" not in " ".join(page.extract_text() for page in reader("coloured").pages)
    assert not reader("coloured").attachments


def test_what_is_attached_is_what_the_row_holds():
    """A later release may know more fields than the report was frozen with."""
    content = content_of("grey archive")
    stored = to_json(content)
    del stored["plain"]
    assert pdf.look_of(content, 3, stored).attached[1] == canonical(stored)


def test_it_says_both_of_its_standards():
    said = reader("grey archive").trailer["/Root"]["/Metadata"].get_data().decode()
    assert 'pdfuaid:part="1"' in said
    assert re.search(r'part="3"[^>]*conformance="A"|conformance="A"[^>]*part="3"', said)
    assert said.count("<rdf:RDF") == 1


# --- All of them ----------------------------------------------------------------------------------


@pytest.mark.sweep
@pytest.mark.parametrize("kind", Kind.values)
@pytest.mark.parametrize(
    "look", [{}, {"grey": True}, {"archive": True}, {"plain": True, "archive": True, "grey": True}]
)
def test_every_kind_of_the_demos_round_is_valid(db, kind, look):
    demo.build()
    for assessment in Assessment.objects.order_by("pk")[:2]:
        content = build(assessment, Options(kind=kind, with_reviews=True, **look))
        content = replace(content, logo=LOGO)
        made_of_it = render(content, number=3, checksum=checksum(to_json(content)))
        for profile in profiles(content):
            assert validate(made_of_it.pdf, profile).failures == (), (kind, look, profile)
