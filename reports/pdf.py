"""The report as PDF/UA: the only place that knows WeasyPrint.

Nothing is fetched but our own static files and the report's own logo, and the same content gives
the same bytes."""

from __future__ import annotations

import gc
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation
from fontTools.ttLib import TTFont
from weasyprint import CSS, HTML, Attachment, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from reports import archival
from reports.charts import ACTING
from reports.content import Content, canonical, from_json, to_json
from reports.faces import FACES, TEXT, TITLE, rules, stack
from reports.grey import all_grey, pictures_grey
from reports.percents import reporting
from reports.specimen import specimen
from reports.tags import hang_text_on_its_block

SCHEME = "static:"  # how our stylesheet names a static file: static:img/e01-48.svg
SERVED = ("css/report.css", "img/", "vendor/fonts/pdf/")
LOGO = "static:firm"  # the one name of the one picture that belongs to a report

PRINT_RULE = (
    "#B9B1A1"  # hairline on paper: one step darker than --gs-line, or a grey printer drops it
)
# Blanks before and after these say nothing, but each would be a box.
BLOCK = re.compile(
    r"\s*(</?(?:article|body|d[dlt]|div|h[123]|head|html|[ou]l|li|p|section|t(?:able|head|body|itle|[hdr]))"
    r"\b[^>]*>)\s*"
)
VOID = re.compile(r"(<(?:br|col|meta)\b[^>]*)>")
SVG = "http://www.w3.org/2000/svg"
# What says nothing on paper; PDF/UA forbids some of it, the mark of byte order among them.
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
BREAKS = {0x2028: "\n", 0x2029: "\n"}  # these break a line even where a blank does not
COMMON = re.compile("[\n\t -~\xa0-\xff–—‘’‚“”„…·€]*")  # what every face has
TYPED = re.compile(r'(<\w+\s+class="(?:gs-r-note|firm[a-z ]*)"\s*>)([^<]+)')  # what people wrote
WORD = re.compile(r"\S+")
NARROW = 6  # letters that any column has room for
ZWSP = "\N{ZERO WIDTH SPACE}"
STAND_INS = ("\N{WHITE SQUARE}", "?")  # for a letter that no font of the machine draws


@dataclass(frozen=True)
class Rendered:
    pdf: bytes
    pages: int


@dataclass(frozen=True)
class Look:
    """How a document is set, beyond its text and stylesheet."""

    grey: bool = False
    logo: bytes = b""
    attached: tuple[str, bytes, datetime] | None = None  # name, data, day: makes it PDF/A-3a

    @property
    def variant(self) -> str:
        return "pdf/a-3a" if self.attached else "pdf/ua-1"

    def attachments(self) -> list[Attachment]:
        """Anew for each writing: what reads them reads them once."""
        if not self.attached:
            return []
        name, data, day = self.attached
        return [
            Attachment(
                file_obj=BytesIO(data),
                name=name,
                description="Inhalt des Berichts als Daten (JSON)",
                created=day,
                modified=day,
                relationship="Source",
            )
        ]

    def finish(self, document: Document, pdf: Any) -> None:
        """For `write_pdf(finisher=…)`."""
        if self.attached:
            archival.complete(pdf)
        hang_text_on_its_block(document, pdf)


PLAIN_LOOK = Look()


class Refused(ValueError):
    """Something asked for a file that is not ours to print."""


class StaticFiles(URLFetcher):
    """Serves the report's own static files by name, its logo by its one name, and refuses every
    other address."""

    def __init__(self, look: Look = PLAIN_LOOK) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self.look = look

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if url == LOGO and self.look.logo:
            return URLFetcherResponse(url, self.look.logo)
        if not url.startswith(SCHEME):
            raise Refused(f"Not fetched: {url[:80]}")
        name = url.removeprefix(SCHEME)
        if ".." in name.split("/") or not name.startswith(SERVED):
            raise Refused(f"No file of the report: {name[:80]}")
        try:
            return URLFetcherResponse(url, served(name, self.look.grey))
        except OSError as error:
            raise FatalURLFetchingError(f"{name} is missing: {error}") from error


@cache
def served(name: str, grey: bool = False) -> bytes:
    """A static file's content; a drawing in the acting colour, its title left out."""
    if not name.endswith(".svg"):
        return static_file(name).read_bytes()
    drawing = static_file(name).read_text(encoding="utf-8").replace("currentColor", ACTING)
    if grey:
        drawing = all_grey(drawing)
    return re.sub(r"<title>.*?</title>", "", drawing).encode()


