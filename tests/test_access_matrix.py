"""Who may do what: every URL name × method × actor has a declared outcome, and another company's
words never appear in what an actor is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from checklists.models import Answer, Assessment, Edition
from portal.accounts.models import Company
from reports.models import Report, Share
from reports.sheets import name_of, store
from tests.factories import fill, make_round, make_user

ACTORS = ["anna", "ben", "clara", "dora", "emil", "frida", "hanna", "anonymous"]
LOGIN = "login"  # redirected to the login page
CANARY = "Kanarienvogel"

# One row: method, expected outcome for lead, member, works council, consultant with a live
# engagement, lead of another company, former member, consultant whose engagement ended, anonymous.
# A number is a status; a redirect is 302.
EVERYBODY = (200,) * 8
LOGGED_IN = (*(200,) * 7, LOGIN)
COMPANY = (200, 200, 200, 404, 404, 404, 404, LOGIN)
ROUND = (200, 200, 404, 404, 404, 404, 404, LOGIN)
LEAD = (200, 403, 403, 404, 404, 404, 404, LOGIN)
LEAD_OF_ROUND = (200, 403, 404, 404, 404, 404, 404, LOGIN)
SHARED_REPORT = (200, 200, 200, 200, 404, 404, 404, LOGIN)
MATRIX: dict[str, dict[str, tuple[int | str, ...]]] = {
    "start": {"GET": EVERYBODY},
    "home": {"GET": (*(302,) * 7, LOGIN)},
    "companies": {"GET": LOGGED_IN},
    "company_create": {"GET": LOGGED_IN, "POST": (*(422,) * 7, LOGIN)},
    "company": {"GET": COMPANY},
    "company_edit": {"GET": LEAD, "POST": (422, *LEAD[1:])},
    "assessment_start": {"GET": (302, *LEAD[1:]), "POST": (302, *LEAD[1:])},
    "assessment": {"GET": ROUND},
    "assessment_topics": {"GET": LEAD_OF_ROUND, "POST": (422, *LEAD_OF_ROUND[1:])},
    "checklist": {"GET": ROUND},
    "answer": {"POST": (302, 302, 404, 404, 404, 404, 404, LOGIN)},
    "results": {"GET": ROUND},
    "assessment_close": {"POST": (302, *LEAD_OF_ROUND[1:])},
    "assessment_reopen": {"POST": (302, *LEAD_OF_ROUND[1:])},
    "reports": {"GET": COMPANY},
    "report_create": {"POST": (302, *LEAD_OF_ROUND[1:])},
    "report": {"GET": SHARED_REPORT},
    "report_progress": {"GET": SHARED_REPORT},
    "report_pdf": {"GET": SHARED_REPORT},
    "report_retry": {"POST": (302, 403, 403, 403, 404, 404, 404, LOGIN)},
    "mailbox": {"GET": (404,) * 8},
    "aids": {"GET": EVERYBODY},
    "aid": {"GET": EVERYBODY},
    "aid_sheet": {"GET": EVERYBODY},
    "question": {"GET": EVERYBODY},
    "steps": {"GET": EVERYBODY},
    "step": {"GET": EVERYBODY},
    "resources": {"GET": EVERYBODY},
    "glossary": {"GET": EVERYBODY},
    "healthz": {"GET": EVERYBODY},
    "readyz": {"GET": EVERYBODY},
}
# allauth and the admin guard their pages themselves; they hold nothing of a company.
FOREIGN = ("account_", "mfa_", "usersessions_", "admin:")
PUBLIC = {"aid": "E03", "aid_sheet": "E03", "question": "E03-04", "step": "orientierung-leitung"}
POSTED = {"answer": {"version": "0", "antwort": "ja"}}


def url_names(resolver: URLResolver | None = None, space: str = "") -> set[str]:
    names = set()
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            names.add(f"{space}{entry.name}")
        else:
            inner = f"{entry.namespace}:" if entry.namespace else ""
            names |= url_names(entry, space + inner)
    return names


def make_report(assessment: Assessment, by) -> Report:
    report = Report.freeze(assessment, by=by)
    report.claim()
    report.finish(b"%PDF-1.7 " + report.company.name.encode(), pages=1)
    report.refresh_from_db()
    return report


@pytest.fixture
def world(cast, assessment) -> SimpleNamespace:
    """Anna's company with a report, and Emil's with a canary in every text field."""
    ours = SimpleNamespace(company=cast.company, assessment=assessment)
    ours.report = make_report(assessment, cast.anna)
    Share.with_works_council(ours.report, by=cast.anna)
    Company.objects.filter(pk=cast.other.pk).update(name=f"{CANARY} GmbH", trade=f"{CANARY}bau")
    cast.other.refresh_from_db()
    theirs = SimpleNamespace(company=cast.other, assessment=make_round(cast.other, "E03", "E05"))
    fill(
        theirs.assessment,
        {"E03-02": "nein", "E05-01": "ja"},
        notes={"E03-02": f"{CANARY} im Schacht", "E05-01": f"{CANARY} im Keller"},
    )
    Answer.objects.filter(assessment=theirs.assessment, value="ja").update(
        value="entfaellt", reason=f"Nur ein {CANARY}"
    )
    theirs.report = make_report(theirs.assessment, cast.emil)
    store(name_of(Edition.current().checksum, "E03"), b"%PDF-1.7 E03")
    type(cast.emil).objects.filter(pk=cast.emil.pk).update(name=f"{CANARY} Emil")
    return SimpleNamespace(cast=cast, ours=ours, theirs=theirs)


def address(name: str, objects: SimpleNamespace) -> str:
    if name in {"company", "company_edit", "assessment_start", "reports"}:
        return reverse(name, args=[objects.company.pk])
    if name in PUBLIC:
        return reverse(name, args=[PUBLIC[name]])
    if name == "checklist":
        return reverse(name, args=[objects.assessment.pk, "E03"])
    if name == "answer":
        return reverse(name, args=[objects.assessment.pk, "E03-04"])
    if name.startswith("assessment") or name in {"results", "report_create"}:
        return reverse(name, args=[objects.assessment.pk])
    if name.startswith("report"):
        return reverse(name, args=[objects.report.pk])
    return reverse(name)


def client_of(actor: str, world: SimpleNamespace) -> Client:
    client = Client()
    if actor != "anonymous":
        client.force_login(getattr(world.cast, actor))
    return client


def outcome(response) -> int | str:
    if response.status_code == 302 and "/konto/login/" in response.headers["Location"]:
        return LOGIN
    return response.status_code


def body(response) -> bytes:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content + str(response.headers).encode()


def test_every_url_has_a_row():
    missing = {name for name in url_names() if not name.startswith(FOREIGN)} - MATRIX.keys()
    assert not missing, f"Say in the matrix who may use: {missing}"
    assert not MATRIX.keys() - url_names()


def ask(name: str, method: str, objects: SimpleNamespace, actor: str, world: SimpleNamespace):
    """One actor's request; whatever it changes is undone."""
    client = client_of(actor, world)
    with rolled_back():
        url = address(name, objects)
        return client.get(url) if method == "GET" else client.post(url, POSTED.get(name, {}))


