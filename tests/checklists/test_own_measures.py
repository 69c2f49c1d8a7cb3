"""What a member plans is theirs: to carry and to change, not to hand to others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from checklists.models import Measure, Question, StepDecision
from tests.checklists.test_plan_views import page, said

UNASKED = ("responsible", "responsible_role", "affects_staff")


@pytest.fixture
def ben(login, cast):
    return login(cast.ben)


@pytest.fixture
def own(cast) -> Measure:
    """Ben's idea, carried by Anna since."""
    measure = Measure.plan(
        cast.company, by=cast.ben, title="Werkzeug ordnen", responsible=cast.ben, assigned=True
    )
    measure.hand_to(cast.anna, version=1, by=cast.anna)
    return measure


@pytest.fixture
def taken(cast, assessment) -> Measure:
    """From a step, handed to Ben."""
    step = Question.objects.get(aid__code="E03", number=2).step
    measure = Measure.take(cast.company, step, by=cast.anna, assessment=assessment)
    measure.hand_to(cast.ben, version=1, by=cast.anna)
    return measure


def press(client, measure: Measure, was: str, **more) -> int:
    measure.refresh_from_db()
    sent = {"was": was, "version": measure.version, **more}
    return client.post(reverse("measure_move", args=[measure.pk]), sent).status_code


def test_a_member_plans_a_measure_and_carries_it(ben, cast, assessment):
    url = reverse("measure_create", args=[cast.company.pk])
    assert url in page(ben, "plan", cast.company.pk)
    html = ben.get(url).content.decode()
    assert "Verantwortlich sind Sie." in html
    assert not [name for name in UNASKED if f'name="{name}"' in html]
    ben.post(url, said(way="Samstag früh."))
    measure = Measure.objects.get()
    assert (measure.responsible, measure.assigned, measure.way) == (cast.ben, True, "Samstag früh.")
    assert (measure.step, measure.status) == (None, "open")
    assert "von Ben" in page(ben, "measure", measure.pk)


def test_what_is_smuggled_into_the_form_is_not_asked(ben, cast, own):
    smuggled = {
        "responsible": cast.clara.pk, "responsible_id": cast.clara.pk,
        "responsible_role": "Meister", "assigned": "", "affects_staff": "no",
        "company": cast.other.pk, "company_id": cast.other.pk, "status": "done", "step": "1",
        "done_on": "2026-01-01", "taken_over_from": cast.emil.pk, "created_on": "2020-01-01",
    }  # fmt: skip
    ben.post(reverse("measure_create", args=[cast.company.pk]), said() | smuggled)
    ben.post(reverse("measure_edit", args=[own.pk]), said(own, title="Werkzeug") | smuggled)
    made = Measure.objects.exclude(pk=own.pk).get()
    own.refresh_from_db()
    assert (own.title, own.responsible, own.version) == ("Werkzeug", cast.anna, 3)
    assert made.responsible == cast.ben
    for each in (made, own):
        assert (each.company, each.status, each.responsible_role) == (cast.company, "open", "")
        assert (each.step, each.taken_over_from, each.affects_staff) == (None, None, "")
        assert each.created_on == timezone.localdate()


def test_whoever_planned_it_goes_on_with_it_and_others_do_not(ben, cast, own):
    assert press(ben, own, "beginnen") == 302
    assert 'value="erledigt"' in page(ben, "plan", cast.company.pk)
    Measure.objects.filter(pk=own.pk).update(company=cast.other)
    assert press(ben, own, "erledigt") == 404
    theirs = Measure.plan(cast.company, by=cast.anna, title="Annas Idee")
    assert press(ben, theirs, "beginnen") == 403
    assert ben.get(reverse("measure_edit", args=[theirs.pk])).status_code == 403


def test_who_has_left_changes_their_idea_no_more(ben, cast, own):
    cast.company.memberships.get(user=cast.ben).end(by=cast.anna)
    assert press(ben, own, "beginnen") == 404
    assert not Measure.objects.editable_by(cast.ben).exists()


def test_a_lead_changes_all_of_it(login, cast, own):
    client = login(cast.anna)
    sent = said(own, title="Werkzeug und Lager", responsible=cast.ben.pk)
    assert client.post(reverse("measure_edit", args=[own.pk]), sent).status_code == 302
    own.refresh_from_db()
    assert (own.title, own.responsible) == ("Werkzeug und Lager", cast.ben)


def test_whether_a_step_is_for_the_firm_stays_the_leads_to_say(ben, login, cast, taken):
    assert "entscheidet die Leitung" in page(ben, "measure", taken.pk)
    assert press(ben, taken, "nicht", grund="Keine Lust.") == 403
    assert not StepDecision.objects.exists()
    day = timezone.localdate() + timedelta(days=9)
    assert press(ben, taken, "spaeter", wieder=day.isoformat()) == 302
    assert press(login(cast.anna), taken, "nicht", grund="Zu teuer.") == 302
    assert press(login(cast.ben), taken, "zurueck") == 403
    assert "Wieder öffnen" not in page(ben, "measure", taken.pk)
    assert StepDecision.objects.current().exists()


def test_an_idea_of_ones_own_may_be_dropped(ben, own):
    assert press(ben, own, "nicht", grund="Hat sich erledigt.") == 302
    assert press(ben, own, "zurueck") == 302


def test_a_member_takes_back_their_own_changes_only(ben, login, cast, own):
    undo = reverse("measure_undo", args=[own.pk])
    assert ben.post(undo, {"version": own.version}).status_code == 403
    press(ben, own, "beginnen")
    assert login(cast.ben).post(undo, {"version": 3}).status_code == 302
    own.refresh_from_db()
    assert (own.status, own.responsible) == ("open", cast.anna)
