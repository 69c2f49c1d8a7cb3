"""A table as CSV for other tools: UTF-8 with BOM, semicolons, German days and numbers.

A CSV knows no types: what could be read as a formula gets an apostrophe in front, which
spreadsheets take for "text follows"."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from io import StringIO

from reports.export.tables import Cell, Table, risky

TYPE = "text/csv; charset=utf-8"


def text_of(table: Table) -> bytes:
    made = StringIO(newline="")
    writer = csv.writer(made, delimiter=";", lineterminator="\r\n")
    writer.writerow(table.titles)
    for cells in table.cells():
        writer.writerow([_plain(cell) for cell in cells])
    return made.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}"
    if isinstance(cell, Decimal):
        return f"{cell:.2f}".replace(".", ",")
    said = str(cell)
    safe = f"'{said}" if risky(said) else said
    return safe.replace("\x00", "")