@contextmanager
def rolled_back() -> Iterator[None]:
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


@pytest.mark.parametrize(
    ("name", "method"), [(name, method) for name, row in MATRIX.items() for method in row]
)
def test_outcome_is_the_declared_one(world, name, method):
    for actor, expected in zip(ACTORS, MATRIX[name][method], strict=True):
        response = ask(name, method, world.ours, actor, world)
        assert (actor, outcome(response)) == (actor, expected)
        if actor != "emil":
            assert CANARY.encode() not in body(response), actor


@pytest.mark.parametrize(
    ("name", "method"),
    [
        (name, method)
        for name, row in MATRIX.items()
        for method, outcomes in row.items()
        if outcomes[4] == 404 and name != "mailbox"
    ],
)
def test_another_companys_objects_do_not_exist(world, name, method):
    for actor in ACTORS:
        if actor != "emil":
            response = ask(name, method, world.theirs, actor, world)
            expected = LOGIN if actor == "anonymous" else 404
            assert (actor, outcome(response)) == (actor, expected)
            assert CANARY.encode() not in body(response), actor


def test_a_post_of_a_stranger_changes_nothing(world):
    before = list(Answer.objects.order_by("pk").values())
    client = client_of("anna", world)
    for name, row in MATRIX.items():
        if "POST" in row and row["POST"][4] == 404:
            client.post(address(name, world.theirs), POSTED.get(name, {}))
    assert list(Answer.objects.order_by("pk").values()) == before
    assert Assessment.objects.get(pk=world.theirs.assessment.pk).is_open
    assert world.theirs.company.reports.count() == 1


