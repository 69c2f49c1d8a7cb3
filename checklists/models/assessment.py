"""A round of answering: its topics, and the verbs of its answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checklists.models.answer import (
    CHANGED,
    Answer,
    Conflict,
    Perspective,
    changes_of,
    insert,
    rewrite,
)
from checklists.models.catalogue import DecisionAid, Edition, Question
from checklists.results import OFFEN
from portal.accounts.models import TEAM, Company, Role, Visitor

if TYPE_CHECKING:
    from portal.accounts.models import User


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, user: User | Visitor) -> AssessmentQuerySet:
        """Rounds of companies in which the user is lead or member; a works council sees reports
        that were shared with it, never a round."""
        return self._in_role(user, TEAM)

    def editable_by(self, user: User | Visitor) -> AssessmentQuerySet:
        """Rounds in which the user may answer."""
        return self._in_role(user, TEAM)

    def led_by(self, user: User | Visitor) -> AssessmentQuerySet:
        """Rounds that the user may close, reopen and change the topics of."""
        return self._in_role(user, [Role.LEAD])

    def _in_role(self, user: User | Visitor, roles: Iterable[str]) -> AssessmentQuerySet:
        if isinstance(user, Visitor):  # alone in the trial; which views are open says trial.py
            return self.filter(company=user.company_id)
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
    based_on = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="followed_by"
    )  # the round whose answers this one began with
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
    def start(
        cls, company: Company, aids: Iterable[DecisionAid], *, carry: bool = False
    ) -> Assessment:
        """Open a round with these topics; `carry`: with the answers of the last round, each to be
        confirmed. Raises ValidationError when a round is open already."""
        with transaction.atomic():
            # The company row is the lock: two leads starting at once get one round.
            Company.objects.select_for_update().get(pk=company.pk)
            rounds = cls.objects.filter(company=company)
            if rounds.filter(closed_at=None).exists():
                raise ValidationError(
                    _(
                        "Es läuft schon ein Durchgang. Machen Sie dort weiter oder schließen "
                        "Sie ihn ab."
                    ),
                    code="open",
                )
            last = rounds.order_by("-number").first()
            assessment = cls.objects.create(
                company=company,
                number=last.number + 1 if last else 1,
                edition=Edition.current(),
                based_on=last if carry else None,
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
            self.hold_open()
            AssessmentTopic.objects.filter(assessment=self).exclude(aid__in=chosen).delete()
            AssessmentTopic.objects.bulk_create(
                [AssessmentTopic(assessment=self, aid=aid) for aid in chosen],
                ignore_conflicts=True,
            )
            if self.based_on_id:
                self._carry_over()

    def _carry_over(self) -> None:
        """Take the answers of the round this one is based on, each to be confirmed, for topics that
        both ask about. What was answered here already stays."""
        asked = self.edition.questions
        both = AssessmentTopic.objects.filter(assessment=self).values("aid")
        old = Answer.objects.filter(
            assessment=self.based_on_id,
            perspective=Perspective.JOINT,
            question__aid__in=both,
            question__aid__assessmenttopic__assessment=self.based_on_id,
        ).exclude(value=OFFEN, note="")
        Answer.objects.bulk_create(
            [
                Answer(
                    assessment=self,
                    question=answer.question,
                    value=answer.value,
                    reason=answer.reason,
                    note=answer.note,
                    to_confirm=answer.value != OFFEN,
                    wording_hash=answer.wording_hash,
                )
                for answer in old.select_related("question__aid")
                if answer.question.key in asked
            ],
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
                _(
                    "Der Durchgang wurde vor mehr als %(days)s Tagen abgeschlossen. Beginnen Sie "
                    "einen neuen; die Antworten können Sie übernehmen."
                ),
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

    def hold_open(self) -> None:
        """Hold the round open until the transaction ends. Raises ValidationError if closed."""
        if not self.held:
            row = Assessment.objects.select_for_update(no_key=True, of=("self",))
            self.closed_at = row.values_list("closed_at", flat=True).get(pk=self.pk)
        if not self.is_open:
            raise ValidationError(_("Dieser Durchgang ist abgeschlossen."), code="closed")

    def mark_topic(self, aid: DecisionAid, mark: str) -> None:
        """Say of a topic "bitte ansehen" or "fertig"; "" takes it back. Raises ValidationError for
        another word, in a closed round and for a topic that the round does not ask about."""
        if mark and mark not in AssessmentTopic.Mark.values:
            raise ValidationError(_("Diesen Vermerk gibt es nicht."), code="mark")
        with transaction.atomic():
            self.hold_open()
            if not AssessmentTopic.objects.filter(assessment=self, aid=aid).update(mark=mark):
                raise ValidationError(_("Dieses Thema gehört nicht zum Durchgang."), code="topic")

    def confirm(self, questions: Iterable[Question]) -> dict[int, int]:
        """Say that what was carried over to these questions still holds. Returns question → the
        answer's new version, for those that were not confirmed before."""
        with transaction.atomic():
            self.hold_open()  # the lock: nobody answers in between
            waiting = Answer.objects.filter(
                assessment=self,
                perspective=Perspective.JOINT,
                question__in=list(questions),
                to_confirm=True,
            )
            confirmed = {answer.question_id: answer.version + 1 for answer in waiting}
            waiting.update(to_confirm=False, version=F("version") + 1)
        return confirmed

    def take_back_confirming(self, confirmed: dict[int, int]) -> int:
        """Undo `confirm` for the answers that nobody has touched since. Returns how many."""
        with transaction.atomic():
            self.hold_open()
            return sum(
                Answer.objects.filter(
                    assessment=self,
                    perspective=Perspective.JOINT,
                    question=question,
                    version=version,
                )
                .exclude(value=OFFEN)
                .update(to_confirm=True, version=F("version") + 1)
                for question, version in confirmed.items()
            )

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

        Fields left None stay as they are; value "" takes the answer back, and any value confirms
        what was carried over. Writing what already stands is a success whatever the version. Raises
        Conflict when the answer was changed meanwhile, ValidationError when the round is closed or
        "entfällt" has no reason."""
        changes = changes_of(question, value=value, reason=reason, note=note)
        place = {"assessment": self, "question": question, "perspective": Perspective.JOINT}
        with transaction.atomic(savepoint=not self.held):
            self.hold_open()
            if version == 0:
                answer = Answer(**place, wording_hash=question.wording_hash)
                written = int(insert(answer, changes))
            else:
                unchanged = dict.fromkeys(CHANGED)
                written = rewrite.update(self, question, version, **(unchanged | changes))
            if written:
                return version + 1
            current = Answer.objects.filter(**place).first()
        if current is None:  # a version was made up for an answer never given
            raise ValidationError(_("Bitte laden Sie die Seite neu."), code="version")
        if any(getattr(current, field) != text for field, text in changes.items()):
            raise Conflict(current)
        return current.version


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
