"""A round of answering and its answers: one row per round, question and perspective."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checklists.models.catalogue import DecisionAid, Edition, Question
from checklists.results import OFFEN
from portal.accounts.models import Company, Role

if TYPE_CHECKING:
    from portal.accounts.models import User

NOTE_LENGTH = 4000
REASON_LENGTH = 500


class Value(models.TextChoices):
    """What a firm can say to a statement. Unanswered is the empty string."""

    JA = "ja", _("Ja")
    NEIN = "nein", _("Nein")
    WEISS_NICHT = "weissnicht", _("weiß nicht")
    ENTFAELLT = "entfaellt", _("entfällt")


class Perspective(models.TextChoices):
    """Whose view an answer is. Only the joint one exists so far: it is the firm's answer."""

    JOINT = "joint", _("gemeinsam")


class Conflict(Exception):
    """Somebody else changed the answer meanwhile; `current` is what stands now."""

    def __init__(self, current: Answer) -> None:
        super().__init__("The answer was changed meanwhile.")
        self.current = current


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, user: User) -> AssessmentQuerySet:
        """Rounds of companies in which the user is lead or member; a works council sees reports
        that were shared with it, never a round."""
        return self._in_role(user, [Role.LEAD, Role.MEMBER])

    def editable_by(self, user: User) -> AssessmentQuerySet:
        """Rounds in which the user may answer."""
        return self._in_role(user, [Role.LEAD, Role.MEMBER])

    def led_by(self, user: User) -> AssessmentQuerySet:
        """Rounds that the user may close, reopen and change the topics of."""
        return self._in_role(user, [Role.LEAD])

    def _in_role(self, user: User, roles: Iterable[str]) -> AssessmentQuerySet:
        return self.filter(
            company__memberships__user=user,
            company__memberships__left_at=None,
            company__memberships__role__in=roles,
        )