def static_file(name: str) -> Path:
    """Where a static file lies: in its source folder, else where collectstatic put it. Raises
    FileNotFoundError when it is in neither."""
    found = finders.find(name)
    path = Path(found) if found else Path(settings.STATIC_ROOT) / name
    if not path.is_file():
        raise FileNotFoundError(path)
    return path


# --- Stylesheet and fonts: read once per process --------------------------------------------------


@cache
def fonts() -> FontConfiguration:
    return FontConfiguration()


@cache
def faces() -> CSS:
    """The faces, which `fonts()` knows from then on."""
    source = "".join(rules(SCHEME))
    return CSS(string=source, url_fetcher=StaticFiles(), font_config=fonts(), base_url=SCHEME)


@cache
def stylesheet(grey: bool) -> CSS:
    """The report's stylesheet."""
    source = all_grey(styles()) if grey else styles()
    return CSS(string=source, url_fetcher=StaticFiles(), base_url=SCHEME)


@cache
def further_stylesheet(name: str) -> CSS:
    return CSS(string=with_values(name), url_fetcher=StaticFiles(), base_url=SCHEME)


class ReportHTML(HTML):
    """Our own markup, without WeasyPrint's defaults: report.css says what a browser knows, for the
    few elements that we have, which saves every element and page a third of its styles."""

    wrapper_element: Any
    etree_element: Any

    def __init__(self, markup: str, look: Look) -> None:
        tree = tree_of(markup)
        own = {"base_url": SCHEME, "url_fetcher": StaticFiles(look)}
        super().__init__(string=markup if tree is None else "<html>", **own)
        if tree is not None:
            self.wrapper_element = type(self.wrapper_element).from_html_root(tree, None)
            self.etree_element = self.wrapper_element.etree_element

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        return []


def tree_of(markup: str) -> ET.Element | None:
    """What the HTML parser makes of our templates, in a fortieth of its time: they are well-formed
    but for void elements. None for markup that is not."""
    well_formed = VOID.sub(r"\1/>", markup).replace("<svg ", f'<svg xmlns="{SVG}" ')
    try:
        return ET.fromstring(well_formed)  # noqa: S314 - our templates, which escape what people typed
    except ET.ParseError:
        return None


def css_source() -> str:
    """All that a page needs: the faces and the styles."""
    return "".join((*rules(SCHEME), styles()))


def styles() -> str:
    """report.css, after it the signs."""
    return "".join((with_values("css/report.css"), *_signs()))


def with_values(name: str) -> str:
    """A stylesheet with the values of the tokens written in, because var() on every box costs up to
    a tenth of the layout."""
    tokens = static_file("css/tokens.css").read_text(encoding="utf-8")
    values = dict(re.findall(r"(--gs-[a-z-]+):\s*(#[0-9A-Fa-f]{6});", tokens.split("@media")[0]))
    values |= {
        "--gs-print-rule": PRINT_RULE,
        "--gs-text": stack(TEXT),
        "--gs-display": stack(TITLE),
    }
    css = static_file(name).read_text(encoding="utf-8")
    return re.sub(r"var\((--gs-[a-z-]+)\)", lambda match: values[match[1]], css)


def _signs() -> Iterator[str]:
    """A class per topic sign; .sign alone for a topic that has none."""
    drawings = static_file("img/logo.svg").parent.glob("*-48.svg")
    for path in sorted(drawings, key=lambda path: (path.stem != "thema-48", path.stem)):
        code, image = path.stem.removesuffix("-48"), f'url("{SCHEME}img/{path.name}")'
        name = ".sign" if code == "thema" else f".sign-{code}"
        yield f"th{name},h1{name}::before{{background-image:{image}}}"
    yield f'.brand{{background-image:url("{SCHEME}img/logo.svg")}}'


# --- Rendering ------------------------------------------------------------------------------------


