"""Dataclasses as plain data for a JSON column, and back."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime
from typing import Any, cast, get_args, get_origin, get_type_hints


def encode(record: Any) -> dict[str, Any]:
    """Plain data. Dates become ISO 8601."""
    plain = json.dumps(dataclasses.asdict(record), default=_encode_date, ensure_ascii=False)
    return cast("dict[str, Any]", json.loads(plain))


def _encode_date(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong into a report")


def decode(kind: Any, data: Any) -> Any:
    """What `encode` was given; what the data lacks has its default."""
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(
            **{
                field.name: decode(hints[field.name], data[field.name])
                for field in dataclasses.fields(kind)
                if field.name in data or field.default is dataclasses.MISSING
            }
        )
    if get_origin(kind) is tuple:
        return tuple(decode(get_args(kind)[0], item) for item in data)
    for each in (kind, *get_args(kind)) if data is not None else ():  # one of these, or None
        if each is date:
            return date.fromisoformat(data)
        if dataclasses.is_dataclass(each):
            return decode(each, data)
    return data
