"""Recommended steps beside what was decided about them."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import QuerySet
from django.utils import timezone

from checklists.models import Step, StepDecision
from checklists.next_steps import NextStep, next_steps
from checklists.plan import StepState, step_states
from checklists.sheet import Sheet
from portal.accounts.models import Company


def with_states(steps: list[NextStep], company: Company) -> list[NextStep]:
    """The same steps, each with what the firm decided about it: two queries for all."""
    states = step_states(company)
    return [replace(step, state=states.get(step.step.pk, StepState())) for step in steps]


def recommended(sheet: Sheet, step: Step) -> NextStep | None:
    """The step in its place among those that the sheet calls for; None where no Nein does."""
    found = (each for each in next_steps(sheet) if each.step.key == step.key)
    return next(found, None)


def waiting_steps(company: Company) -> QuerySet[StepDecision]:
    """Steps that were put off and are to be looked at again by now, the oldest first."""
    due = StepDecision.objects.current().filter(
        company=company, kind="later", look_again_on__lte=timezone.localdate()
    )
    return due.select_related("step").order_by("look_again_on")
