"""One design system: colours reach their contrast, nothing is styled that no page uses, and the
register of accessibility names tests that exist."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.conf import settings
from PIL import Image

from portal.accessibility import ABSENT, SEEN, TESTED, UNCHECKED, register

ROOT = settings.BASE_DIR
CSS = sorted((ROOT / "static" / "css").glob("*.css"))
PAPER = {"report.css", "minutes.css", "sheet.css"}  # put together by reports/pdf.py and friends
TOKENS = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")


def tokens_of(selector: str) -> dict[str, str]:
    """The colours set under a selector: name → "#RRGGBB"."""
    block = TOKENS[TOKENS.index(selector) :].partition("}")[0]
    return dict(re.findall(r"--(gs-[a-z-]+):\s*(#[0-9A-F]{6})", block))


LIGHT = tokens_of(":root {")
DARK = LIGHT | tokens_of('[data-bs-theme="dark"] {')


def luminance(colour: str) -> float:
    """WCAG's relative luminance of "#RRGGBB"."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


GROUNDS = ("paper", "surface", "sunk")
PAIRS = [
    *(("ink", ground, 7.0) for ground in GROUNDS),
    *(("muted", ground, 4.5) for ground in GROUNDS),
    *((text, ground, 4.5) for text in ("acting", "gap", "wait") for ground in GROUNDS),
    *((f"on-{name}", name, 4.5) for name in ("acting", "ja", "nein", "weissnicht", "entfaellt")),
    *(("ink", f"{name}-tint", 7.0) for name in ("acting", "ja", "nein", "gap", "wait")),
    *((name, f"{name}-tint", 4.5) for name in ("acting", "nein", "weissnicht", "gap", "wait")),
    *(("edge", ground, 3.0) for ground in GROUNDS),
    *(("focus", ground, 3.0) for ground in GROUNDS),
    *(("offen", ground, 3.0) for ground in GROUNDS),
]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground", "least"), PAIRS)
def test_pairs_of_colours_reach_their_contrast(theme, text, ground, least):
    assert contrast(theme[f"gs-{text}"], theme[f"gs-{ground}"]) >= least


def test_both_ways_to_dark_are_the_same():
    assert tokens_of('[data-bs-theme="dark"] {') == tokens_of(":root:not([data-bs-theme]) {")


def styled(css: str) -> set[str]:
    """The classes that rules speak of."""
    css = re.sub(r"/\*.*?\*/|url\([^)]*\)|\"[^\"]*\"", "", css, flags=re.DOTALL)
    selectors = re.findall(r"([^{}]+)\{", css)
    return {name for each in selectors for name in re.findall(r"\.(-?[A-Za-z_][\w-]*)", each)}


def test_nothing_is_styled_that_no_page_uses():
    """A class of a style sheet stands in a template, a script, a form or a tag."""
    folders = {"templates": "*.html", "static/js": "*.js"}
    folders |= dict.fromkeys(("portal", "checklists", "reports"), "*.py")
    said = "\n".join(
        path.read_text(encoding="utf-8")
        for folder, kind in folders.items()
        for path in (ROOT / folder).rglob(kind)
    )
    words = set(re.findall(r"-?[A-Za-z_][\w-]*", said))
    foreign = re.compile(
        r"^(form-|invalid-feedback|alert|mb-3|col-form-label|asteriskField|d-block|is-)"
    )
    dead = {
        f"{path.name}: .{name}"
        for path in CSS
        for name in styled(path.read_text(encoding="utf-8"))
        if path.name not in PAPER
        and name not in words
        and not foreign.match(name)
        and not made_up(name, said)
    }
    assert not dead, "\n".join(sorted(dead))


def made_up(name: str, said: str) -> bool:
    """A class put together from a fixed beginning and a value: gs-m--{{ value }}."""
    return any(
        re.search(rf"{re.escape(name[:at])}(\{{\{{|\{{%|\{{|\$\{{)", said)
        for at in (found.end() for found in re.finditer(r"-+", name))
    )


def test_a_component_is_styled_in_one_place():
    """The rule that makes a component stands in one style sheet, or in two that never meet."""
    apart = {".w-head"}  # reading.css and report-web.css
    added = {".gs-q", ".gs-q__side"}  # together.css gives a question a row for its conversation
    homes = Counter(
        selector.strip()
        for path in CSS
        if path.name not in PAPER
        for selector in set(
            re.findall(r"^(\.[\w-]+) \{", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        )
    )
    assert {name for name, count in homes.items() if count > 1} == apart | added
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not ("css/reading.css" in text and "css/report-web.css" in text), path


def test_the_register_names_all_criteria_and_tests_that_exist():
    rows = register()
    assert len(rows) == len({row.number for row in rows}) == 55
    assert {row.state for row in rows} <= {TESTED, SEEN, UNCHECKED, ABSENT}
    for number, _name, _level, state, why in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", why)
        assert bool(named) == (state == TESTED), number
        for file, function in named:
            text = (ROOT / file).read_text(encoding="utf-8")
            assert not function or f"def {function}(" in text, (number, file, function)


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def test_what_every_area_has_is_styled_once():
    """Tables, empty states and lists of neighbours are components: no area styles its own."""
    own = re.compile(r"\.(?!gs-)[a-z]+-(empty|table|nav)\b|\.(?!gs-)[a-z]+-\w+ table\b")
    for path in CSS:
        if path.name not in PAPER:
            css = path.read_text(encoding="utf-8")
            assert not own.search(css), (path.name, own.search(css))
    for path in TEMPLATES:
        for table in re.findall(r"<table\b[^>]*>", path.read_text(encoding="utf-8")):
            if "pdf" not in path.parts and "mails" not in path.parts:
                assert re.search(r'class="(gs-table|gs-r-|w-plan)', table), (path, table)


def test_a_page_says_where_one_is_and_once_whose_portal():
    """base.html ends each title with the portal's name; no page does it again."""
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        said = re.search(r"{% block title %}(.*?){% endblock", text, flags=re.DOTALL)
        assert not (said and "Gegenstrom" in said[1]), path


def test_only_public_pages_have_a_preview(client, db):
    with Image.open(ROOT / "static" / "img" / "vorschau.png") as picture:
        assert picture.size == (1200, 630)
    for address, said in [
        ("/", "Wo steht Ihr Betrieb bei Arbeit 4.0?"),
        ("/themen/?klar=1", "Themen"),
    ]:
        html = client.get(address).content.decode()
        assert f'<meta property="og:title" content="{said}">' in html
        assert re.search(r'og:url"\s+content="http[^"?]+"', html)
        assert "img/vorschau." in html
    for address in ("/konto/login/", "/suche/?q=geheim", "/probe/", "/teilen/nichts/"):
        assert "og:" not in client.get(address).content.decode(), address
