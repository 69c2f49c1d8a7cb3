"""Long lists in pages that cost the same wherever one is: each says where the next one begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

Row = TypeVar("Row", bound=Model)

SIZE = 50


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows of one page. `begins` is the key they come after, "" on the first page; `next` the one
    the following page comes after, None on the last."""

    rows: list[Row]
    begins: str
    next: int | None

    @classmethod
    def of(cls, rows: QuerySet[Row], request: HttpRequest, name: str) -> Page[Row]:
        """`rows` are ordered by their key, up or down. `name` is what the address calls the key of
        the row before the page; one that is no number means the first page."""
        begins = request.GET.get(name, "")
        if not (begins.isascii() and begins.isdigit()):
            begins = ""
        if begins:
            falling = str(rows.query.order_by[0] if rows.query.order_by else "-pk").startswith("-")
            key: dict[str, Any] = {"pk__lt" if falling else "pk__gt": int(begins)}
            rows = rows.filter(**key)
        found = list(rows[: SIZE + 1])
        return cls(found[:SIZE], begins, found[SIZE - 1].pk if len(found) > SIZE else None)
