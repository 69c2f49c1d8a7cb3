"""Signs and words that templates draw again and again: answer marks, topic and stage signs, counts.

The shapes are the files in static/img. Marks, stage signs and the icons a script needs are drawn
once per page by `{% symbols %}` and then only referred to, so that a long checklist stays small.
What stands in each of many questions alike is rendered once per process: `{% still %}`."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import get_template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from checklists.models import Stage, Value
from checklists.results import OFFEN, Tally
from checklists.sheet import Topic

register = template.Library()

IMAGES = settings.BASE_DIR / "static" / "img"
UNSAVED = "ungesichert"
WORDS = dict(Value.choices)
EARLIER = {f"{value}-frueher": value for value in Value.values}  # to be confirmed
MARKS = (
    *("ja", "nein", "ja-leer", "nein-leer", "weissnicht", "entfaellt", "offen", UNSAVED),
    *EARLIER,
)
PEN = 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"'
ICONS = {
    "arrow-right": '<path d="M2.5 8h11M9 3.5 13.5 8 9 12.5"/>',
    "arrow-left": '<path d="M13.5 8h-11M7 3.5 2.5 8 7 12.5"/>',
    "arrow-down": '<path d="M8 2.5v11M3.5 9 8 13.5 12.5 9"/>',
    "arrow-up": '<path d="M8 13.5v-11M3.5 7 8 2.5 12.5 7"/>',
    "check": '<path d="M3 8.5l3.2 3.2L13 4.5"/>',
    "cross": '<path d="M3.5 3.5l9 9M12.5 3.5l-9 9"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "alert": '<circle cx="8" cy="8" r="6.5"/><path d="M8 4.6v4"/><path d="M8 11.2v.1"/>',
    "pen": '<path d="M2.5 13.5l.8-3.3 7.7-7.7 2.5 2.5-7.7 7.7z"/>',
    "print": '<path d="M4.5 6V2h7v4M4.5 11.5H2V6h12v5.5h-2.5"/><path d="M4.5 9.5h7V14h-7z"/>',
    "download": '<path d="M8 2v8.5M4.5 7.2 8 10.7l3.5-3.5M2.5 13.8h11"/>',
    "document": '<path d="M3.5 1.8h6l3 3v9.4h-9z"/><path d="M6 8h4M6 11h4"/>',
    "clock": '<circle cx="8" cy="8" r="6.3"/><path d="M8 4.5V8l2.4 1.6"/>',
    "menu": '<path d="M2 5h12M2 11h12"/>',
    "mail": '<path d="M2 3.5h12v9H2z"/><path d="M2.3 4 8 8.7 13.7 4"/>',
    "key": '<circle cx="5" cy="11" r="2.7"/><path d="M7 9l6-6M10.5 5.5l2 2"/>',
    "outside": '<path d="M6.5 3H3v10h10V9.5M9.5 2.5h4v4M13.2 2.8 7.5 8.5"/>',
    "search": '<circle cx="7" cy="7" r="4.5"/><path d="M10.4 10.4 14 14"/>',
    "person": '<circle cx="8" cy="5" r="2.8"/><path d="M2.5 14v-.6a5.5 5.5 0 0 1 11 0v.6"/>',
}
# fmt: off
NUMBERS = [
    "keine", "ein", "zwei", "drei", "vier", "fünf", "sechs",
    "sieben", "acht", "neun", "zehn", "elf", "zwölf",
]
# fmt: on
FEMININE = ("e", "ung", "keit", "heit", "ion", "schaft", "Antwort", "Notiz", "Person")


def _drawn(markup: str) -> SafeString:
    """Markup made of our own files and constants, never of anything somebody typed."""
    return mark_safe(markup)  # noqa: S308


def _square(size: int) -> str:
    """Width and height that grow with the reader's text; `size` in pixels at the usual 16."""
    return f'width="{int(size) / 16:g}rem" height="{int(size) / 16:g}rem"'


@cache
def _shape(name: str) -> str:
    """What static/img/<name>.svg draws, without its frame and title; "" where there is no file."""
    path = IMAGES / f"{name}.svg"
    if not path.is_file():
        return ""
    inside = re.sub(r"^.*?<svg[^>]*>|</svg>.*$", "", path.read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r"<title>.*?</title>", "", inside).strip()