class Assessment(models.Model):
    """One round (Durchgang). At most one is open per company."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="assessments")
    number = models.PositiveIntegerField()
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="assessments")
    topics = models.ManyToManyField(DecisionAid, through="AssessmentTopic")
    started_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    REOPEN_DAYS = 7
    held = False  # true while the transaction that read this row holds it locked

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("Durchgang")
        verbose_name_plural = _("Durchgänge")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="assessment_number_once"),
            models.UniqueConstraint(
                fields=["company"], condition=Q(closed_at=None), name="assessment_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"Durchgang {self.number}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def reopen_until(self) -> datetime | None:
        """Last moment at which a lead may reopen it; None while it is open."""
        return self.closed_at and self.closed_at + timedelta(days=self.REOPEN_DAYS)

    @property
    def can_reopen(self) -> bool:
        return self.reopen_until is not None and timezone.now() < self.reopen_until

    # --- verbs -------------------------------------------------------------------------------

    @classmethod
    def start(cls, company: Company, aids: Iterable[DecisionAid]) -> Assessment:
        """Open a round with these topics. Raises ValidationError when one is open already."""
        with transaction.atomic():
            # The company row is the lock: two leads starting at once get one round.
            Company.objects.select_for_update().get(pk=company.pk)
            rounds = cls.objects.filter(company=company)
            if rounds.filter(closed_at=None).exists():
                raise ValidationError(_("Es läuft schon ein Durchgang."), code="open")
            last = rounds.aggregate(last=models.Max("number"))["last"] or 0
            assessment = cls.objects.create(
                company=company, number=last + 1, edition=Edition.current()
            )
            assessment.choose_topics(aids)
        return assessment

    def choose_topics(self, aids: Iterable[DecisionAid]) -> None:
        """Answer exactly these topics. Answers of a topic left out stay and come back with it.
        Raises ValidationError for none at all or in a closed round."""
        chosen = list(aids)
        if not chosen:
            raise ValidationError(_("Wählen Sie mindestens ein Thema."), code="empty")
        with transaction.atomic():
            self._lock_open()
            AssessmentTopic.objects.filter(assessment=self).exclude(aid__in=chosen).delete()
            AssessmentTopic.objects.bulk_create(
                [AssessmentTopic(assessment=self, aid=aid) for aid in chosen],
                ignore_conflicts=True,
            )

    def close(self) -> None:
        """End the round: answers and their wording stay as they are. Closing twice is once."""
        if Assessment.objects.filter(pk=self.pk, closed_at=None).update(closed_at=timezone.now()):
            self.refresh_from_db(fields=["closed_at"])

    def reopen(self) -> None:
        """Open the round again, within 7 days. Raises ValidationError after that, or while another
        round is open."""
        if self.is_open:
            return
        if not self.can_reopen:
            raise ValidationError(
                _("Der Durchgang wurde vor mehr als %(days)s Tagen abgeschlossen."),
                params={"days": self.REOPEN_DAYS},
                code="late",
            )
        try:
            with transaction.atomic():
                Assessment.objects.filter(pk=self.pk).update(
                    closed_at=None, edition=Edition.current()
                )
        except IntegrityError:
            raise ValidationError(
                _("Es läuft schon ein neuerer Durchgang. Schließen Sie ihn zuerst ab."),
                code="open",
            ) from None
        self.refresh_from_db(fields=["closed_at", "edition"])

    def _lock_open(self) -> None:
        """Hold the round open until the transaction ends. Raises ValidationError if closed."""
        if not self.held:
            row = Assessment.objects.select_for_update(no_key=True, of=("self",))
            self.closed_at = row.values_list("closed_at", flat=True).get(pk=self.pk)
        if not self.is_open:
            raise ValidationError(_("Dieser Durchgang ist abgeschlossen."), code="closed")

    def record(
        self,
        question: Question,
        *,
        version: int,
        value: str | None = None,
        reason: str | None = None,
        note: str | None = None,
    ) -> int:
        """Write the joint answer to a question, guarded by the version the writer saw (0: none).
        Returns the answer's new version.

        Fields left None stay as they are; value "" takes the answer back. Writing what already
        stands is a success whatever the version. Raises Conflict when the answer was changed
        meanwhile, ValidationError when the round is closed or "entfällt" has no reason."""
        changes = _changes(question, value=value, reason=reason, note=note)
        place = {"assessment": self, "question": question, "perspective": Perspective.JOINT}
        with transaction.atomic(savepoint=not self.held):
            self._lock_open()
            if version == 0:
                answer = Answer(**place, wording_hash=question.wording_hash)
                written = int(_insert(answer, changes))
            else:
                seen = Answer.objects.filter(**place, version=version)
                written = seen.update(**changes, version=F("version") + 1)
            if written:
                return version + 1
            current = Answer.objects.filter(**place).first()
        if current is None:  # a version was made up for an answer never given
            raise ValidationError(_("Bitte laden Sie die Seite neu."), code="version")
        if any(getattr(current, field) != text for field, text in changes.items()):
            raise Conflict(current)
        return current.version


def _insert(answer: Answer, changes: dict[str, str]) -> bool:
    """Write the first answer to a question. False when somebody was quicker."""
    for field, text in changes.items():
        setattr(answer, field, text)
    try:
        with transaction.atomic():
            answer.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _changes(
    question: Question, *, value: str | None, reason: str | None, note: str | None
) -> dict[str, str]:
    """What a write sets. Raises ValidationError for an unknown value or a missing reason."""
    changes = {} if note is None else {"note": note}
    if value is None:
        return changes
    if value not in {OFFEN, *Value.values}:
        raise ValidationError(_("Diese Antwort gibt es nicht."), code="value")
    reason = (reason or "").strip() if value == Value.ENTFAELLT else ""
    if value == Value.ENTFAELLT and not reason:
        raise ValidationError(
            _("Schreiben Sie kurz dazu, warum die Frage für Sie entfällt."), code="reason"
        )
    return changes | {
        "value": value,
        "reason": reason,
        "wording_hash": question.wording_hash,
    }


class AssessmentTopic(models.Model):
    """A topic that a round asks about."""

    class Mark(models.TextChoices):
        """What the team says about a topic; how far it is answered says the tally."""

        REVIEW = "review", _("bitte ansehen")
        DONE = "done", _("fertig")

    assessment = models.ForeignKey(Assessment, models.CASCADE)
    aid = models.ForeignKey(DecisionAid, models.PROTECT)
    mark = models.CharField(max_length=6, choices=Mark, blank=True)

    class Meta:
        verbose_name = _("Thema eines Durchgangs")
        verbose_name_plural = _("Themen der Durchgänge")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "aid"], name="topic_once_per_round"),
            models.CheckConstraint(
                condition=Q(mark__in=["", "review", "done"]), name="topic_mark_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment}: {self.aid}"


class Answer(models.Model):
    """What the firm says to one question. Who said it and when is not kept: people are not
    measured."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers")
    perspective = models.CharField(max_length=13, choices=Perspective, default=Perspective.JOINT)
    value = models.CharField(max_length=10, choices=Value, blank=True, default=OFFEN)
    reason = models.CharField(max_length=REASON_LENGTH, blank=True, default="")
    note = models.TextField(max_length=NOTE_LENGTH, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    wording_hash = models.CharField(max_length=16)

    class Meta:
        verbose_name = _("Antwort")
        verbose_name_plural = _("Antworten")
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "question", "perspective"], name="answer_once"
            ),
            models.CheckConstraint(
                condition=Q(value__in=[OFFEN, *Value.values]), name="answer_value_known"
            ),
            models.CheckConstraint(
                condition=~Q(value=Value.ENTFAELLT) | ~Q(reason=""), name="answer_entfaellt_reason"
            ),
            models.CheckConstraint(
                condition=Q(perspective__in=Perspective.values), name="answer_perspective_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id}: {self.value or 'offen'}"
