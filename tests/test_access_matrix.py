"""Who may do what: every URL name × method × actor has a declared outcome, and another company's
words never appear in what an actor is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from checklists.models import (
    Answer,
    Assessment,
    CalendarFeed,
    Delegation,
    Edition,
    Measure,
    MeasureComment,
    Question,
    StepDecision,
    Thread,
)
from checklists.models.review import Review, Said, Writing
from portal.accounts.logo import Picture, rewritten
from portal.accounts.models import Company, ConsultantProfile, Engagement, Invitation
from reports.models import Share, Statement
from reports.sheets import name_of, sample_name, store
from tests.factories import (
    fill,
    make_engagement,
    make_meeting,
    make_member,
    make_report,
    make_round,
    make_user,
    picture,
)

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
CONSULTANT = (404, 404, 404, 200, 404, 404, 404, LOGIN)
LEAD_OF_ROUND = (200, 403, 404, 404, 404, 404, 404, LOGIN)
SHARED_REPORT = (200, 200, 200, 200, 404, 404, 404, LOGIN)
LEAD_OF_REPORT = (200, 403, 403, 403, 404, 404, 404, LOGIN)
COUNCIL = (403, 403, 200, 404, 404, 404, 404, LOGIN)
COUNCIL_OF_REPORT = (403, 403, 200, 403, 404, 404, 404, LOGIN)
MATRIX: dict[str, dict[str, tuple[int | str, ...]]] = {
    "start": {"GET": EVERYBODY},
    # What a trial's visitor reaches stands in tests/test_trial.py. None of these has the cookie.
    "trial": {"GET": (*(302,) * 7, 200), "POST": (302,) * 8},
    "answer_topic": {"GET": (*(302,) * 7, 200)},
    "trial_keep": {"GET": (*(302,) * 7, LOGIN), "POST": (*(302,) * 7, LOGIN)},
    "trial_discard": {"POST": (302,) * 8},
    "home": {"GET": (*(302,) * 7, LOGIN)},
    "companies": {"GET": LOGGED_IN},
    "company_create": {"GET": LOGGED_IN, "POST": (*(422,) * 7, LOGIN)},
    "company": {"GET": COMPANY},
    "latest": {"GET": (302, 302, 302, 404, 404, 404, 404, LOGIN)},
    "company_edit": {"GET": LEAD, "POST": (422, *LEAD[1:])},
    "company_logo": {"GET": COMPANY},
    "company_logo_put": {"GET": (302, *LEAD[1:]), "POST": (422, *LEAD[1:])},
    "company_logo_remove": {"POST": (302, *LEAD[1:])},
    "company_council": {"POST": (302, *LEAD[1:])},
    "first_steps_away": {"POST": (302, *LEAD[1:])},
    "members": {"GET": COMPANY},
    "authority_log": {"GET": (200, 403, *COMPANY[2:])},
    "membership_role": {"POST": (302, *LEAD[1:])},
    "membership_end": {"POST": (302, *LEAD[1:])},
    "membership_keep": {"POST": (302, *LEAD[1:])},
    "invitation_create": {"GET": (200, 403, *COMPANY[2:]), "POST": (422, 403, 422, *COMPANY[3:])},
    "invitation_renew": {"POST": (302, *LEAD[1:])},
    "invitation_withdraw": {"POST": (302, *LEAD[1:])},
    # The world's invitation is for an address that is none of theirs.
    "invitation": {"GET": (*(403,) * 7, 200), "POST": (*(403,) * 7, LOGIN)},
    "invitation_accept_own": {"POST": (*(404,) * 7, LOGIN)},
    "assessment_start": {"GET": (302, *LEAD[1:]), "POST": (302, *LEAD[1:])},
    "assessment": {"GET": ROUND},
    "assessment_topics": {"GET": LEAD_OF_ROUND, "POST": (422, *LEAD_OF_ROUND[1:])},
    "checklist": {"GET": ROUND},
    "answer": {"POST": (302, 302, 404, 404, 404, 404, 404, LOGIN)},
    "topic_state": {"GET": ROUND},
    "topic_mark": {"POST": (302, 302, *ROUND[2:])},
    "topic_confirm": {"POST": (302, 302, *ROUND[2:])},
    "comparison": {"GET": ROUND},
    "agenda": {"GET": ROUND},
    "meeting": {"GET": ROUND, "POST": (302, 302, *ROUND[2:])},
    "meeting_minute": {"POST": (302, 302, *ROUND[2:])},
    "meeting_add": {"POST": (302, 302, *ROUND[2:])},
    "minutes": {"GET": ROUND},
    "minutes_close": {"POST": (302, 302, *ROUND[2:])},
    "minutes_pdf": {"GET": ROUND, "POST": (302, 302, *ROUND[2:])},
    "round_xlsx": {"POST": ROUND},
    "plan_xlsx": {"POST": ROUND},
    "plan_csv": {"POST": ROUND},
    "question_part": {"GET": ROUND},
    "comment_create": {"POST": (302, 302, *ROUND[2:])},
    "comment_delete": {"POST": (200, 403, *ROUND[2:])},  # Anna's own
    "thread_resolve": {"POST": (302, 302, *ROUND[2:])},
    "delegate": {"GET": LEAD_OF_ROUND, "POST": (422, *LEAD_OF_ROUND[1:])},
    "delegation_end": {"POST": (302, *LEAD_OF_ROUND[1:])},
    "results": {"GET": ROUND},
    "assessment_close": {"POST": (302, *LEAD_OF_ROUND[1:])},
    "assessment_reopen": {"POST": (302, *LEAD_OF_ROUND[1:])},
    "reports": {"GET": COMPANY},
    "report_create": {"POST": (302, *LEAD_OF_ROUND[1:])},
    "report": {"GET": SHARED_REPORT},
    "report_progress": {"GET": SHARED_REPORT},
    "report_logo": {"GET": SHARED_REPORT},
    "report_pdf": {"GET": SHARED_REPORT},
    "report_retry": {"POST": (302, *LEAD_OF_REPORT[1:])},
    "report_new": {"GET": LEAD_OF_ROUND},
    "report_docx": {"GET": SHARED_REPORT},
    "report_xlsx": {"GET": SHARED_REPORT},
    "report_json": {"GET": SHARED_REPORT},
    "report_schema": {"GET": EVERYBODY},
    "report_cancel": {"POST": (302, *LEAD_OF_REPORT[1:])},
    "report_withdraw": {"GET": LEAD_OF_REPORT, "POST": (302, *LEAD_OF_REPORT[1:])},
    "report_verify": {"GET": EVERYBODY},  # whoever holds the paper; it says nothing of the report
    "shares": {"GET": LEAD_OF_REPORT},
    "share_council": {"POST": (302, *LEAD_OF_REPORT[1:])},
    "share_link": {"GET": (302, *LEAD_OF_REPORT[1:]), "POST": (422, *LEAD_OF_REPORT[1:])},
    # The world's share is the works council's: it sees it, and others do not.
    "share_withdraw": {"POST": (302, 404, 403, 404, 404, 404, 404, LOGIN)},
    "statement_edit": {"GET": COUNCIL_OF_REPORT, "POST": (403, 403, 422, *COUNCIL_OF_REPORT[3:])},
    "statement_release": {
        "GET": COUNCIL_OF_REPORT,
        "POST": (403, 403, 422, *COUNCIL_OF_REPORT[3:]),
    },
    "council_room": {"GET": COUNCIL},
    "council_visited": {"POST": (403, 403, 302, *COUNCIL[3:])},
    # Whoever holds the link, whoever they are; what it opens needs the cookie of having opened it.
    "shared": {"GET": EVERYBODY, "POST": (302,) * 8},
    "shared_report": {"GET": (404,) * 8},
    "shared_logo": {"GET": (404,) * 8},
    "shared_pdf": {"GET": (404,) * 8},
    "search": {"GET": EVERYBODY},
    "mail_settings": {"GET": LOGGED_IN, "POST": (*(302,) * 7, LOGIN)},
    "my_data": {"GET": LOGGED_IN},
    "my_data_file": {"GET": LOGGED_IN},
    # The password is asked for first.
    "account_delete": {"GET": LOGGED_IN, "POST": (*(302,) * 7, LOGIN)},
    "account_deleted": {"GET": EVERYBODY},
    "company_export": {"GET": LEAD, "POST": LEAD},
    "company_delete": {"GET": LEAD, "POST": (422, *LEAD[1:])},
    "company_keep": {"POST": (302, *LEAD[1:])},
    "imprint": {"GET": EVERYBODY},
    "privacy": {"GET": EVERYBODY},
    "responsibility": {"GET": EVERYBODY},
    "processing_contract": {"GET": EVERYBODY},
    "processing_contract_file": {"GET": EVERYBODY},
    "retention": {"GET": EVERYBODY},
    "accessibility": {"GET": EVERYBODY},
    "keyboard": {"GET": EVERYBODY},
    "mailbox": {"GET": (404,) * 8},
    "style": {"GET": (404,) * 8},  # demo and debug only
    "aids": {"GET": EVERYBODY},
    "aid": {"GET": EVERYBODY},
    "aid_sheet": {"GET": EVERYBODY},
    "sample_report": {"GET": EVERYBODY},
    "sample_report_pdf": {"GET": EVERYBODY},
    "question": {"GET": EVERYBODY},
    "steps": {"GET": EVERYBODY},
    "step": {"GET": EVERYBODY},
    "resources": {"GET": EVERYBODY},
    "glossary": {"GET": EVERYBODY},
    "healthz": {"GET": EVERYBODY},
    "readyz": {"GET": EVERYBODY},
    "engagements": {"GET": COMPANY},
    "engagement_create": {"POST": (422, *LEAD[1:])},
    "engagement_edit": {"GET": LEAD, "POST": (422, *LEAD[1:])},
    "engagement_end": {"POST": (302, *LEAD[1:])},
    "engagement_accept": {"POST": (404, 404, 404, 302, 404, 404, 404, LOGIN)},
    "engagement_leave": {"POST": (404, 404, 404, 302, 404, 404, 404, LOGIN)},
    "consultant_room": {"GET": LOGGED_IN},
    "consultant_profile": {"GET": LOGGED_IN, "POST": (*(422,) * 7, LOGIN)},
    "client": {"GET": CONSULTANT},
    "client_visited": {"POST": (404, 404, 404, 302, 404, 404, 404, LOGIN)},
    "client_round": {"GET": CONSULTANT},
    "review_edit": {"GET": CONSULTANT, "POST": (404, 404, 404, 409, 404, 404, 404, LOGIN)},
    "review_release": {
        "GET": CONSULTANT,
        "POST": (404, 404, 404, 302, 404, 404, 404, LOGIN),
    },
    "reviews": {"GET": ROUND},
    "step_decide": {"GET": ROUND, "POST": (422, *LEAD_OF_ROUND[1:])},
    "plan": {"GET": ROUND},
    "measure_create": {"GET": ROUND, "POST": (422, 422, *ROUND[2:])},
    # The world's measure is the lead's own: another member reads it, and may talk about it.
    "measure": {"GET": ROUND},
    "measure_edit": {"GET": LEAD_OF_ROUND, "POST": (422, *LEAD_OF_ROUND[1:])},
    "measure_move": {"POST": (302, *LEAD_OF_ROUND[1:])},
    "measure_undo": {"POST": (302, *LEAD_OF_ROUND[1:])},
    "measure_comment": {"POST": (302, 302, *ROUND[2:])},
    "measure_effect": {"POST": (302, *LEAD_OF_ROUND[1:])},
    "measure_entry": {"GET": ROUND},
    "calendar_address": {"GET": ROUND, "POST": ROUND},
    "calendar_revoke": {"POST": (302, 302, *ROUND[2:])},
    "calendar_feed": {"GET": EVERYBODY},  # whoever holds the address; it is Anna's
    "client_plan": {"GET": CONSULTANT},
}
# allauth and the admin guard their pages themselves; they hold nothing of a company.
FOREIGN = ("account_", "mfa_", "usersessions_", "admin:")
PUBLIC = {
    "aid": "E03",
    "aid_sheet": "E03",
    "answer_topic": "E03",
    "question": "E03-04",
    "step": "orientierung-leitung",
}
POSTED = {
    "answer": {"version": "0", "antwort": "ja"},
    "comment_create": {"text": "Wer weiß das?"},
    "delegate": {"bis": "2001-01-01"},
    "topic_mark": {"vermerk": "review"},
    "meeting": {"was": "E03"},
    "meeting_minute": {"version": "2", "text": "Ben fragt nach."},
    "meeting_add": {"titel": "Noch etwas"},
    "minutes_close": {"held_on": "2026-11-20", "participants": "Anna"},
    "measure_move": {"was": "beginnen", "version": "1"},
    "measure_comment": {"text": "Wer hilft mit?"},
    "measure_effect": {"helped": "ja", "why": "Weniger Fehler."},
    "company_council": {"works_council": "no"},
    "membership_role": {"role": "lead"},
}


def url_names(resolver: URLResolver | None = None, space: str = "") -> set[str]:
    names = set()
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            names.add(f"{space}{entry.name}")
        else:
            inner = f"{entry.namespace}:" if entry.namespace else ""
            names |= url_names(entry, space + inner)
    return names


@pytest.fixture
def world(cast, assessment) -> SimpleNamespace:
    """Anna's company with a report, and Emil's with a canary in every text field."""
    cast.company.put_logo(rewritten(picture()))
    cast.other.put_logo(Picture(picture().read() + CANARY.encode(), "png"))
    ours = SimpleNamespace(company=cast.company, assessment=assessment)
    ours.report = make_report(assessment, cast.anna)
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
    for side, lead in ((ours, cast.anna), (theirs, cast.emil)):
        who = "Ines" if side is ours else CANARY
        said = "Das kläre ich." if side is ours else f"{CANARY} fragen"
        question = Question.objects.get(aid__code="E03", number=4)
        side.comment = Thread.say(side.assessment, question, said, by=lead)
        Delegation.hand_over(side.assessment, question.aid, [lead], due=None, by=lead)
        side.delegation = side.assessment.delegations.get()
        side.meeting = make_meeting(side.assessment, said)
        side.membership = make_member(side.company, make_user(who))
        side.invitation, side.token = Invitation.issue(
            side.company, email=f"neu-{who}@betrieb.example", role="member", by=lead, message=who
        )
        if side is ours:
            side.engagement = cast.engagement
            draft = Writing(said, {"E03": Said("agrees", said, said, said)})
            Review.write(side.assessment, draft, by=cast.dora, seen=Writing().digest)
        else:
            adviser = make_user("Jule")
            side.engagement = make_engagement(side.company, adviser)
            Engagement.objects.filter(pk=side.engagement.pk).update(message=f"Vom {CANARY}")
            ConsultantProfile.objects.filter(user=adviser).update(organisation=f"{CANARY} & Co")
            writing = Writing(said, {"E03": Said("differs", said, said, said)})
            Review.release(side.assessment, writing, by=adviser, seen=Writing().digest)
        side.measure = plan_something(side.company, side.assessment, said, lead)
        side.calendar = CalendarFeed.renew(lead, side.company)
        side.share = Share.with_works_council(side.report, by=lead)
        side.link, side.link_token = Share.by_link(
            side.report, by=lead, purpose=f"Für {who}", expires_at=timezone.now() + timedelta(9)
        )
        seat = cast.clara if side is ours else cast.emil
        for version, kind in enumerate(("agreed", "objects")):  # released, and a draft after it
            Statement.write(
                side.report,
                by=seat,
                version=version,
                kind=kind,
                dated=timezone.localdate(),
                text=said,
                release=version == 0,
            )
    store(name_of(Edition.current().checksum, "E03"), b"%PDF-1.7 E03")
    store(sample_name(), b"%PDF-1.7 sample")
    type(cast.emil).objects.filter(pk=cast.emil.pk).update(name=f"{CANARY} Emil")
    return SimpleNamespace(cast=cast, ours=ours, theirs=theirs)


def plan_something(company: Company, assessment: Assessment, said: str, lead) -> Measure:
    """A measure with words in every field, and a decision about a step."""
    question = Question.objects.get(aid__code="E03", number=2)
    StepDecision.decline(company, question.step, said, assessment=assessment, by=lead)
    words = dict.fromkeys(("title", "direction", "way", "done_when", "team", "effort"), said)
    due = timezone.localdate() + timedelta(9)
    measure = Measure.plan(
        company, by=lead, gaps=[question], responsible=lead, assigned=True, due_on=due, **words
    )
    measure.checks.create(months=3, due_on=due, helped="teils", why=said, answered_on=due)
    MeasureComment.say(measure, said, by=lead)
    return measure


# Which objects an address names, for all names that need any.
ARGUMENTS: dict[str, Callable[[SimpleNamespace], list[Any]]] = {
    **dict.fromkeys(
        [
            "company",
            "company_edit",
            "company_logo",
            "company_logo_put",
            "company_logo_remove",
            "company_council",
            "first_steps_away",
            "members",
            "authority_log",
            "invitation_create",
            "assessment_start",
            "comparison",
            "plan_xlsx",
            "plan_csv",
            "reports",
            "council_room",
            "council_visited",
            "company_export",
            "company_delete",
            "company_keep",
            "engagements",
            "engagement_create",
            "plan",
            "measure_create",
            "calendar_address",
            "calendar_revoke",
        ],
        lambda it: [it.company.pk],
    ),
    "latest": lambda it: [it.company.pk, "ergebnis"],
    **dict.fromkeys(
        ["membership_role", "membership_end", "membership_keep"],
        lambda it: [it.membership.pk],
    ),
    **dict.fromkeys(
        ["invitation_renew", "invitation_withdraw", "invitation_accept_own"],
        lambda it: [it.invitation.pk],
    ),
    "invitation": lambda it: [it.token],
    **dict.fromkeys(
        [
            "assessment",
            "assessment_topics",
            "agenda",
            "meeting",
            "round_xlsx",
            "results",
            "assessment_close",
            "assessment_reopen",
            "report_create",
            "report_new",
            "reviews",
        ],
        lambda it: [it.assessment.pk],
    ),
    **dict.fromkeys(
        ["checklist", "topic_state", "topic_mark", "topic_confirm", "delegate"],
        lambda it: [it.assessment.pk, "E03"],
    ),
    **dict.fromkeys(
        ["answer", "question_part", "comment_create", "thread_resolve"],
        lambda it: [it.assessment.pk, "E03-04"],
    ),
    "meeting_minute": lambda it: [it.meeting.items.first().pk],
    **dict.fromkeys(
        ["meeting_add", "minutes", "minutes_close", "minutes_pdf"],
        lambda it: [it.meeting.pk],
    ),
    "comment_delete": lambda it: [it.assessment.pk, "E03-04", it.comment.pk],
    "delegation_end": lambda it: [it.delegation.pk],
    **dict.fromkeys(
        [
            "report",
            "report_progress",
            "report_logo",
            "report_pdf",
            "report_retry",
            "report_docx",
            "report_xlsx",
            "report_json",
            "report_cancel",
            "report_withdraw",
            "shares",
            "share_council",
            "share_link",
            "statement_edit",
            "statement_release",
        ],
        lambda it: [it.report.pk],
    ),
    "report_verify": lambda it: [it.report.token],
    "share_withdraw": lambda it: [it.share.pk],
    "shared": lambda it: [it.link_token],
    **dict.fromkeys(
        ["shared_report", "shared_logo", "shared_pdf"],
        lambda it: [it.link.pk],
    ),
    **dict.fromkeys(
        [
            "engagement_edit",
            "engagement_end",
            "engagement_accept",
            "engagement_leave",
            "client",
            "client_visited",
            "client_plan",
        ],
        lambda it: [it.engagement.pk],
    ),
    **dict.fromkeys(
        ["client_round", "review_edit", "review_release"],
        lambda it: [it.engagement.pk, it.assessment.number],
    ),
    "step_decide": lambda it: [it.assessment.pk, _step_key()],
    **dict.fromkeys(
        [
            "measure",
            "measure_edit",
            "measure_move",
            "measure_undo",
            "measure_comment",
            "measure_entry",
        ],
        lambda it: [it.measure.pk],
    ),
    "measure_effect": lambda it: [it.measure.pk, 3],
    "calendar_feed": lambda it: [it.calendar],
    **{name: lambda it, said=said: [said] for name, said in PUBLIC.items()},  # type: ignore[misc]
}


def _step_key() -> str:
    return Question.objects.get(aid__code="E03", number=2).step.key


def address(name: str, objects: SimpleNamespace) -> str:
    """The page about these objects."""
    return reverse(name, args=ARGUMENTS.get(name, lambda it: [])(objects))


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


def dealt(name: str, rows: list[Any]) -> pytest.MarkDecorator:
    """The rows in a dozen hands: making the world takes longer than asking it."""
    hands = [rows[place::12] for place in range(12)]
    return pytest.mark.parametrize(name, hands, ids=[f"hand{place}" for place in range(12)])


@dealt("rows", [(name, method) for name, row in MATRIX.items() for method in row])
def test_outcome_is_the_declared_one(world, rows):
    for name, method in rows:
        for actor, expected in zip(ACTORS, MATRIX[name][method], strict=True):
            response = ask(name, method, world.ours, actor, world)
            assert (name, method, actor, outcome(response)) == (name, method, actor, expected)
            if actor != "emil":
                assert CANARY.encode() not in body(response), (name, method, actor)


@dealt(
    "rows",
    [
        (name, method)
        for name, row in MATRIX.items()
        for method, outcomes in row.items()
        if outcomes[4] == 404 and outcomes[7] == LOGIN
    ],
)
def test_another_companys_objects_do_not_exist(world, rows):
    for name, method in rows:
        for actor in ACTORS:
            if actor == "emil":
                continue
            response = ask(name, method, world.theirs, actor, world)
            expected = LOGIN if actor == "anonymous" else 404
            assert (name, method, actor, outcome(response)) == (name, method, actor, expected)
            assert CANARY.encode() not in body(response), (name, method, actor)


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


def test_no_unsafe_route_without_csrf_token(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.cast.anna)
    tokenless = {"trial"}  # asks the browser where the press came from: tests/test_trial.py
    for name in (name for name, row in MATRIX.items() if "POST" in row and name not in tokenless):
        response = client.post(address(name, world.ours), POSTED.get(name, {}))
        assert (name, response.status_code) == (name, 403)


def test_verbs_are_not_done_by_get(world):
    client = client_of("anna", world)
    for name in (name for name, row in MATRIX.items() if "POST" in row and "GET" not in row):
        assert (name, client.get(address(name, world.ours)).status_code) == (name, 405)


@dealt("names", [name for name, row in MATRIX.items() if "GET" in row])
def test_a_get_writes_nothing(world, names):
    client = client_of("anna", world)
    for name in names:
        with CaptureQueriesContext(connection) as queries:
            client.get(address(name, world.ours))
        written = [
            query["sql"]
            for query in queries
            if query["sql"].split(" ", 1)[0] in {"INSERT", "UPDATE", "DELETE"}
            and not re.search("django_session|portal_cache", query["sql"])
        ]
        assert not written, (name, written)


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
