"""A measure (Maßnahme): what the firm decided to do, by whom, until when. Its verbs take the
version that the writer saw, so that two people who move one measure both hear of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checklists.models.assessment import Assessment
from checklists.models.catalogue import Question, Step
from checklists.models.decision import StepDecision
from checklists.models.plan_rules import LIVE, TO_DO, need_day, need_later
from checklists.models.planned import TITLE_LENGTH, MeasureQuerySet, Planned
from portal.accounts.models import Company, Membership

if TYPE_CHECKING:
    from checklists.models.follow_up import MeasureEvent
    from portal.accounts.models import User

DEFAULT_DAYS = 28  # how long a measure taken by one click has


class MeasureConflict(Exception):
    """Somebody else changed the measure meanwhile; `current` is what stands now."""

    def __init__(self, current: Measure) -> None:
        super().__init__("The measure was changed meanwhile.")
        self.current = current


class Measure(Planned):
    """One thing the firm does. At most one live measure per company and step."""

    objects = MeasureQuerySet.as_manager()

    class Meta(Planned.Meta):
        abstract = False

    # --- verbs -------------------------------------------------------------------------------

    @classmethod
    def take(
        cls,
        company: Company,
        step: Step,
        *,
        by: User,
        assessment: Assessment,
        gaps: Iterable[Question] = (),
    ) -> Measure:
        """Take a recommended step into the plan: filled in from the step, yours, four weeks.
        Raises ValidationError when it is in the plan already (code "taken", params "measure") or
        when the firm has a newer round (code "newer")."""
        with transaction.atomic():
            Company.objects.select_for_update().get(pk=company.pk)
            _latest_only(assessment)
            if standing := cls.objects.live().filter(company=company, step=step).first():
                raise ValidationError(
                    _("Dieser Schritt steht schon im Plan."),
                    code="taken",
                    params={"measure": standing},
                )
            StepDecision.objects.current().filter(company=company, step=step).withdraw()
            today = timezone.localdate()
            measure = cls.objects.create(
                company=company,
                assessment=assessment,
                step=step,
                title=step.title[:TITLE_LENGTH],
                done_when=step.done_when,
                effort=step.effort,
                affects_staff=cls.Said.YES if step.concerns_staff else "",
                responsible=by,
                assigned=True,
                starts_on=today,
                due_on=today + timedelta(days=DEFAULT_DAYS),
            )
            measure._set_gaps(gaps)
            measure._tell("taken", by=by)
        return measure

    @classmethod
    def take_out(cls, company: Company, step: Step) -> None:
        """Undo a `take` that nobody has touched since. Taking out twice is once. Raises
        ValidationError when somebody has."""
        with transaction.atomic():
            standing = cls.objects.select_for_update().filter(company=company, step=step)
            measure = standing.filter(status__in=LIVE).first()
            if measure is None:
                return
            if measure.version > 1:
                raise ValidationError(
                    _("An dieser Maßnahme wurde schon gearbeitet. Ändern Sie sie im Plan."),
                    code="touched",
                    params={"measure": measure},
                )
            measure.delete()

    @classmethod
    def plan(
        cls, company: Company, *, by: User, gaps: Iterable[Question] = (), **said: Any
    ) -> Measure:
        """A measure of the firm's own, without a step."""
        with transaction.atomic():
            measure = cls(company=company, **said)
            measure._check()
            measure.save(force_insert=True)
            measure._set_gaps(gaps)
            measure._tell("created", by=by)
        return measure

    def start(self, *, version: int, by: User) -> None:
        """Work begins."""
        self._go("started", self.Status.IN_WORK, version=version, by=by)

    def finish(self, *, version: int, by: User) -> None:
        """Done, today. Three looks at whether it helped are noted: in 3, 6 and 12 months."""
        self._go("finished", self.Status.DONE, version=version, by=by)

    def put_off(self, until: date, *, version: int, by: User) -> None:
        """Rest until a day. Raises ValidationError for a day that is not ahead."""
        need_later(until)
        self._go("put_off", self.Status.PUT_OFF, version=version, by=by, look_again_on=until)

    def decline(self, reason: str, *, version: int, by: User) -> None:
        """Not for us after all. Raises ValidationError without a reason."""
        reason = reason.strip()
        if not reason:
            raise ValidationError(_("Schreiben Sie kurz dazu, warum nicht."), code="reason")
        self._go("declined", self.Status.DECLINED, version=version, by=by, reason=reason)

    def reopen(self, *, version: int, by: User) -> None:
        """Back to "not begun". Raises ValidationError when its step was taken again meanwhile."""
        self._go("reopened", self.Status.OPEN, version=version, by=by)

    def move_due(self, due_on: date | None, *, version: int, by: User) -> None:
        """Another due day, for a measure that is still to be done."""
        self._write("due_moved", {"due_on": due_on}, version=version, by=by)

    def hand_to(self, user: User, *, version: int, by: User | None) -> None:
        """Make somebody responsible. Raises ValidationError for whoever is not lead or member."""
        self._write(
            "handed",
            {"responsible_id": user.pk, "responsible_role": "", "assigned": True},
            version=version,
            by=by,
        )

    def change(
        self, said: dict[str, Any], *, gaps: Iterable[Question], version: int, by: User
    ) -> None:
        """What the edit form says, all of it or nothing."""
        self._write("changed", said, version=version, by=by, gaps=gaps)

    def take_over(self, lead: User) -> bool:
        """A lead carries it on because its person has left. False when that is so already."""
        with transaction.atomic():
            if not Measure.objects.orphaned().filter(pk=self.pk).exists():
                return False
            self.refresh_from_db(from_queryset=Measure.objects.select_for_update())
            gone, self.responsible = self.responsible, lead
            self.taken_over_from, self.taken_over_on = gone, timezone.localdate()
            self.version += 1
            self.save(update_fields=["responsible", "taken_over_from", "taken_over_on", "version"])
            self._tell("taken_over", by=None, about=lead)
        return True

    def undo(self, *, version: int, by: User) -> bool:
        """Take the last change back, the one that made this version. False when there is nothing
        left: a measure that was only just taken is gone again. Undoing twice is once."""
        with transaction.atomic():
            self._hold()
            last = self.last_change()
            if last is None or self.version != version:
                if last and last.what == "undone" and last.version == version + 1:
                    return True
                raise MeasureConflict(self)
            if last.what in {"taken", "created"}:
                self.delete()
                return False
            names = set(last.before) - {"gaps"}
            values = {name: _as_held(name, last.before[name]) for name in names}
            gaps = last.before.get("gaps")
            again = None if gaps is None else Question.objects.filter(pk__in=gaps)
            self._write("undone", values, version=version, by=by, gaps=again)
        return True

    def last_change(self) -> MeasureEvent | None:
        """What an undo takes back; an answer about the effect is none."""
        return self.events.exclude(what="effect").order_by("-pk").first()

    # --- how a verb writes -------------------------------------------------------------------

    MAY_COME_FROM = {
        "started": ("open", "put_off"),
        "finished": LIVE,
        "put_off": LIVE,
        "declined": LIVE,
        "due_moved": TO_DO,
    }

    def _go(self, what: str, status: str, *, version: int, by: User, **with_it: Any) -> None:
        """Another status. What belongs to the old one (a day, a reason) goes with it."""
        changes: dict[str, Any] = {"look_again_on": None, "reason": "", "done_on": None}
        changes |= with_it | {"status": status}
        if status == self.Status.DONE:
            changes.pop("done_on")  # a second click on a later day keeps the first one's
        self._write(what, changes, version=version, by=by)

    def _write(
        self,
        what: str,
        changes: dict[str, Any],
        *,
        version: int,
        by: User | None,
        gaps: Iterable[Question] | None = None,
    ) -> None:
        """Write what differs from what stands; nothing differs: a success, whatever the version.
        Raises MeasureConflict when somebody else wrote meanwhile, ValidationError when the change
        makes no sense."""
        with transaction.atomic():
            self._hold()
            wanted = {
                name: value for name, value in changes.items() if getattr(self, name) != value
            }
            old_gaps = {gap.question_id for gap in self.closes.all()}
            new_gaps = old_gaps if gaps is None else {question.pk for question in gaps}
            if not wanted and new_gaps == old_gaps:
                return
            if self.version != version:
                raise MeasureConflict(self)
            self._may(what)
            if wanted.get("status") == self.Status.DONE:
                wanted["done_on"] = wanted.get("done_on") or timezone.localdate()
            before = {name: getattr(self, name) for name in wanted}
            for name, value in wanted.items():
                setattr(self, name, value)
            if "due_on" in wanted:
                self.due_set_on = timezone.localdate()
            if "responsible_id" in wanted:
                self.taken_over_from = self.taken_over_on = None
            self._check(people="responsible_id" in wanted)
            self.version += 1
            self._save_guarded()
            if "status" in wanted:
                self._settle()
            after: dict[str, Any] = dict(wanted)
            if new_gaps != old_gaps:
                before["gaps"], after["gaps"] = sorted(old_gaps), sorted(new_gaps)
                self._set_gaps(Question.objects.filter(pk__in=new_gaps))
            about = self.responsible if "responsible_id" in wanted else None
            self._tell(what, by=by, about=about, before=before, after=after)

    def _hold(self) -> None:
        """Lock the row and look again. Raises ValidationError when it is gone."""
        try:
            self.refresh_from_db(from_queryset=Measure.objects.select_for_update())
        except Measure.DoesNotExist:
            raise ValidationError(_("Diese Maßnahme gibt es nicht mehr."), code="gone") from None

    def _may(self, what: str) -> None:
        allowed = self.MAY_COME_FROM.get(what)
        if allowed is not None and self.status not in allowed:
            raise ValidationError(
                _("Das geht nicht: Diese Maßnahme ist %(status)s."),
                params={"status": self.get_status_display()},
                code="status",
            )

    def _check(self, *, people: bool = True) -> None:
        """What a row must hold besides its constraints, in words."""
        for day in (self.starts_on, self.due_on, self.look_again_on):
            need_day(day)
        if self.starts_on and self.due_on and self.due_on < self.starts_on:
            raise ValidationError(
                {"due_on": _("Die Frist liegt vor dem Beginn. Bitte ändern Sie eines von beiden.")}
            )
        if people and self.responsible_id:
            here = Membership.objects.team().filter(company=self.company_id)
            if not here.filter(user=self.responsible_id).exists():
                raise ValidationError(
                    {"responsible": _("Diese Person gehört nicht (mehr) zu Leitung oder Team.")}
                )

    def _save_guarded(self) -> None:
        try:
            with transaction.atomic():
                self.save(force_update=True)
        except IntegrityError:
            raise ValidationError(
                _("Derselbe Schritt steht inzwischen als andere Maßnahme im Plan."), code="taken"
            ) from None

    def _settle(self) -> None:
        """What follows from the status: looks at the effect, and what stands about the step."""
        if self.status == self.Status.DONE and self.done_on:
            self.checks.model.schedule(self)
        else:
            self.checks.filter(helped="").delete()
        if self.step_id is None:
            return
        standing = StepDecision.objects.current().filter(company=self.company_id, step=self.step_id)
        if self.status == self.Status.DECLINED:
            standing.withdraw()
            StepDecision.objects.create(
                company_id=self.company_id,
                step_id=self.step_id,
                kind=StepDecision.Kind.DECLINED,
                reason=self.reason,
            )
        elif self.is_live:
            standing.withdraw()

    def _set_gaps(self, questions: Iterable[Question]) -> None:
        chosen = list(questions)
        self.closes.exclude(question__in=chosen).delete()
        MeasureGap.objects.bulk_create(
            [MeasureGap(measure=self, question=question) for question in chosen],
            ignore_conflicts=True,
        )

    def _tell(
        self,
        what: str,
        *,
        by: User | None,
        about: User | None = None,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        self.events.create(
            what=what,
            by=by,
            about=about,
            before=_plain(before or {}),
            after=_plain(after or {}),
            version=self.version,
        )


def _latest_only(assessment: Assessment) -> None:
    """Raises ValidationError when the company has a newer round than this one."""
    rounds = Assessment.objects.filter(company=assessment.company_id)
    if rounds.filter(number__gt=assessment.number).exists():
        raise ValidationError(
            _(
                "Es gibt einen neueren Durchgang. Entscheiden Sie dort, welche Schritte in den "
                "Plan kommen."
            ),
            code="newer",
        )


def _as_held(name: str, kept: Any) -> Any:
    """A value that JSON kept, as the row holds it."""
    field = Measure._meta.get_field(name.removesuffix("_id"))
    assert isinstance(field, models.Field)
    return field.to_python(kept)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Values as JSON keeps them."""
    return {
        name: value.isoformat()
        if isinstance(value, date)
        else str(value)
        if isinstance(value, Decimal)
        else value
        for name, value in values.items()
    }


class MeasureGap(models.Model):
    """A gap that a measure closes."""

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="closes")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("Lücke einer Maßnahme")
        verbose_name_plural = _("Lücken der Maßnahmen")
        constraints = [
            models.UniqueConstraint(fields=["measure", "question"], name="gap_once_per_measure")
        ]

    def __str__(self) -> str:
        return f"{self.measure_id}: {self.question_id}"
