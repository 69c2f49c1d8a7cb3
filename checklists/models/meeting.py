"""A meeting of the team about a round: its points, what was decided at each, and its minutes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checklists.models.assessment import Assessment
from checklists.models.catalogue import Question, Step
from checklists.models.measure import Measure
from checklists.models.plan_rules import need_day

if TYPE_CHECKING:
    from portal.accounts.models import User

PARTICIPANTS_LENGTH = 500
ITEM_TITLE_LENGTH = 1000
DECIDED_LENGTH = 2000


class ItemConflict(Exception):
    """Somebody else wrote at this point meanwhile; `current` is what stands now."""

    def __init__(self, current: MeetingItem) -> None:
        super().__init__("The point was minuted meanwhile.")
        self.current = current


@dataclass(frozen=True)
class Point:
    """What a meeting is to talk about: a question, a step, a measure, or just a title."""

    title: str
    question: Question | None = None
    step: Step | None = None
    measure: Measure | None = None
    value: str = ""  # what stands as the question's answer


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: User) -> MeetingQuerySet:
        """Meetings of companies in which the user is lead or member: nobody else reads minutes."""
        return self.filter(assessment__in=Assessment.objects.editable_by(user))

    def in_session(self) -> MeetingQuerySet:
        return self.filter(closed_at=None)


class Meeting(models.Model):
    """One meeting. At most one of a round is in session."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="meetings")
    number = models.PositiveIntegerField()
    held_on = models.DateField(_("Tag"), default=timezone.localdate)
    participants = models.CharField(_("Wer war dabei?"), max_length=PARTICIPANTS_LENGTH, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # The minutes as PDF. Kept in the row: they are small, and go with it.
    pdf = models.BinaryField(null=True, blank=True, editable=False)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("Sitzung")
        verbose_name_plural = _("Sitzungen")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "number"], name="meeting_number_once"),
            models.UniqueConstraint(
                fields=["assessment"], condition=Q(closed_at=None), name="meeting_one_in_session"
            ),
        ]

    def __str__(self) -> str:
        return f"Sitzung {self.number}"

    @property
    def in_session(self) -> bool:
        return self.closed_at is None

    # --- verbs -------------------------------------------------------------------------------

    @classmethod
    def begin(cls, assessment: Assessment, points: Iterable[Point]) -> Meeting:
        """Begin with these points, in their order; the meeting that is in session, if there is
        one. Raises ValidationError without any point."""
        with transaction.atomic():
            Assessment.objects.select_for_update(no_key=True).get(pk=assessment.pk)
            meetings = cls.objects.filter(assessment=assessment)
            if standing := meetings.in_session().first():
                return standing
            last = meetings.aggregate(last=Max("number"))["last"] or 0
            meeting = cls.objects.create(assessment=assessment, number=last + 1)
            items = [meeting._item(position, point) for position, point in enumerate(points, 1)]
            if not items:
                raise ValidationError(_("Es steht nichts auf der Tagesordnung."), code="empty")
            MeetingItem.objects.bulk_create(items)
        return meeting

    def add(self, title: str) -> MeetingItem:
        """Another point at the end; the same title twice in a row is one. Raises ValidationError
        when the meeting is over."""
        with transaction.atomic():
            self._hold()
            last = self.items.last()
            if last and last.title == title and last.free:
                return last
            item = self._item(last.position + 1 if last else 1, Point(title))
            item.save(force_insert=True)
        return item

    def say(self, *, held_on: date, participants: str) -> None:
        """Which day it was and who was there."""
        need_day(held_on)
        with transaction.atomic():
            self._hold()
            self.held_on, self.participants = held_on, participants
            self.save(update_fields=["held_on", "participants"])

    def close(self, values: Mapping[int, str]) -> bool:
        """End it: the minutes stand as they are, each question with its answer of now (`values`:
        question → value). False when it was over already."""
        with transaction.atomic():
            self.refresh_from_db(from_queryset=Meeting.objects.select_for_update(no_key=True))
            if not self.in_session:
                return False
            for item in self.items.exclude(question=None):
                MeetingItem.objects.filter(pk=item.pk).update(
                    after=values.get(item.question_id or 0, "")
                )
            self.closed_at = timezone.now()
            self.save(update_fields=["closed_at"])
        return True

    def resume(self) -> None:
        """Back into session, to correct the minutes. Raises ValidationError while another meeting
        of the round is."""
        with transaction.atomic():
            Assessment.objects.select_for_update(no_key=True).get(pk=self.assessment_id)
            others = Meeting.objects.filter(assessment=self.assessment_id).exclude(pk=self.pk)
            if others.in_session().exists():
                raise ValidationError(
                    _(
                        "Es läuft schon eine andere Sitzung. Schließen Sie zuerst deren "
                        "Protokoll ab."
                    ),
                    code="other",
                )
            Meeting.objects.filter(pk=self.pk).update(closed_at=None, pdf=None)

    def keep_pdf(self, pdf: bytes) -> None:
        """Keep the minutes' PDF, unless the meeting went on meanwhile."""
        Meeting.objects.filter(pk=self.pk, closed_at=self.closed_at).update(pdf=pdf)

    def _item(self, position: int, point: Point) -> MeetingItem:
        return MeetingItem(
            meeting=self,
            position=position,
            title=point.title[:ITEM_TITLE_LENGTH],
            question=point.question,
            step=point.step,
            measure=point.measure,
            before=point.value,
        )

    def _hold(self) -> None:
        """Lock the meeting. Raises ValidationError when it is over."""
        held = Meeting.objects.select_for_update(no_key=True).filter(pk=self.pk, closed_at=None)
        if not held.exists():
            raise ValidationError(_("Diese Sitzung ist schon abgeschlossen."), code="over")


class MeetingItem(models.Model):
    """A point of a meeting, and what was decided there. Nobody's name stands at it."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    question = models.ForeignKey(Question, models.PROTECT, null=True, blank=True, related_name="+")
    step = models.ForeignKey(Step, models.PROTECT, null=True, blank=True, related_name="+")
    measure = models.ForeignKey(Measure, models.SET_NULL, null=True, blank=True, related_name="+")
    title = models.TextField(max_length=ITEM_TITLE_LENGTH)  # as it was when the meeting began
    text = models.TextField(_("Was wurde beschlossen?"), max_length=DECIDED_LENGTH, blank=True)
    before = models.CharField(max_length=10, blank=True)  # the question's answer at the beginning
    after = models.CharField(max_length=10, blank=True)  # and at the end
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("Punkt einer Sitzung")
        verbose_name_plural = _("Punkte der Sitzungen")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "position"], name="item_position_once"),
            models.CheckConstraint(condition=~Q(title=""), name="item_has_title"),
        ]

    def __str__(self) -> str:
        return f"Punkt {self.position}"

    @property
    def free(self) -> bool:
        """A title alone, added by hand."""
        return not (self.question_id or self.step_id or self.measure_id)

    def minute(self, text: str, *, version: int) -> None:
        """Write down what was decided. Writing what stands is a success, whatever the version.
        Raises ItemConflict when somebody else wrote meanwhile, ValidationError when the meeting is
        over."""
        with transaction.atomic():
            self.meeting._hold()
            self.refresh_from_db(fields=["text", "version"])
            if self.text == text:
                return
            if self.version != version:
                raise ItemConflict(self)
            self.text, self.version = text, version + 1
            self.save(update_fields=["text", "version"])
