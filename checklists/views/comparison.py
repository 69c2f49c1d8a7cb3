"""Round against round, and all rounds beside each other."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from checklists.access import assessments_of
from checklists.comparison import compare, through_rounds, with_measures
from checklists.forms import ComparisonForm
from checklists.models import Assessment
from checklists.plan_access import company_with_plan, measures_of
from checklists.sheet import Sheet
from portal.accounts.access import role_in
from portal.accounts.models import Company
from portal.accounts.requests import UserRequest

MOST = 10  # rounds in one table


@require_GET
def comparison(request: UserRequest, pk: int) -> HttpResponse:
    """What moved between two rounds; with "alle" the counts of up to ten."""
    company = company_with_plan(request.user, pk)
    rounds = list(assessments_of(request.user, company))
    context = {
        "company": company,
        "role": role_in(request.user, company),
        "rounds": rounds,
        "nav": "results",
    }
    if len(rounds) > 1 and "alle" in request.GET:
        return _all(request, rounds[:MOST][::-1], context)
    return _two(request, company, rounds, context)


def _two(
    request: UserRequest,
    company: Company,
    rounds: list[Assessment],
    context: dict[str, object],
) -> HttpResponse:
    if pair := ComparisonForm(request.GET, rounds).pair():
        then, now = Sheet.of_many(pair)
        found = with_measures(compare(then, now), measures_of(request.user, company))
        chosen = [("von", pair[0].number), ("mit", pair[1].number)]
        context |= {"comparison": found, "chosen": chosen}
    return render(request, "comparison/comparison.html", context)


def _all(
    request: UserRequest, rounds: list[Assessment], context: dict[str, object]
) -> HttpResponse:
    context |= {"shown": rounds, "rows": through_rounds(Sheet.of_many(rounds))}
    return render(request, "comparison/rounds.html", context)
