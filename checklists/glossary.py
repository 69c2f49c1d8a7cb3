"""The words a page explains: found in its texts, each where it is used first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from checklists.models import Term

SHORT = 4  # up to this many letters a word is matched as written: "KMU" is not "kmu"


class Glossary:
    """All words with their other forms, ready to be looked for."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self.terms = tuple(terms)
        forms = {
            form.strip(): term
            for term in self.terms
            for form in (*term.variants.split("|"), term.word)
            if form.strip()
        }
        self._by_form = {_folded(form): term for form, term in forms.items()}
        # The longest first, so that "Cloud-Dienst" is not found as "Cloud".
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        either = "|".join(_pattern(form) for form in longest_first)
        self._pattern = re.compile(rf"(?<![\w-])(?:{either})(?![\w-])") if either else None

    def on_page(self) -> PageWords:
        return PageWords(self)

    def find(self, text: str) -> Iterator[tuple[int, int, Term]]:
        """Each whole word that is explained, as (start, end, term)."""
        if self._pattern is None:
            return
        for match in self._pattern.finditer(text):
            yield match.start(), match.end(), self._by_form[_folded(match[0])]


class PageWords:
    """The words of one page: each is explained once, at its first use."""

    def __init__(self, glossary: Glossary) -> None:
        self._glossary = glossary
        self._explained: set[str] = set()

    def split(self, text: str) -> Iterator[tuple[str, Term | None]]:
        """The text in pieces; a piece with a term is the word to be explained here."""
        done = 0
        for start, end, term in self._glossary.find(text):
            if term.key in self._explained:
                continue
            self._explained.add(term.key)
            if start > done:
                yield text[done:start], None
            yield text[start:end], term
            done = end
        if done < len(text):
            yield text[done:], None


def _pattern(form: str) -> str:
    """A form, with its first letter also large or small (start of a sentence) and any white space
    between its words."""
    first, rest = form[0], form[1:]
    if len(form) > SHORT and first.isalpha():
        start = f"[{first.upper()}{first.lower()}]"
    else:
        start = re.escape(first)
    return start + r"\s+".join(re.escape(part) for part in re.split(r"\s+", rest))


def _folded(form: str) -> str:
    return " ".join(form.split()).casefold()