@register.simple_tag
@cache
def symbols() -> SafeString:
    """The sheet of shapes that marks and stage signs refer to; base.html draws it once."""
    sheet = [
        f'<symbol id="m-{name}" viewBox="0 0 20 20">{_shape(f"marke-{name}")}</symbol>'
        for name in MARKS
    ]
    sheet += [
        f'<symbol id="i-stufe-{stage.value}" viewBox="0 0 24 24">'
        f"{_shape(f'stufe-{stage.value}')}</symbol>"
        for stage in Stage
    ]
    sheet += [
        f'<symbol id="i-{name}" viewBox="0 0 16 16">{ICONS[name]}</symbol>'
        for name in ("check", "alert")
    ]
    return _drawn(
        f'<svg class="gs-symbols" width="0" height="0" aria-hidden="true" {PEN}>'
        f"{''.join(sheet)}</svg>"
    )


@register.simple_tag
def mark(value: str, label: bool = False, own: bool = False) -> SafeString:
    """An answer's mark. `label` names it for those who do not see it; `own` draws it whole, for
    pages without the sheet of symbols (PDF)."""
    return _mark(str(value) or "offen", bool(label), bool(own))


@cache
def _mark(name: str, label: bool, own: bool) -> SafeString:
    name = name if name in MARKS else "offen"
    role = f'role="img" aria-label="{answer_word(name)}"' if label else 'aria-hidden="true"'
    if own:
        frame = f'viewBox="0 0 20 20" width="20" height="20" {PEN}'
        return _drawn(
            f'<svg class="gs-m gs-m--{name}" {role} {frame}>{_shape(f"marke-{name}")}</svg>'
        )
    return _drawn(f'<svg class="gs-m gs-m--{name}" {role}><use href="#m-{name}"/></svg>')


@register.simple_tag
@cache
def sign(code: str, size: int = 48) -> SafeString:
    """A topic's sign; an unknown topic gets the default one. `size` in pixels."""
    grid = 48 if int(size) > 32 else 24
    known = re.fullmatch(r"[A-Za-z0-9]{1,8}", str(code))
    shape = (known and _shape(f"{code.lower()}-{grid}")) or _shape(f"thema-{grid}")
    width = 2 if grid == 48 else 1.75
    return _drawn(
        f'<svg class="gs-sign" aria-hidden="true" viewBox="0 0 {grid} {grid}" {_square(size)} '
        f'stroke-width="{width}" {PEN}>{shape}</svg>'
    )


@register.simple_tag
def strip(topic: Topic) -> SafeString:
    """One mark per question of a topic, in order, with its counts for those who do not see it."""
    drawn = "".join(_mark(line.shape or "offen", False, False) for line in topic.lines)
    return _drawn(
        f'<span class="gs-strip" role="img" aria-label="{tally_words(topic.tally)}">{drawn}</span>'
    )


@register.simple_tag
def strip_links(topic: Topic) -> SafeString:
    """The strip of a checklist: each mark leads to its question."""
    language = get_language() or ""
    return _drawn(
        "".join(_link(line.key, line.number, line.shape, language) for line in topic.lines)
    )


@lru_cache(maxsize=2000)
def _link(key: str, number: int, shape: str, _language: str) -> SafeString:
    label = f"{_('Frage')} {number}: {answer_word(shape)}"
    return format_html(
        '<a href="#{}" aria-label="{}">{}<span>{}</span></a>',
        key,
        label,
        _mark(shape or "offen", False, False),
        number,
    )


@register.simple_tag
@lru_cache(maxsize=5000)
def answer_address(assessment: int, key: str) -> str:
    """Where an answer is sent to: many on a page, and the same at each click."""
    return reverse("answer", args=[assessment, key])


@register.simple_tag
def still(name: str, **values: Any) -> SafeString:
    """A part that depends on nothing but these values: rendered once, then kept.

    Only for texts of the catalogue and fixed words, never for what a firm wrote."""
    return _still(name, get_language() or "", tuple(values.items()))


@lru_cache(maxsize=2000)
def _still(name: str, _language: str, values: tuple[tuple[str, Any], ...]) -> SafeString:
    # Without indentation: these parts stand in a page many times.
    return _drawn(re.sub(r"\n\s*", "\n", get_template(name).render(dict(values)).strip()))


