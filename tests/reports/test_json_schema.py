"""The report's content as JSON, its published schema, and as tables."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from openpyxl import load_workbook

from reports.content import build, to_json
from reports.kinds import Kind, Options
from reports.models import Report
from reports.schema import schema
from tests.factories import fill, make_measure, make_report
from tests.pdf import sample
from tests.pdf.sample import of_kind

PUBLISHED = settings.BASE_DIR / "docs" / "bericht-schema.json"
TYPES = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
    "object": dict,
    "array": list,
}


def faults(data: Any, rule: dict[str, Any], root: dict[str, Any], at: str = "$") -> list[str]:
    """Where the data breaks the schema: the few words of JSON Schema that ours uses."""
    if "$ref" in rule:
        return faults(data, root["$defs"][rule["$ref"].rpartition("/")[2]], root, at)
    if "anyOf" in rule:
        tried = [faults(data, each, root, at) for each in rule["anyOf"]]
        return [] if [] in tried else [f"{at}: none of the kinds"]
    if "const" in rule or "enum" in rule:
        return [] if data in rule.get("enum", [rule.get("const")]) else [f"{at}: {data!r}"]
    if type(data) is not TYPES[rule["type"]]:
        return [f"{at}: {data!r} is no {rule['type']}"]
    if rule["type"] == "object":
        return faults_of_object(data, rule, root, at)
    if rule["type"] == "array" and isinstance(data, list):
        found: list[str] = []
        for place, one in enumerate(data):
            found += faults(one, rule["items"], root, f"{at}[{place}]")
        return found
    if rule.get("format") == "date":
        date.fromisoformat(data)
    return []


def faults_of_object(
    data: dict[str, Any], rule: dict[str, Any], root: dict[str, Any], at: str
) -> list[str]:
    odd = [f"{at}.{name}: unknown" for name in data.keys() - rule["properties"].keys()]
    odd += [f"{at}.{name}: missing" for name in set(rule["required"]) - data.keys()]
    for name in data.keys() & rule["properties"].keys():
        odd += faults(data[name], rule["properties"][name], root, f"{at}.{name}")
    return odd


def test_the_published_schema_is_that_of_this_release():
    made = json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"
    assert PUBLISHED.read_text("utf-8") == made, "manage.py report_schema writes it anew"


def test_it_is_served_to_everybody(client, db):
    assert client.get(reverse("report_schema")).json() == schema()


@pytest.mark.parametrize("kind", Kind.values)
def test_every_kind_fits_the_schema(kind):
    assert faults(to_json(of_kind(kind)), schema(), schema()) == []


def test_a_real_report_with_a_plan_fits(cast, assessment):
    make_measure(cast.company, due_on=date(2027, 1, 2))
    make_report(assessment, cast.anna)
    fill(assessment, {"E03-03": "nein"})
    report = Report.freeze(assessment, Options(with_reviews=True), by=cast.anna)
    assert report.frozen.since
    assert report.frozen.plan
    assert faults(report.content, schema(), schema()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "letter"},
        {"schema": 2},
        {"made_on": 5},
        {"firm": None},
        {"stranger": 1},
        {"topics": {}},
        {"since": {"number": 1}},
    ],
)
def test_what_does_not_fit_is_found(change):
    assert faults({**to_json(sample.normal()), **change}, schema(), schema())


def test_the_file_is_what_the_checksum_is_of(cast, assessment, login):
    report = make_report(assessment, cast.anna)
    response = login(cast.anna).get(reverse("report_json", args=[report.pk]))
    assert hashlib.sha256(response.content).hexdigest() == report.checksum
    assert response.json() == report.content


def test_tables_hold_text_and_no_formula(cast, assessment, login):
    for evil in ("=1+1", "+49", "-x", "@SUM(A1)", "\tx"):
        make_measure(cast.company, evil, done_when=evil)
    fill(assessment, {"E03-03": "nein"}, notes={"E03-03": "=cmd|' /C calc'!A0"})
    report = make_report(assessment, cast.anna)
    data = login(cast.anna).get(reverse("report_xlsx", args=[report.pk])).content
    book = load_workbook(BytesIO(data))
    assert book.sheetnames == ["Antworten", "Schritte", "Maßnahmen"]
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert "=cmd|' /C calc'!A0" in {cell.value for cell in cells}
    assert len(list(book["Antworten"].rows)) == 1 + build(assessment).tally.total