def render(
    content: Content,
    *,
    number: int,
    checksum: str,
    address: str = "",
    rebuilt: bool = False,
    stored: dict[str, Any] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Rendered:
    """The report as tagged PDF/UA-1, for an archive as PDF/A-3a too. `number` and `checksum` are
    its row's, `address` is where to verify it, `rebuilt` says that another release set the
    original; `stored` is the content as the row has it, to be attached for an archive; `progress`
    is called with percents, rising."""
    markup = html_of(content, number=number, checksum=checksum, address=address, rebuilt=rebuilt)
    with _without_collector(), reporting(progress, expected_pages(content)):
        return typeset(markup, look=look_of(content, number, stored))


def look_of(content: Content, number: int, stored: dict[str, Any] | None = None) -> Look:
    logo, attached = b"", None
    if content.logo:
        logo = content.logo.in_grey() if content.grey else content.logo.picture
    if content.archive:
        data = canonical(stored or to_json(content))  # its SHA-256 is the report's checksum
        attached = (f"bericht-{number}.json", data, datetime.combine(content.made_on, time.min))
    return Look(content.grey, logo, attached)


def prepare() -> None:
    """Read all that a first report would wait for: templates, stylesheet, fonts, hyphenation."""
    render(specimen(), number=1, checksum="")


def typeset(markup: str, *more: str, look: Look = PLAIN_LOOK) -> Rendered:
    """HTML as tagged PDF/UA-1 in the report's style; `more` names further stylesheets of ours."""
    if look.grey:
        markup = pictures_grey(markup)
    document = _lay_out(markup, *more, look=look)
    pdf = _write(document, look)
    for stand_in in STAND_INS:
        if unknown := _without_glyph(document):
            markup = markup.translate(dict.fromkeys(unknown, stand_in))
            document = _lay_out(markup, *more, look=look)
            pdf = _write(document, look)
    return Rendered(pdf, len(document.pages))


def _write(document: Document, look: Look) -> bytes:
    written: bytes = document.write_pdf(
        finisher=look.finish, pdf_variant=look.variant, attachments=look.attachments()
    )
    return written


def html_of(
    content: Content, *, number: int, checksum: str, address: str = "", rebuilt: bool = False
) -> str:
    """The report as the HTML that becomes the PDF, without letters that no font can draw."""
    context = {
        "content": content,
        "number": number,
        "checksum": checksum,
        "address": address,
        "rebuilt": rebuilt,
    }
    with translation.override("de"):
        typed = render_to_string("reports/pdf/document.html", context)
        if not unicodedata.is_normalized("NFC", typed):
            context["content"] = _composed(content)
            typed = render_to_string("reports/pdf/document.html", context)
    return clean(typed)


def clean(typed: str) -> str:
    """The markup without blanks that say nothing, and with what our faces lack in another."""
    markup = BLOCK.sub(r"\1", INVISIBLE.sub("", typed).translate(BREAKS))
    if COMMON.fullmatch(markup):
        return markup
    return TYPED.sub(lambda match: match[1] + _mark_strange(match[2]), markup)


def _composed(content: Content) -> Content:
    """The content with letters and their accents composed, as the faces have them. Done to the
    texts, never to markup: there an accent could swallow the end of a tag."""
    plain = json.dumps(to_json(content), ensure_ascii=False)
    return from_json(json.loads(unicodedata.normalize("NFC", plain)))


def _mark_strange(text: str) -> str:
    """Letters that our faces lack get one upright font of normal weight: WeasyPrint mixes up the
    files of a family whose italic or bold lacks some of them. A long word may break beside them:
    by itself it breaks anywhere only where it is of one font."""

    def mark(word: re.Match[str]) -> str:
        after = ZWSP if len(word[0]) > NARROW else ""
        return strange_letters().sub(
            lambda far: f'<span class="far">{far[0]}</span>{after}', word[0]
        )

    return WORD.sub(mark, text)


@cache
def strange_letters() -> re.Pattern[str]:
    """Runs of letters that are not in all of our faces."""
    known = set.intersection(*(_letters(stem, f"{w}-{style}") for _, stem, w, style in FACES))
    known |= {ord(letter) for letter in " \n\t\u200b\u200c\u200d\ufe0f"}
    return re.compile(f"[^{re.escape(''.join(map(chr, sorted(known))))}]+")


def _letters(stem: str, cut: str) -> set[int]:
    files = (
        served(f"vendor/fonts/pdf/{stem}-{part}-{cut}.woff2") for part in ("latin", "latin-ext")
    )
    return {letter for file in files for letter in TTFont(BytesIO(file), lazy=True).getBestCmap()}


@contextmanager
def _without_collector() -> Iterator[None]:
    """Python's garbage collector looks through the growing document again and again, a quarter of
    the time, and finds next to nothing before the end. Then it looks once, past all that was there
    before."""
    if not gc.isenabled():  # somebody else decides
        yield
        return
    faces(), stylesheet(PLAIN_LOOK.grey)
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()
        gc.unfreeze()


def _lay_out(markup: str, *more: str, look: Look) -> Document:
    return ReportHTML(markup, look).render(
        stylesheets=[faces(), stylesheet(look.grey), *map(further_stylesheet, more)],
        font_config=fonts(),
        pdf_variant=look.variant,
    )


def _without_glyph(document: Document) -> set[int]:
    """Letters that no font of this machine can draw: valid PDF/UA has none of them."""
    return {letter for font in document.fonts.values() for letter in font.missing}


def expected_pages(content: Content) -> int:
    return 7 + len(content.topics) + len(content.steps) // 3 + len(content.places) // 20
