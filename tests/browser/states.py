"""Companies in states that the world of the access matrix is not in: nothing there yet, and late in
their life. Each looks like that world, with the same cast."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from django.utils import timezone

from checklists.agenda import topic_points
from checklists.models import Assessment, DecisionAid, EffectCheck, Measure, Meeting
from checklists.sheet import topic_of
from reports.models import Report, Share, Statement
from tests.factories import make_report, make_round


def founded(cast: SimpleNamespace) -> SimpleNamespace:
    """A company of today: people, and no round."""
    ours = SimpleNamespace(company=cast.company, engagement=cast.engagement)
    ours.membership = cast.company.memberships.get(user=cast.ben)
    return SimpleNamespace(cast=cast, ours=ours)


def begun(cast: SimpleNamespace) -> SimpleNamespace:
    """The same with all topics to answer, and no answer."""
    made = founded(cast)
    made.ours.assessment = make_round(cast.company)
    return made


def late(world: SimpleNamespace) -> SimpleNamespace:
    """The world a while later: the first round closed and the second begun with its answers, a
    meeting on its way, measures in every state, a report failed, one withdrawn, and the company
    about to be deleted."""
    cast, ours = world.cast, world.ours
    lead, today = cast.anna, timezone.localdate()
    withdrawn = make_report(ours.assessment, lead)
    Share.with_works_council(withdrawn, by=lead)
    withdrawn.withdraw(by=lead, why="Falsche Fassung")
    ours.assessment.close()
    ours.assessment = Assessment.start(
        cast.company, DecisionAid.objects.filter(code__in=("E03", "E05")), carry=True
    )
    ours.meeting = Meeting.begin(ours.assessment, topic_points(topic_of(ours.assessment, "E03")))
    ours.report = Report.freeze(ours.assessment, by=lead)
    Share.with_works_council(ours.report, by=lead)
    words = {"kind": "objects", "dated": today, "text": "Noch nicht."}
    Statement.write(ours.report, by=cast.clara, version=0, release=False, **words)
    for _try in range(3):
        ours.report.claim()
        ours.report.give_back("MemoryError")
    EffectCheck.objects.update(helped="", why="", answered_on=None, due_on=today)
    planned(world, "Begonnen").start(version=1, by=lead)
    planned(world, "Verschoben").put_off(today + timedelta(40), version=1, by=lead)
    planned(world, "Abgelehnt").decline("Wir sind zu zweit.", version=1, by=lead)
    ours.measure = planned(world, "Erledigt")
    ours.measure.finish(version=1, by=lead)
    cast.company.ask_deletion(by=lead)
    return world


def planned(world: SimpleNamespace, title: str) -> Measure:
    lead = world.cast.anna
    return Measure.plan(world.cast.company, by=lead, responsible=lead, title=title)
