"""The JSON Schema of a report's content, made from its dataclasses: what cannot be in it cannot be
in the schema either. `docs/bericht-schema.json` is this, and a test holds them together."""

from __future__ import annotations

import dataclasses
import types
from datetime import date
from typing import Any, Union, get_args, get_origin, get_type_hints

from reports.content import SCHEMA, Content
from reports.kinds import Kind

PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    type(None): {"type": "null"},
}


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of what this release freezes."""
    known: dict[str, dict[str, Any]] = {}
    root = _object(Content, known)
    root["properties"]["schema"] = {"const": SCHEMA}
    root["properties"]["kind"] = {"enum": list(Kind.values)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Gegenstrom: Inhalt eines Berichts",
        **root,
        "$defs": dict(sorted(known.items())),
    }


def _object(kind: Any, known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    return {
        "type": "object",
        "description": (kind.__doc__ or "").split("\n")[0],
        "properties": {name: _type(hints[name], known) for name in names},
        "required": names,
        "additionalProperties": False,
    }


def _type(kind: Any, known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if kind in PLAIN:
        return PLAIN[kind]
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _type(get_args(kind)[0], known)}
    if get_origin(kind) in {Union, types.UnionType}:
        return {"anyOf": [_type(each, known) for each in get_args(kind)]}
    if kind.__name__ not in known:
        known[kind.__name__] = {}  # named before it is described: it may contain itself
        known[kind.__name__] = _object(kind, known)
    return {"$ref": f"#/$defs/{kind.__name__}"}
