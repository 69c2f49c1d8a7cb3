"""What pages for readers ask for: texts with their words explained, and links that stay in plain
words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django import template
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from checklists.glossary import PageWords
from checklists.models import Resource, Term
from portal.accounts.models import Region

register = template.Library()

ITEM = "- "
ENGLISH = re.compile("(Code of Conduct)")


@register.simple_tag(takes_context=True)
def prose(context: dict[str, Any], text: str) -> SafeString:
    """A catalogue text: paragraphs divided by a blank line, list items on lines that begin with
    "- ". Words of the glossary are explained where the page uses them first."""
    words: PageWords | None = context.get("words")
    return format_html_join("\n", "{}", ((block,) for block in _blocks(text, words)))


def _blocks(text: str, words: PageWords | None) -> Iterator[SafeString]:
    for listed, lines in _grouped(text):
        if listed:
            items = format_html_join(
                "", "<li>{}</li>", ((_explained(line, words),) for line in lines)
            )
            yield format_html("<ul>{}</ul>", items)
        else:
            yield format_html("<p>{}</p>", _explained(" ".join(lines), words))


def _grouped(text: str) -> Iterator[tuple[bool, list[str]]]:
    """Runs of list items and of other lines: (is it a list, its lines)."""
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip()):
        run: list[str] = []
        listed = False
        for line in (line.strip() for line in block.split("\n")):
            if run and line.startswith(ITEM) != listed:
                yield listed, run
                run = []
            listed = line.startswith(ITEM)
            if line:
                run.append(line.removeprefix(ITEM) if listed else line)
        if run:
            yield listed, run


def _explained(text: str, words: PageWords | None) -> SafeString:
    pieces: Iterable[tuple[str, Term | None]] = words.split(text) if words else [(text, None)]
    return format_html_join(
        "",
        "{}",
        ((_word(piece, term) if term else foreign(piece),) for piece, term in pieces),
    )


def _word(piece: str, term: Term) -> SafeString:
    """A word and, one click away, what it means: the browser opens it without a script."""
    return format_html(
        '<button type="button" class="w-word" popovertarget="wort-{0}">{1}</button>'
        '<span class="w-meaning" id="wort-{0}" popover><b>{2}:</b> {3}</span>',
        term.key,
        foreign(piece),
        term.word,
        foreign(term.text),
    )


@register.filter
def foreign(text: str) -> SafeString:
    """Names and phrases in English marked as such (WCAG 3.1.2), so that they are read aloud in it.
    Words that German has taken over, and terms of the trade, are German."""
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<span lang="en">{}</span>', piece) if at % 2 else piece,)
            for at, piece in enumerate(ENGLISH.split(text))
        ),
    )


@register.simple_tag(takes_context=True)
def read(context: dict[str, Any], name: str, *args: Any) -> str:
    """The address of a page for readers; after a page in plain words it is one, too."""
    address = reverse(name, args=args)
    return f"{address}?klar=1" if context["request"].GET.get("klar") == "1" else address


@register.simple_tag(takes_context=True)
def here(context: dict[str, Any], **changes: Any) -> str:
    """This page's address with other values in its query; "" leaves one out."""
    query: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        query[name] = value
        if value == "":
            del query[name]
    path = context["request"].path
    return f"{path}?{query.urlencode()}" if query else path


@register.simple_tag
def breakable(address: str) -> SafeString:
    """A printed address that may break after its slashes and dots, and nowhere else first."""
    parts = re.split(r"(?<=[/.?&=_])(?=.)", address)
    return format_html_join("", "{}<wbr>", ((part,) for part in parts))


@register.filter
def region_names(place: Resource) -> str:
    """ "Berlin, Sachsen" or "bundesweit"."""
    names = [str(Region(code).label) for code in place.regions.split() if code in Region.values]
    return ", ".join(names) or _("bundesweit")
