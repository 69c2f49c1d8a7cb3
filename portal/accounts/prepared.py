"""Statements whose SQL is written once per process, for what runs at every click.

Turning filters into SQL takes Django longer than PostgreSQL takes to answer. `@prepared` has an
ordinary queryset written once, with a slot for each argument, and later only fills the slots. So
the rules stay where they are: `editable_by` works with a slot as it does with a user."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from inspect import signature
from typing import Any, Generic, ParamSpec, cast

from django.db import connection
from django.db.models import Expression, QuerySet
from django.db.models.sql import UpdateQuery
from django.db.transaction import TransactionManagementError

P = ParamSpec("P")


class Slot(Expression):
    """The place of an argument."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


class Update:
    """What `rows.update(**values)` would send."""

    def __init__(self, rows: QuerySet[Any, Any], **values: Any) -> None:
        self.query = cast("UpdateQuery", rows.query.chain(UpdateQuery))
        self.query.add_update_values(values)


class Prepared(Generic[P]):
    """A function that builds a queryset or an Update, to be called with values through one of the
    verbs below. It is called once, with slots: it may hand them to filters and must not look into
    them. Among the values, a model instance stands for its key."""

    def __init__(self, build: Callable[P, QuerySet[Any, Any] | Update]) -> None:
        self._build: Callable[..., QuerySet[Any, Any] | Update] = build
        self._names = tuple(signature(build).parameters)

    def objects(self, *args: P.args, **kwargs: P.kwargs) -> list[Any]:
        """What is found, as instances of the model."""
        params = self._fill(*args, **kwargs)
        return list(self._query.model._base_manager.raw(self._written[0], params))

    def rows(self, *args: P.args, **kwargs: P.kwargs) -> list[tuple[Any, ...]]:
        """What is found, as the driver gives it: for text and numbers, which need no conversion."""
        params = self._fill(*args, **kwargs)
        with connection.cursor() as cursor:
            cursor.execute(self._written[0], params)
            return list(cursor.fetchall())

    def update(self, *args: P.args, **kwargs: P.kwargs) -> int:
        """Sends an Update: the number of rows it changed."""
        params = self._fill(*args, **kwargs)
        with connection.cursor() as cursor:
            cursor.execute(self._written[0], params)
            return int(cursor.rowcount)

    @cached_property
    def _query(self) -> Any:
        return self._build(*map(Slot, self._names)).query

    @cached_property
    def _written(self) -> tuple[str, tuple[Any, ...]]:
        sql, params = self._query.sql_with_params()
        return sql, params

    def _fill(self, *args: P.args, **kwargs: P.kwargs) -> list[Any]:
        """The statement's parameters, with the values in their slots."""
        values = dict(zip(self._names, args, strict=False)) | kwargs
        # Django checks this while it writes the SQL, so for us only at the first call.
        if self._query.select_for_update and connection.get_autocommit():
            raise TransactionManagementError("A row can only be locked in a transaction.")
        return [
            getattr(values[param.name], "pk", values[param.name])
            if isinstance(param, Slot)
            else param
            for param in self._written[1]
        ]


def prepared(build: Callable[P, QuerySet[Any, Any] | Update]) -> Prepared[P]:
    return Prepared(build)
