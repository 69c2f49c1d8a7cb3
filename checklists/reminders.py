"""Mails that keep a plan alive: before, on and after a due day, when a look at the effect or a
step put off comes up, and a weekly digest.

Each goes out once per person and occasion, however often or late housekeeping runs. Who was not
reminded for a while gets the latest occasion, not all that were missed. A day begins at seven in
Europe/Berlin: nobody is written to in the night."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from checklists.models import EffectCheck, Measure, SentReminder, StepDecision
from checklists.models.plan_rules import TO_DO
from portal.accounts import mails
from portal.accounts.models import Company, Membership, Role, User

MORNING = 7  # o'clock
WEEK = timedelta(days=7)
KEEP = timedelta(days=800)
MOST_LINES = 20


@dataclass(frozen=True)
class Occasion:
    """A reason to write to whoever carries something."""

    key: str
    company: Company
    measure: Measure | None
    person: User | None  # None: the leads
    subject: str
    lines: list[str]
    link: str
    link_text: str


def send_due(now: datetime) -> int:
    """Send what is due at `now` and was not sent yet; how many mails went out."""
    today = _today(now)
    team = _Team()
    sent = _send(_due(today), team) + _send(_checks(today), team) + _send(_later(today), team)
    return sent + _digests(today, team)


def hand_over_orphaned() -> int:
    """Give the live measures of people who left to their company's longest-serving lead, and tell
    that lead; how many there were."""
    team = _Team()
    handed: dict[tuple[Company, User], list[Measure]] = defaultdict(list)
    for measure in Measure.objects.orphaned().select_related("company"):
        leads = team.leads(measure.company_id)
        if leads and measure.take_over(leads[0]):
            handed[measure.company, leads[0]].append(measure)
    for (company, lead), measures in handed.items():
        mails.send(
            mails.Kind.MEASURE,
            lead,
            mails.absolute("plan", company.pk),
            _("Zum Plan"),
            subject=_("Sie übernehmen Maßnahmen von jemandem, der nicht mehr dabei ist"),
            lines=[
                _("Diese Maßnahmen hatten niemanden mehr. Sie stehen jetzt bei Ihnen:"),
                "\n".join(f"– {measure.title}" for measure in measures),
                _("Im Plan können Sie sie weitergeben."),
            ],
        )
    return sum(len(measures) for measures in handed.values())


def forget_old(now: datetime) -> int:
    """Delete notes about mails that are too old to matter; how many."""
    old = SentReminder.objects.filter(sent_on__lt=now.date() - KEEP)
    return old.delete()[0]


# --- What is due ----------------------------------------------------------------------------------


def _today(now: datetime) -> date:
    local = timezone.localtime(now)
    return local.date() if local.hour >= MORNING else local.date() - timedelta(days=1)


def _due(today: date) -> Iterable[Occasion]:
    """Seven days before, on the day, seven days after, then weekly: the latest of these. None that
    lies before the day on which somebody set the date."""
    waiting = Measure.objects.filter(status__in=TO_DO, due_on__lte=today + WEEK)
    for measure in waiting.select_related("company", "responsible"):
        due = measure.due_on
        assert due is not None
        number = (today - due).days // 7
        if due + number * WEEK <= measure.due_set_on:
            continue
        yield Occasion(
            key=f"measure:{measure.pk}:due:{due}:{number}",
            company=measure.company,
            measure=measure,
            person=measure.responsible,
            subject=_due_words(measure, due, today),
            lines=_about(measure),
            link=mails.absolute("measure", measure.pk),
            link_text=_("Zur Maßnahme"),
        )
    resting = Measure.objects.filter(status="put_off", look_again_on__lte=today)
    for measure in resting.select_related("company", "responsible"):
        yield Occasion(
            key=f"measure:{measure.pk}:again:{measure.look_again_on}",
            company=measure.company,
            measure=measure,
            person=measure.responsible,
            subject=_("Wiedervorlage: %(title)s") % {"title": measure.title},
            lines=[_("Sie wollten heute wieder auf diese Maßnahme sehen."), *_about(measure)],
            link=mails.absolute("measure", measure.pk),
            link_text=_("Zur Maßnahme"),
        )


def _checks(today: date) -> Iterable[Occasion]:
    """A look at the effect is due. Where a later one is due as well, the earlier is past."""
    later = EffectCheck.objects.filter(
        measure=OuterRef("measure"), months__gt=OuterRef("months"), due_on__lte=today
    )
    latest = EffectCheck.objects.filter(~Exists(later), helped="", due_on__lte=today)
    for check in latest.select_related("measure__company", "measure__responsible"):
        measure = check.measure
        yield Occasion(
            key=f"measure:{measure.pk}:effect:{check.months}:{check.due_on}",
            company=measure.company,
            measure=measure,
            person=measure.responsible,
            subject=_("Hat es geholfen? %(title)s") % {"title": measure.title},
            lines=[
                ngettext(
                    "Vor %(n)d Monat wurde das erledigt. Hat es geholfen: ja, teils, nein, oder "
                    "ist es zu früh?",
                    "Vor %(n)d Monaten wurde das erledigt. Hat es geholfen: ja, teils, nein, oder "
                    "ist es zu früh?",
                    check.months,
                )
                % {"n": check.months},
                _("Ein Klick und eine Zeile genügen."),
            ],
            link=f"{mails.absolute('measure', measure.pk)}#wirkung-{check.months}",
            link_text=_("Wirkung prüfen"),
        )


def _later(today: date) -> Iterable[Occasion]:
    """A step that was put off comes up again."""
    due = StepDecision.objects.current().filter(kind="later", look_again_on__lte=today)
    for decision in due.select_related("company", "step"):
        yield Occasion(
            key=f"step:{decision.pk}",
            company=decision.company,
            measure=None,
            person=None,
            subject=_("Wiedervorlage: %(title)s") % {"title": decision.step.title},
            lines=[
                _(
                    "Diesen Schritt haben Sie auf später gelegt. Soll er jetzt in den Plan, noch "
                    "einmal auf später, oder ist er nichts für Sie?"
                )
            ],
            link=mails.absolute("plan", decision.company_id),
            link_text=_("Zum Plan"),
        )


def _due_words(measure: Measure, due: date, today: date) -> str:
    said = {"title": measure.title, "day": date_format(due, "j. F Y")}
    if due > today:
        return _("Fällig am %(day)s: %(title)s") % said
    if due == today:
        return _("Heute fällig: %(title)s") % said
    return _("War am %(day)s fällig: %(title)s") % said


def _about(measure: Measure) -> list[str]:
    lines = []
    if measure.done_when:
        lines.append(_("Fertig, wenn %(when)s") % {"when": measure.done_when})
    lines.append(
        _(
            "Erledigt, begonnen, oder braucht es mehr Zeit? Ein Klick genügt, und die Frist lässt "
            "sich verschieben."
        )
    )
    return lines


# --- Once each ------------------------------------------------------------------------------------


class _Team:
    """Who leads and who carries measures, per company: one query each, asked once per run."""

    def __init__(self) -> None:
        self._people: dict[int, dict[int, tuple[User, str]]] = {}

    def of(self, company: int) -> dict[int, tuple[User, str]]:
        if company not in self._people:
            found = Membership.objects.team().filter(company=company)
            self._people[company] = {
                membership.user.pk: (membership.user, membership.role)
                for membership in found.select_related("user").order_by("joined_at", "pk")
                if membership.user
            }
        return self._people[company]

    def leads(self, company: int) -> list[User]:
        return [user for user, role in self.of(company).values() if role == Role.LEAD]

    def readers(self, occasion: Occasion) -> list[User]:
        """The person if still there, else the leads."""
        team = self.of(occasion.company.pk)
        if occasion.person and occasion.person.pk in team:
            return [occasion.person]
        return self.leads(occasion.company.pk)


def _send(occasions: Iterable[Occasion], team: _Team) -> int:
    waiting = list(occasions)
    known = _known([each.key for each in waiting])
    return sum(
        _once(user, mails.Kind.MEASURE, each.key, each.company, each.measure, each.link,
              each.link_text, subject=each.subject, lines=[each.company.name, *each.lines])
        for each in waiting
        for user in team.readers(each)
        if (user.pk, each.key) not in known
    )  # fmt: skip


def _known(keys: list[str]) -> set[tuple[int, str]]:
    return set(SentReminder.objects.filter(occasion__in=keys).values_list("user", "occasion"))


def _once(
    user: User,
    kind: mails.Kind,
    key: str,
    company: Company,
    measure: Measure | None,
    link: str,
    link_text: str,
    **words: object,
) -> bool:
    """Send unless it was sent. Claimed first, so that two runs at once send one; given back when
    the mail server refused, so that the next run tries again."""
    if not mails.wants(user, kind):
        return False
    claim = SentReminder.claim(user, key, company, measure)
    if claim is None:
        return False
    if not mails.send(kind, user, link, link_text, **words):
        claim.delete()
        return False
    return True


# --- The weekly digest ----------------------------------------------------------------------------


def _digests(today: date, team: _Team) -> int:
    """On Monday, or the first day after it that housekeeping runs, to everybody who has something
    due this week or overdue; to leads all that is overdue."""
    monday = today - timedelta(days=today.weekday())
    relevant = Q(status__in=TO_DO, due_on__lt=monday + WEEK)
    by_company: dict[Company, list[Measure]] = defaultdict(list)
    for measure in (
        Measure.objects.filter(relevant, due_set_on__lt=monday)
        .select_related("company", "responsible")
        .order_by("due_on", "priority", "pk")
    ):
        by_company[measure.company].append(measure)
    keys = {company: f"digest:{company.pk}:{monday}" for company in by_company}
    known = _known(list(keys.values()))
    sent = 0
    for company, measures in by_company.items():
        for user, role in team.of(company.pk).values():
            parts = _digest_parts(user, role, measures, monday)
            if parts and (user.pk, keys[company]) not in known:
                sent += _once(
                    user, mails.Kind.DIGEST, keys[company], company, None,
                    mails.absolute("plan", company.pk), _("Zum Plan"),
                    firm=company.name, today=monday, parts=parts,
                )  # fmt: skip
    return sent


def _digest_parts(
    user: User, role: str, measures: list[Measure], monday: date
) -> list[tuple[str, list[str]]]:
    own = [measure for measure in measures if measure.responsible_id == user.pk]
    others = [
        measure
        for measure in measures
        if role == Role.LEAD and measure.responsible_id != user.pk and _due_day(measure) < monday
    ]
    late = [measure for measure in own if _due_day(measure) < monday]
    coming = [measure for measure in own if _due_day(measure) >= monday]
    parts = [
        (_("Bei Ihnen überfällig:"), late),
        (_("Bei Ihnen diese Woche fällig:"), coming),
        (_("Sonst überfällig:"), others),
    ]
    return [(heading, _lines(found)) for heading, found in parts if found]


def _lines(measures: list[Measure]) -> list[str]:
    lines = [
        f"{measure.title} ({date_format(_due_day(measure), 'j. F')})"
        for measure in measures[:MOST_LINES]
    ]
    more = len(measures) - MOST_LINES
    if more > 0:
        lines.append(_("und %(n)d weitere im Plan") % {"n": more})
    return lines


def _due_day(measure: Measure) -> date:
    assert measure.due_on is not None
    return measure.due_on
