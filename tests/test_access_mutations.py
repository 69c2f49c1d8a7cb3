"""The access matrix guards each filter: take any one of them out, and the matrix sees it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from tests.test_access_matrix import ACTORS, LOGIN, MATRIX, ask, outcome, world

__all__ = ["world"]

pytestmark = pytest.mark.sweep

OWN = ("accounts", "checklists", "reports")


def filters() -> list[tuple[type[models.QuerySet], str]]:
    """Every QuerySet method of ours that narrows rows to a user's own."""
    found = []
    for label in OWN:
        for model in apps.get_app_config(label).get_models():
            rows = type(model._default_manager.all())
            for name, method in vars(rows).items():
                if inspect.isfunction(method) and "user" in inspect.signature(method).parameters:
                    found.append((rows, name))
    return sorted(set(found), key=str)


def surprises(world) -> Iterator[str]:
    """Where an actor gets something else than the matrix declares."""
    for name, row in MATRIX.items():
        for method, expected in row.items():
            if expected[ACTORS.index("emil")] != 404 or name == "mailbox":
                continue  # not about a company's objects
            for actor, declared in zip(ACTORS, expected, strict=True):
                if outcome(ask(name, method, world.ours, actor, world)) != declared:
                    yield f"{method} {name} as {actor}"
            for actor in ("anna", "dora"):
                if outcome(ask(name, method, world.theirs, actor, world)) not in {404, LOGIN}:
                    yield f"{method} {name} of another company as {actor}"


def test_the_matrix_is_quiet_with_all_filters_in_place(world):
    assert not list(surprises(world))


@pytest.mark.parametrize(
    ("rows", "name"), filters(), ids=lambda each: getattr(each, "__name__", each)
)
def test_a_filter_taken_out_is_seen(world, monkeypatch, rows, name):
    monkeypatch.setattr(rows, name, lambda self, user, *args, **options: self)
    try:
        seen = next(surprises(world), None)
    except Exception as error:  # noqa: BLE001 - too many rows break a page: that is seen, too
        seen = repr(error)
    assert seen, f"{rows.__name__}.{name} can be taken out and no row of the matrix notices"