@pytest.mark.parametrize("number", ["0", "99999999", "9" * 40])
@pytest.mark.parametrize("path", ["betriebe/{}/", "durchgaenge/{}/", "berichte/{}/"])
def test_made_up_numbers_are_not_found(world, path, number):
    assert client_of("anna", world).get("/" + path.format(number)).status_code == 404


@pytest.mark.parametrize("name", [name for name, row in MATRIX.items() if "POST" in row])
def test_no_unsafe_route_without_csrf_token(world, name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.cast.anna)
    response = client.post(address(name, world.ours), POSTED.get(name, {}))
    assert response.status_code == 403


@pytest.mark.parametrize(
    "name", [name for name, row in MATRIX.items() if "POST" in row and "GET" not in row]
)
def test_verbs_are_not_done_by_get(world, name):
    assert client_of("anna", world).get(address(name, world.ours)).status_code == 405


@pytest.mark.parametrize("name", [name for name, row in MATRIX.items() if "GET" in row])
def test_a_get_writes_nothing(world, name):
    client = client_of("anna", world)
    with CaptureQueriesContext(connection) as queries:
        client.get(address(name, world.ours))
    written = [
        query["sql"]
        for query in queries
        if query["sql"].split(" ", 1)[0] in {"INSERT", "UPDATE", "DELETE"}
        and "django_session" not in query["sql"]
    ]
    assert written == []


def test_ended_membership_takes_effect_at_the_next_request(world):
    client = client_of("ben", world)
    url = address("checklist", world.ours)
    assert client.get(url).status_code == 200
    world.cast.company.memberships.filter(user=world.cast.ben).update(left_at="2026-01-01T00:00Z")
    assert client.get(url).status_code == 404


def test_role_and_company_never_come_from_a_form(world):
    """Every field of the authority tables is thrown at every form; nothing of it sticks."""
    from portal.accounts.models import Membership

    smuggled = {
        "role": "lead",
        "user": world.cast.dora.pk,
        "company": world.theirs.company.pk,
        "is_staff": "on",
        "is_superuser": "on",
        "memberships": "1",
        "left_at": "",
        "assessment": world.theirs.assessment.pk,
        "made_by": world.cast.emil.pk,
    }
    before = list(Membership.objects.order_by("pk").values())
    client = client_of("ben", world)
    for name, row in MATRIX.items():
        if "POST" in row and name != "company_create":
            client.post(address(name, world.ours), {**POSTED.get(name, {}), **smuggled})
    assert list(Membership.objects.order_by("pk").values()) == before
    world.cast.ben.refresh_from_db()
    assert not world.cast.ben.is_staff


def test_founding_makes_only_oneself_lead_and_only_there(world):
    newcomer = make_user("Gerd")
    client = Client()
    client.force_login(newcomer)
    client.post(
        reverse("company_create"),
        {"name": "Café Gerd", "user": world.cast.anna.pk, "company": world.ours.company.pk},
    )
    founded = Company.objects.get(name="Café Gerd")
    assert [(m.user, m.role) for m in founded.memberships.all()] == [(newcomer, "lead")]
    assert not world.ours.company.memberships.filter(user=newcomer).exists()
