"""The faces of our PDFs, and which letters are in which of their files."""

from __future__ import annotations

from collections.abc import Iterator

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


def stack(family: str) -> str:
    """A family with its further Latin letters, then the font that knows most other scripts."""
    return f'"{family}","{family}{MORE}","DejaVu Sans",sans-serif'


def rules(scheme: str) -> Iterator[str]:
    """The @font-face rules; `scheme` is how a stylesheet names our files."""
    for letters, more, span in (("latin", "", LATIN), ("latin-ext", MORE, LATIN_EXT)):
        for family, stem, weight, style in FACES:
            source = f"{scheme}vendor/fonts/pdf/{stem}-{letters}-{weight}-{style}.woff2"
            yield (
                f'@font-face{{font-family:"{family}{more}";src:url("{source}");font-weight:{weight};'
                f"font-style:{style};unicode-range:{span}}}"
            )
