"""The access matrix guards each filter: take any one of them out, and the matrix sees it."""

from __future__ import annotations

import gc
import inspect
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from portal.accounts.prepared import Prepared
from tests.test_access_matrix import ACTORS, LOGIN, MATRIX, ask, outcome, world

__all__ = ["world"]

pytestmark = pytest.mark.sweep

# Behind another getter that the matrix does see, or no matter of access at all.
SECOND = {
    "StepDecisionQuerySet._in_role": "decisions are read with a round or plan that was let through",
    "StepDecisionQuerySet.editable_by": "the same",
    "StepDecisionQuerySet.visible_to": "the same",
    "ReviewQuerySet.written_by": "a consultant reaches a client's round through the engagement",
    "EngagementQuerySet.offered_to": "accepting asks for the address again, under a lock",
    "CompanyQuerySet.led_by_nobody_but": "who may not leave, not who may see",
}
OWN = ("accounts", "checklists", "reports")


@pytest.fixture(autouse=True)
def _write_statements_anew() -> Iterator[None]:
    """Prepared statements keep the SQL of the filters they were written with."""
    _forget_statements()
    yield
    _forget_statements()


def _forget_statements() -> None:
    for thing in gc.get_objects():
        if type(thing) is Prepared:
            for kept in ("_query", "_written"):
                thing.__dict__.pop(kept, None)


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
    filter_ = f"{rows.__name__}.{name}"
    if filter_ in SECOND:
        assert not seen, f"The matrix sees {filter_} by now: take it off the list"
    else:
        assert seen, f"{filter_} can be taken out and no row of the matrix notices"
