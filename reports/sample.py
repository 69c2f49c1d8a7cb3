"""The sample report that everybody may read: the made-up firm's finished round, frozen once in
sample.json. It stands in no database, and what it says does not change with the catalogue."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from reports.content import Content, from_json

FILE = Path(__file__).with_name("sample.json")


@cache
def sample() -> Content:
    return from_json(json.loads(FILE.read_text(encoding="utf-8")))