@register.simple_block_tag
def unindented(content: SafeString) -> SafeString:
    """A long list without the indentation of its template. Not around a field or what somebody
    wrote: their lines are theirs."""
    return _drawn(re.sub(r"\n\s+", "\n", content))


@register.simple_block_tag(takes_context=True)
def titled(context: dict[str, Any], content: SafeString) -> SafeString:
    """The page's title: what it is, then whose portal. A public page says it to whoever shows a
    preview of its address, too."""
    said = _drawn(" ".join(content.split()))  # escaped where the block was filled
    title = format_html("<title>{} – Gegenstrom</title>", said)
    if not context.get("public"):
        return title
    return format_html('{}<meta property="og:title" content="{}">', title, said)


@register.simple_tag
def stage_sign(number: int | None, own: bool = False) -> SafeString:
    """A stage's sign: a dot on its stair. Nothing for a stage that does not exist."""
    return _stage_sign(int(number or 0), bool(own))


@cache
def _stage_sign(number: int, own: bool) -> SafeString:
    if number not in Stage.values:
        return _drawn("")
    frame = f'class="gs-stair" aria-hidden="true" viewBox="0 0 24 24" width="24" height="24" {PEN}'
    if own:
        return _drawn(f"<svg {frame}>{_shape(f'stufe-{number}')}</svg>")
    return _drawn(f'<svg class="gs-stair" aria-hidden="true"><use href="#i-stufe-{number}"/></svg>')


@register.simple_tag
@cache
def icon(name: str, size: int = 16) -> SafeString:
    """A small sign that stands next to a word."""
    return _drawn(
        f'<svg class="gs-i" aria-hidden="true" viewBox="0 0 16 16" {_square(size)} '
        f'stroke-width="2" {PEN}>{ICONS[name]}</svg>'
    )


@register.simple_tag
@cache
def logo(size: int = 32) -> SafeString:
    """The two currents."""
    return _drawn(
        f'<svg class="gs-logo__sign" aria-hidden="true" viewBox="0 0 32 32" {_square(size)} '
        f"{PEN}>{_shape('logo')}</svg>"
    )


@register.filter
def answer_word(value: str) -> str:
    """ "ja" → "Ja", "" → "offen", "ja-frueher" → "Ja, zu bestätigen"."""
    if value in (OFFEN, "offen"):
        return _("offen")
    if value == UNSAVED:
        return _("nicht gespeichert")
    if value in EARLIER:
        return _("%(answer)s, zu bestätigen") % {"answer": WORDS[EARLIER[value]]}
    return str(WORDS.get(value, value))


@register.filter
def stage_name(number: int | None) -> str:
    """2 → "Bestand aufnehmen"; "" where there is no such stage."""
    return str(Stage(number).label) if number in Stage.values else ""


@register.filter
def words(number: Any, nouns: str) -> SafeString:
    """3|words:"Frage,Fragen" → "drei Fragen"; numbers up to twelve as words, none as "keine".

    Nominative; an article of its own may stand in the singular ("einen Schritt,Schritte")."""
    count = int(number or 0)
    singular, _comma, plural = nouns.partition(",")
    if count == 1:
        if " " in singular:
            return format_html("{}", singular)
        article = "eine" if singular.endswith(FEMININE) else "ein"
        return format_html("{}\N{NO-BREAK SPACE}{}", article, singular)
    word = NUMBERS[count] if 0 <= count < len(NUMBERS) else str(count)
    return format_html("{}\N{NO-BREAK SPACE}{}", word, plural or singular)


@register.filter
def tally_words(tally: Tally, leave_out: str = "") -> str:
    """ "9 Ja, 4 Nein, 1 weiß nicht, 1 entfällt, 3 offen": what there is of each, with its count.

    `leave_out` names answers not to mention, divided by commas ("offen" for the unanswered)."""
    counts = {
        "ja": tally.ja,
        "nein": tally.nein,
        "weissnicht": tally.weissnicht,
        "entfaellt": tally.entfaellt,
        "offen": tally.offen - tally.to_confirm,
    }
    skipped = leave_out.split(",")
    said = [
        f"{count}\N{NO-BREAK SPACE}{answer_word(name)}"
        for name, count in counts.items()
        if count and name not in skipped
    ]
    if tally.to_confirm:
        said.append(f"{tally.to_confirm}\N{NO-BREAK SPACE}{_('zu bestätigen')}")
    return ", ".join(said)
