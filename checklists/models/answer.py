"""An answer: one row per round, question and perspective, and how it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from checklists.models.catalogue import Question
from checklists.results import OFFEN
from portal.accounts.prepared import Update, prepared

if TYPE_CHECKING:
    from checklists.models.assessment import Assessment

NOTE_LENGTH = 4000
REASON_LENGTH = 500
NO_SUCH_ANSWER = _("Bitte wählen Sie Ja, Nein, „weiß nicht“ oder „entfällt“.")
CHANGED = ("value", "reason", "note", "wording_hash", "to_confirm")  # what a save may change


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


class Answer(models.Model):
    """What the firm says to one question. Who said it and when is not kept: people are not
    measured."""

    assessment = models.ForeignKey("Assessment", models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers")
    perspective = models.CharField(max_length=13, choices=Perspective, default=Perspective.JOINT)
    value = models.CharField(max_length=10, choices=Value, blank=True, default=OFFEN)
    reason = models.CharField(max_length=REASON_LENGTH, blank=True, default="")
    note = models.TextField(max_length=NOTE_LENGTH, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    wording_hash = models.CharField(max_length=16)
    to_confirm = models.BooleanField(default=False)  # carried over from the round before

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
            models.CheckConstraint(
                condition=Q(to_confirm=False) | ~Q(value=OFFEN), name="answer_to_confirm_is_given"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id}: {self.value or 'offen'}"


# --- How it is written ----------------------------------------------------------------------------


@prepared
def rewrite(
    assessment: Assessment,
    question: Question,
    version: int,
    value: str | None,
    reason: str | None,
    note: str | None,
    wording_hash: str | None,
    to_confirm: bool | None,
) -> Update:
    """Change the answer that has this version. None leaves a column as it is."""
    return Update(
        Answer.objects.filter(
            assessment=assessment,
            question=question,
            perspective=Perspective.JOINT,
            version=version,
        ),
        value=Coalesce(value, F("value")),
        reason=Coalesce(reason, F("reason")),
        note=Coalesce(note, F("note")),
        wording_hash=Coalesce(wording_hash, F("wording_hash")),
        to_confirm=Coalesce(to_confirm, F("to_confirm")),
        version=F("version") + 1,
    )


def insert(answer: Answer, changes: dict[str, Any]) -> bool:
    """Write the first answer to a question. False when somebody was quicker."""
    for field, text in changes.items():
        setattr(answer, field, text)
    try:
        with transaction.atomic():
            answer.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def changes_of(
    question: Question, *, value: str | None, reason: str | None, note: str | None
) -> dict[str, Any]:
    """What a write sets. Raises ValidationError for an unknown value or a missing reason."""
    changes: dict[str, Any] = {} if note is None else {"note": note}
    if value is None:
        return changes
    if value not in {OFFEN, *Value.values}:
        raise ValidationError(NO_SUCH_ANSWER, code="value")
    reason = (reason or "").strip() if value == Value.ENTFAELLT else ""
    if value == Value.ENTFAELLT and not reason:
        raise ValidationError(
            _("Schreiben Sie kurz dazu, warum die Frage für Sie entfällt."), code="reason"
        )
    return changes | {
        "value": value,
        "reason": reason,
        "wording_hash": question.wording_hash,
        "to_confirm": False,
    }
