"""The demo firm's plan: something done and looked at again, something begun, something late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone

from checklists.models import (
    Assessment,
    EffectCheck,
    Measure,
    MeasureComment,
    MeasureEvent,
    StepDecision,
)
from checklists.next_steps import NextStep, next_steps
from checklists.plan_access import questions_by_key
from checklists.sheet import Sheet
from portal.accounts.models import Company, User


def decide(running: Assessment, lead: User, member: User) -> None:
    """Take steps of the running round into the plan, and two not."""
    today = timezone.localdate()
    steps = iter(next_steps(Sheet.of(running)))
    _done(running, steps, lead)
    begun = _take(
        running,
        steps,
        lead,
        days_ago=25,
        start=-20,
        due=14,
        responsible=member,
        direction="Nicht alles auf einmal. Was der Werkstatt am meisten hilft, kommt zuerst.",
        way="Zuerst die Abkantpresse, dann der Laser. Freitags eine Stunde.",
    )
    begun.start(version=1, by=member)
    MeasureComment.say(
        begun, "Die Presse steht auf der Liste, beim Laser fehlt noch der Preis.", by=member
    )
    _take(running, steps, lead, days_ago=40, start=-30, due=-3)
    _take(running, steps, lead, days_ago=10, start=12, due=70, responsible=member)
    resting = _take(running, steps, lead, days_ago=50, start=-10, due=30)
    resting.put_off(today + timedelta(days=75), version=1, by=lead)
    _own_ideas(running.company, lead, member)
    if step := next(steps, None):
        again = today + timedelta(days=90)
        StepDecision.put_off(running.company, step.step, again, assessment=running, by=lead)
    if step := next(steps, None):
        reason = "Im Winter ist für alle schon ein Lehrgang gebucht."
        StepDecision.decline(running.company, step.step, reason, assessment=running, by=lead)


def _done(running: Assessment, steps: Iterator[NextStep], lead: User) -> None:
    """A measure that was finished a good three months ago, and has helped in part."""
    done = _take(
        running,
        steps,
        lead,
        days_ago=104,
        start=-100,
        due=-85,
        direction="Erst wissen, was wir auf Papier machen. Dann entscheiden, was sich lohnt.",
        way="Angebot, Einkauf und Fertigung je an einem Auftrag durchgegangen.",
    )
    done.finish(version=1, by=lead)
    day = timezone.localdate() - timedelta(days=95)
    Measure.objects.filter(pk=done.pk).update(done_on=day)
    MeasureEvent.objects.filter(measure=done, what="finished").update(on=day)
    done.refresh_from_db()
    EffectCheck.schedule(done)
    said = "Die Angebote gehen schneller hinaus, der Einkauf noch nicht."
    done.checks.get(months=3).answer("teils", said, by=lead)


def _own_ideas(company: Company, lead: User, member: User) -> None:
    today = timezone.localdate()
    Measure.plan(
        company,
        by=lead,
        title="Einarbeitung an der Abkantpresse filmen",
        responsible=member,
        assigned=True,
        direction="Zwei Gesellen gehen in Rente. Ihr Wissen soll bleiben.",
        team="Herr Krause, Azubis",
        way="Zehn kurze Filme mit dem Handy, jeden Dienstag einer.",
        priority=Measure.Priority.HIGH,
        affects_staff=Measure.Said.YES,
        budget=Measure.Said.YES,
        budget_amount=400,
        starts_on=today + timedelta(days=20),
        due_on=today + timedelta(days=110),
    )
    Measure.plan(
        company,
        by=lead,
        title="Regal für Prüfmittel beschriften",
        responsible_role="Meister Werkstatt",
        effort="ein Vormittag",
        affects_staff=Measure.Said.NO,
        due_on=today + timedelta(days=6),
    )
    app = Measure.plan(company, by=lead, title="Eigene App für Stundenzettel")
    app.decline("Die Zeiterfassung kann das ab Frühjahr ohnehin.", version=1, by=lead)


def _take(
    running: Assessment,
    steps: Iterator[NextStep],
    lead: User,
    *,
    days_ago: int,
    start: int,
    due: int,
    **said: Any,
) -> Measure:
    """The next step, taken some days ago; start and due in days from today."""
    step = next(steps)
    measure = Measure.take(
        running.company,
        step.step,
        by=lead,
        assessment=running,
        gaps=questions_by_key(running, step.closes),
    )
    today = timezone.localdate()
    then = today - timedelta(days=days_ago)
    Measure.objects.filter(pk=measure.pk).update(
        created_on=then,
        due_set_on=then,
        starts_on=today + timedelta(days=start),
        due_on=today + timedelta(days=due),
        **said,
    )
    MeasureEvent.objects.filter(measure=measure).update(on=then)
    measure.refresh_from_db()
    return measure
