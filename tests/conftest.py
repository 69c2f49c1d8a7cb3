"""What all tests share: the loaded catalogue and the cast."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.test import Client

from checklists import fixtures
from checklists.asked import asked_by
from checklists.models import Edition
from checklists.reading import library_of
from portal.accounts.models import Role, User
from reports import sheets
from tests.factories import (
    fill,
    make_company,
    make_engagement,
    make_member,
    make_round,
    make_user,
)

FIXTURES = settings.BASE_DIR / "fixtures"
CATALOGUE = {
    model._meta.db_table: model
    for model in apps.get_app_config("checklists").get_models(include_auto_created=True)
}


@pytest.fixture(autouse=True)
def _quick_and_clean(settings, tmp_path, monkeypatch) -> Iterator[None]:
    """Cheap password hashes, files in a folder of the test's own, no paper set by housekeeping, no
    catalogue kept from a test whose transaction was rolled back."""
    monkeypatch.setattr(sheets, "complete", lambda edition: True)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mailbox"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "files")},
        },
    }
    settings.PRESENCE_DIR = tmp_path / "presence"
    settings.CACHES = {
        **settings.CACHES,
        "presence": {**settings.CACHES["presence"], "LOCATION": settings.PRESENCE_DIR},
    }
    asked_by.cache_clear()
    library_of.cache_clear()
    yield
    asked_by.cache_clear()
    library_of.cache_clear()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """The real catalogue and the cache table are there before the first test."""
    with django_db_blocker.unblock():
        call_command("createcachetable")
        fixtures.load(fixtures.read(FIXTURES))
        with connection.cursor() as cursor:
            for table in CATALOGUE:
                cursor.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")


@pytest.fixture
def catalogue(transactional_db) -> None:
    """The catalogue for a test that commits: such tests find the tables flushed."""
    cache.clear()  # what the test before has spent of a limit
    _copy_back()


@pytest.fixture(autouse=True)
def _catalogue_again(request: pytest.FixtureRequest) -> None:
    """A test that commits nothing may come after one that did, where workers share out the tests:
    then it copies the catalogue back for itself."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None and "db" not in request.fixturenames:
        return
    if "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction")):
        return
    request.getfixturevalue("db")
    _copy_back()


def _copy_back() -> None:
    """The loaded catalogue, in a hundredth of the time."""
    if Edition.objects.exists():  # no test before this one has committed
        return
    with transaction.atomic(), connection.cursor() as cursor:
        for table, model in CATALOGUE.items():
            cursor.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")
            for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
                cursor.execute(statement)


@pytest.fixture
def cast(db) -> SimpleNamespace:
    """Anna's company with everybody in it, Emil's company beside it."""
    names = ("Anna", "Ben", "Clara", "Dora", "Emil", "Frida", "Hanna")
    anna, ben, clara, dora, emil, frida, hanna = (make_user(name) for name in names)
    company = make_company(anna)
    make_member(company, ben)
    make_member(company, clara, Role.WORKS_COUNCIL)
    make_member(company, frida, left=True)
    engagement = make_engagement(company, dora)
    make_engagement(company, hanna, ended=True)
    other = make_company(emil, "Bäckerei Korn")
    return SimpleNamespace(
        anna=anna,
        ben=ben,
        clara=clara,
        dora=dora,
        emil=emil,
        frida=frida,
        hanna=hanna,
        engagement=engagement,
        company=company,
        other=other,
    )


@pytest.fixture
def assessment(cast):
    """Anna's open round with E03 and E05, some of it answered."""
    opened = make_round(cast.company, "E03", "E05")
    fill(
        opened,
        {"E03-01": "ja", "E03-02": "nein", "E05-01": "weissnicht", "E05-08": "entfaellt"},
        notes={"E03-02": "Termin mit der Kammer vereinbaren."},
    )
    return opened


@pytest.fixture
def login(client):
    """Log the test client in as somebody: login(user)."""

    def _login(user: User) -> Client:
        client.force_login(user)
        return client

    return _login
