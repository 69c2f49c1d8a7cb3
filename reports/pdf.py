"""The report as PDF/UA: the only place that knows WeasyPrint.

Nothing is fetched but our own static files, and the same content gives the same bytes."""

from __future__ import annotations

import gc
import json
import logging
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
from weasyprint import CSS, HTML, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from reports.charts import ACTING
from reports.content import Content, from_json, to_json
from reports.specimen import specimen
from reports.tags import hang_text_on_its_block

SCHEME = "static:"  # how our stylesheet names a static file: static:img/e01-48.svg
SERVED = ("css/report.css", "img/", "vendor/fonts/pdf/")
PDF_OPTIONS = {"pdf_variant": "pdf/ua-1"}

TEXT, TITLE = "Atkinson Hyperlegible Next", "Bricolage Grotesque"
# A family of its own: WeasyPrint takes two files of one family and cut for one font and mixes up
# their letters.
MORE = " Ext"
LATIN = (
    "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,"
    "U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD"
)
LATIN_EXT = (
    "U+0100-0130,U+0132-0151,U+0154-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,"
    "U+1D00-1DBF,U+1E00-1E9F,U+1EF2-1EFF,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF"
)
FACES = (
    (TEXT, "atkinson-hyperlegible-next", 400, "normal"),
    (TEXT, "atkinson-hyperlegible-next", 400, "italic"),
    (TEXT, "atkinson-hyperlegible-next", 600, "normal"),
    (TITLE, "bricolage-grotesque", 600, "normal"),
)
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
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
COMMON = re.compile("[\n\t -~\xa0-\xff–—‘’‚“”„…·€]*")  # what every face has
TYPED = re.compile(r'(<\w+\s+class="(?:gs-r-note|firm[a-z ]*)"\s*>)([^<]+)')  # what people wrote
STAND_INS = ("\N{WHITE SQUARE}", "?")  # for a letter that no font of the machine draws


@dataclass(frozen=True)
class Rendered:
    pdf: bytes
    pages: int


class Refused(ValueError):
    """Something asked for a file that is not ours to print."""


class StaticFiles(URLFetcher):
    """Serves the report's own static files by name and refuses every other address."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if not url.startswith(SCHEME):
            raise Refused(f"Not fetched: {url[:80]}")
        name = url.removeprefix(SCHEME)
        if ".." in name.split("/") or not name.startswith(SERVED):
            raise Refused(f"No file of the report: {name[:80]}")
        try:
            return URLFetcherResponse(url, served(name))
        except OSError as error:
            raise FatalURLFetchingError(f"{name} is missing: {error}") from error


@cache
def served(name: str) -> bytes:
    """A static file's content; a drawing in the acting colour, its title left out."""
    if not name.endswith(".svg"):
        return static_file(name).read_bytes()
    drawing = static_file(name).read_text(encoding="utf-8").replace("currentColor", ACTING)
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
def stylesheet() -> CSS:
    """The report's stylesheet with the fonts in `fonts()`."""
    return CSS(string=css_source(), url_fetcher=StaticFiles(), font_config=fonts(), base_url=SCHEME)


@cache
def further_stylesheet(name: str) -> CSS:
    return CSS(string=with_values(name), url_fetcher=StaticFiles(), base_url=SCHEME)


class ReportHTML(HTML):
    """Our own markup, without WeasyPrint's defaults: report.css says what a browser knows, for the
    few elements that we have, which saves every element and page a third of its styles."""

    wrapper_element: Any
    etree_element: Any

    def __init__(self, markup: str) -> None:
        tree = tree_of(markup)
        own = {"base_url": SCHEME, "url_fetcher": StaticFiles()}
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
    """report.css, before it the faces, after it the signs."""
    return "".join((*_faces(), with_values("css/report.css"), *_signs()))


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


def stack(family: str) -> str:
    """A family with its further Latin letters, then the font that knows most other scripts."""
    return f'"{family}","{family}{MORE}","DejaVu Sans",sans-serif'


def _faces() -> Iterator[str]:
    for letters, more, span in (("latin", "", LATIN), ("latin-ext", MORE, LATIN_EXT)):
        for family, stem, weight, style in FACES:
            source = f"{SCHEME}vendor/fonts/pdf/{stem}-{letters}-{weight}-{style}.woff2"
            yield (
                f'@font-face{{font-family:"{family}{more}";src:url("{source}");font-weight:{weight};'
                f"font-style:{style};unicode-range:{span}}}"
            )


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
    progress: Callable[[int], None] | None = None,
) -> Rendered:
    """The report as tagged PDF/UA-1. `number` and `checksum` are its row's, `address` is where to
    verify it, `rebuilt` says that another release set the original; `progress` is called with
    percents, rising."""
    markup = html_of(content, number=number, checksum=checksum, address=address, rebuilt=rebuilt)
    with _without_collector(), _reporting(progress, expected_pages(content)):
        return typeset(markup)


def prepare() -> None:
    """Read all that a first report would wait for: templates, stylesheet, fonts, hyphenation."""
    render(specimen(), number=1, checksum="")


def typeset(markup: str, *more: str) -> Rendered:
    """HTML as tagged PDF/UA-1 in the report's style; `more` names further stylesheets of ours."""
    document = _lay_out(markup, *more)
    pdf = document.write_pdf(finisher=hang_text_on_its_block, **PDF_OPTIONS)
    for stand_in in STAND_INS:
        if unknown := _without_glyph(document):
            markup = markup.translate(dict.fromkeys(unknown, stand_in))
            document = _lay_out(markup, *more)
            pdf = document.write_pdf(finisher=hang_text_on_its_block, **PDF_OPTIONS)
    return Rendered(pdf, len(document.pages))


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
    markup = BLOCK.sub(r"\1", INVISIBLE.sub("", typed))
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
    files of a family whose italic or bold lacks some of them."""
    return strange_letters().sub(lambda match: f'<span class="far">{match[0]}</span>', text)


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
    stylesheet()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()
        gc.unfreeze()


def _lay_out(markup: str, *more: str) -> Document:
    return ReportHTML(markup).render(
        stylesheets=[stylesheet(), *map(further_stylesheet, more)],
        font_config=fonts(),
        **PDF_OPTIONS,
    )


def _without_glyph(document: Document) -> set[int]:
    """Letters that no font of this machine can draw: valid PDF/UA has none of them."""
    return {letter for font in document.fonts.values() for letter in font.missing}


def expected_pages(content: Content) -> int:
    return 7 + len(content.topics) + len(content.steps) // 3 + len(content.places) // 20


@contextmanager
def _reporting(progress: Callable[[int], None] | None, pages: int) -> Iterator[None]:
    """Turn WeasyPrint's log of its steps into percents."""
    if progress is None:
        yield
        return
    logger = logging.getLogger("weasyprint.progress")
    handler = _Percents(progress, pages)
    before = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.level, logger.propagate = before


class _Percents(logging.Handler):
    STARTS = {"1": 5, "2": 6, "3": 8, "4": 15, "5": 25, "6": 75, "7": 95}

    def __init__(self, progress: Callable[[int], None], pages: int) -> None:
        super().__init__()
        self.progress, self.pages, self.reached = progress, pages, 0

    def emit(self, record: logging.LogRecord) -> None:
        step = re.match(r"Step (\d)(?:.* Page (\d+))?", record.getMessage())
        if not step:
            return
        part = self.STARTS.get(step[1], 0)
        if step[2]:
            part += round(48 * min(1.0, int(step[2]) / self.pages))
        if part > self.reached:
            self.reached = part
            self.progress(part)
