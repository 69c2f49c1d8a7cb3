"""Whatever people write stays text: payloads in every field that somebody can fill, then every page
of every role in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone
from playwright.sync_api import Browser, Page

from checklists.models import Measure, Review
from checklists.models.review import Said, Writing
from portal.accounts.models import ConsultantProfile, Engagement
from reports.models import Report
from tests.browser.every_page import every_page
from tests.browser.examine import script
from tests.browser.test_every_page import DESK, visit
from tests.test_access_matrix import world

__all__ = ["world"]

MARK = "Zeisig"  # stands before each payload, so that it is found again
PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "</textarea></title></style><svg/onload=alert(3)>",
    "{{7*7}}{% now 'Y' %}{#",
    "javascript:alert(4)//",
    "'\" onfocus=alert(5) onmouseover=alert(6) x='",
    "\N{RIGHT-TO-LEFT OVERRIDE}txt.exe\N{POP DIRECTIONAL FORMATTING}",
    "https://elsewhere.example/<b>",
]
# Which fields people fill, by model; and those that hold something of ours: codes, sums, versions.
WRITTEN = {
    "accounts.Company": "name trade",
    "accounts.User": "name",
    "accounts.ConsultantProfile": "organisation",
    "accounts.Engagement": "message",
    "accounts.Invitation": "message",
    "accounts.AuthorityEvent": "detail",
    "checklists.Answer": "reason note",
    "checklists.StepDecision": "reason",
    "checklists.Measure": "title direction way done_when responsible_role team effort reason",
    "checklists.MeasureComment": "text",
    "checklists.EffectCheck": "why",
    "checklists.Meeting": "participants",
    "checklists.MeetingItem": "title text",
    "checklists.Review": "signature summary",
    "checklists.ReviewTopic": "recommendation good_practice next_step",
    "checklists.Comment": "text",
    "reports.Report": "withdrawn_why failure",
    "reports.Share": "purpose",
    "reports.Statement": "text",
}
OURS = {
    "accounts.Company": "trial_token_hash",
    "accounts.User": "password muted_mails",
    "accounts.ConsultantProfile": "network regions topics",
    "accounts.Invitation": "token_hash",
    "accounts.DeletionReceipt": "number company_name",  # shown to no company any more
    "checklists.Answer": "wording_hash",
    "checklists.SentReminder": "occasion",
    "checklists.CalendarFeed": "token_hash",
    "checklists.MeetingItem": "before after",
    "reports.Report": "checksum pdf_checksum release token_hash",
    "reports.Share": "token_hash password",
}
CATALOGUE = ("Resource", "AddressCheck", "Edition", "Step", "DecisionAid", "Section", "Question",
             "Wording", "Term")  # fmt: skip
LOOK = script("hostile.js")


def texts_of(model: type[models.Model]) -> dict[str, models.Field]:
    return {
        field.name: field
        for field in model._meta.concrete_fields
        if isinstance(field, (models.CharField, models.TextField))
        and not isinstance(field, models.EmailField)
        and not field.choices
    }


def companies_models() -> Iterator[type[models.Model]]:
    for label in ("accounts", "checklists", "reports"):
        for model in apps.get_app_config(label).get_models():
            if model.__name__ not in CATALOGUE:
                yield model


def test_every_field_of_text_is_written_or_ours():
    for model in companies_models():
        label = model._meta.label
        known = {*WRITTEN.get(label, "").split(), *OURS.get(label, "").split()}
        assert texts_of(model).keys() == known, label


def payload(length: int, turn: int) -> str:
    """As many payloads as fit, another one first at each turn."""
    text = ""
    for place in range(len(PAYLOADS)):
        more = f"{MARK}{PAYLOADS[(turn + place) % len(PAYLOADS)]} "
        text += more if len(text) + len(more) <= length else ""
    return text.strip()


def poison(turn: int) -> None:
    """Every text that somebody wrote becomes a payload; what is empty stays so."""
    for model in companies_models():
        for name in WRITTEN.get(model._meta.label, "").split():
            length = texts_of(model)[name].max_length or 400
            rows = model._default_manager.exclude(**{name: ""})
            assert rows.exists(), f"nothing in {model._meta.label}.{name}"
            rows.update(**{name: payload(length, turn)})


def fill_what_is_empty(world: SimpleNamespace) -> None:
    """Something in every field of WRITTEN, where the world has nothing."""
    cast, ours = world.cast, world.ours
    said: Any = {"title": "Neu", "responsible_role": "Meisterin", "responsible": None}
    Measure.plan(cast.company, by=cast.anna, **said)
    measure = Measure.plan(cast.company, by=cast.anna, responsible=cast.anna, title="Nicht")
    measure.decline("Wir sind zu zweit.", version=1, by=cast.anna)
    writing = Writing("Gut.", {"E03": Said("differs", "Gut.", "Gut.", "Gut.")})
    draft = Review.newest(ours.assessment, cast.dora)
    assert draft
    Review.release(ours.assessment, writing, by=cast.dora, seen=draft.writing.digest)
    Engagement.objects.update(message="Bitte.")
    ConsultantProfile.objects.update(organisation="Am Fluss")
    withdrawn = Report.freeze(ours.assessment, by=cast.anna)
    withdrawn.withdraw(by=cast.anna, why="Falsch")
    Report.objects.filter(pk=withdrawn.pk).update(failure="Zu viel")
    ours.measure.checks.filter(months=6).update(due_on=timezone.localdate() - timedelta(1))


@pytest.mark.sweep
@pytest.mark.parametrize("turn", [0, 2, 5])
def test_a_payload_in_every_field_fires_nowhere(browser: Browser, origin, world, turn):
    """No dialog, no refusal of the policy in the console, no request to elsewhere (all of that by
    visit()); no element of a payload; and where its mark stands, it stands as written."""
    fill_what_is_empty(world)
    poison(turn)
    fresh = Report.freeze(world.ours.assessment, by=world.cast.anna)
    Report.objects.filter(pk=world.ours.report.pk).update(content=fresh.content)
    wrong, marked = [], 0
    for page, shown in visit(browser, origin, world, every_page(world), **DESK):
        found = look(page)
        marked += found["marked"]
        wrong += [(str(shown), each) for each in found["wrong"]]
    assert marked >= 30
    assert not wrong, "\n".join(map(str, wrong))


def look(page: Page) -> dict[str, Any]:
    for field in page.locator("main :is(input, textarea):visible").all()[:3]:
        field.focus()
    return page.evaluate(LOOK, {"mark": MARK, "payloads": PAYLOADS})
