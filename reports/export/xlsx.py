"""Tables as an Excel workbook, one sheet each. Every text is typed as text: nothing that somebody
wrote becomes a formula or a link, neither when the file is opened nor when a cell is edited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter

from reports.export.tables import Cell, Table, risky

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Where a name cannot be shown in a German Excel, the reader's own settings decide.
DAY, EURO = "dd.mm.yyyy", '#,##0.00\\ "€"'
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def workbook(tables: Sequence[Table]) -> bytes:
    """The tables as .xlsx: frozen head, filters, widths that fit."""
    made = BytesIO()
    with xlsxwriter.Workbook(made, {**OPTIONS, "in_memory": True}) as book:
        styles = _Styles(book)
        for table in tables:
            _write(book.add_worksheet(table.name), table, styles)
    return made.getvalue()


class _Styles:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        top = {"valign": "top"}
        self.head = book.add_format({"bold": True, "bottom": 2, "valign": "bottom"})
        self.day = book.add_format({**top, "num_format": DAY})
        self.euro = book.add_format({**top, "num_format": EURO})
        self.number = book.add_format(top)
        # A quote prefix keeps Excel from reading the text anew when somebody edits the cell.
        self._texts = {
            (wrap, quoted): book.add_format(
                {**top, "num_format": "@", "text_wrap": wrap, "quote_prefix": quoted}
            )
            for wrap in (False, True)
            for quoted in (False, True)
        }

    def text(self, text: str, wrap: bool) -> Any:
        return self._texts[wrap, risky(text)]


def _write(page: Any, table: Table, styles: _Styles) -> None:
    for place, column in enumerate(table.columns):
        page.set_column(place, place, column.width)
        page.write_string(0, place, column.title, styles.head)
    for number, cells in enumerate(table.cells(), 1):
        for place, cell in enumerate(cells):
            _cell(page, number, place, cell, styles, wrap=table.columns[place].wrap)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(len(table.rows), 1), len(table.columns) - 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _cell(page: Any, row: int, place: int, cell: Cell, styles: _Styles, *, wrap: bool) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, date):
        page.write_datetime(row, place, cell, styles.day)
    elif isinstance(cell, Decimal):
        page.write_number(row, place, cell, styles.euro)
    elif isinstance(cell, int):
        page.write_number(row, place, cell, styles.number)
    else:
        page.write_string(row, place, cell, styles.text(cell, wrap))
