"""A report for printers without colours: each of our colours as the grey that still tells it apart.

What a mark means never hangs on its colour, so black and two greys are enough. Grounds become white
and frames: a light ground comes out of a printer as dots."""

from __future__ import annotations

import re

BLACK, DARK, MIDDLE, WHITE = "#000000", "#333333", "#6E6E6E", "#FFFFFF"
FRAME = f'fill="{WHITE}" stroke="{MIDDLE}" stroke-width="0.3" stroke-dasharray="1.4 1"'
GREYS = {
    "#1B2220": BLACK,  # ink
    "#4A5551": "#4A4A4A",  # muted
    "#7F7869": MIDDLE,  # edge
    "#B9B1A1": "#999999",  # hairline
    "#0B5A5E": DARK,  # acting, Ja
    "#A33A18": BLACK,  # gap, Nein
    "#7A5000": DARK,  # wait, weiß nicht
    "#DFECEA": WHITE,
    "#FAEED0": WHITE,
}
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\b")
PAINT = re.compile(r'\b(fill|stroke)="(#[0-9A-Fa-f]{6})"')
TINT = "#DFECEA"  # where a picture's ground says "here"


def grey(colour: str) -> str:
    """The grey of a colour "#RRGGBB": as we chose it, else as bright as the eye sees the colour."""
    chosen = GREYS.get(colour.upper())
    if chosen:
        return chosen
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + f"{round(0.299 * red + 0.587 * green + 0.114 * blue):02X}" * 3


def all_grey(source: str) -> str:
    """A stylesheet or drawing of ours with every colour in grey."""
    return COLOUR.sub(lambda match: grey(match[0]), source)


def pictures_grey(markup: str) -> str:
    """A page with its inline pictures in grey. What people typed has no quotation marks here, so
    it cannot look like an attribute."""

    def painted(match: re.Match[str]) -> str:
        if match[1] == "fill" and match[2] == TINT:
            return FRAME
        return f'{match[1]}="{grey(match[2])}"'

    return PAINT.sub(painted, markup)
