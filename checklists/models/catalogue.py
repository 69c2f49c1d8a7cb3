"""The catalogue: decision aids, their questions and steps (places of advice: resource.py).

Loaded from fixtures/ by `manage.py catalogue load`; nobody edits it in the browser. Rows carry
natural keys, and a row that left the fixtures is retired, never deleted, because answers keep it.
"""

from __future__ import annotations

import hashlib
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from checklists.models.resource import ByKey, Resource

# As the addresses of pages hold them (checklists/urls.py).
is_code = RegexValidator(r"\A[A-Z][0-9]{2,6}\Z", _("Ein Code ist ein Buchstabe mit Ziffern: E05."))


class Stage(models.IntegerChoices):
    """Where a question stands on the way from first look to routine."""

    ORIENT = 1, _("Orientieren")
    TAKE_STOCK = 2, _("Bestand aufnehmen")
    CLARIFY_NEEDS = 3, _("Bedarf klären")
    INVOLVE = 4, _("Beteiligen und vereinbaren")
    ENABLE = 5, _("Befähigen und erproben")
    ANCHOR = 6, _("Verankern und vernetzen")


class Edition(models.Model):
    """A loaded state of the catalogue.

    `questions` maps each live question's key ("E01-03") to the hash of its wording, so that a
    closed round can show exactly what it was answered with. Open rounds move to each new edition,
    closed ones stay with theirs."""

    class Source(models.TextChoices):
        """Where it came from: an imported catalogue is not overwritten at the next start."""

        FIXTURES = "fixtures", _("mitgelieferte Dateien")
        IMPORT = "import", _("eingespielt")

    checksum = models.CharField(max_length=64)
    source = models.CharField(max_length=8, choices=Source, default=Source.FIXTURES)
    loaded_at = models.DateTimeField(auto_now_add=True)
    questions = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("Ausgabe")
        verbose_name_plural = _("Ausgaben")
        ordering = ["-loaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(source__in=["fixtures", "import"]), name="edition_source_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.loaded_at:%d.%m.%Y} ({self.checksum[:8]})"

    @classmethod
    def current(cls) -> Edition:
        """The edition loaded last. Raises DoesNotExist before the first `catalogue load`."""
        return cls.objects.latest("loaded_at", "pk")

    @classmethod
    def newest(cls) -> Edition | None:
        """The same; None before the first `catalogue load`."""
        return cls.objects.order_by("-loaded_at", "-pk").first()


class Step(models.Model):
    """A recommended next step; one step answers many questions across topics."""

    key = models.SlugField(max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=120)
    why = models.TextField(help_text="Why now, in one sentence.")
    what = models.TextField()
    first = models.TextField(help_text="What to do this week.")
    who = models.CharField(max_length=120)
    effort = models.CharField(max_length=120)
    done_when = models.TextField(help_text="Completes the sentence 'Fertig, wenn …'.")
    resources = models.ManyToManyField(Resource, related_name="steps")
    source = models.CharField(max_length=300)
    retired = models.BooleanField(default=False)

    objects = ByKey()

    class Meta:
        verbose_name = _("Schritt")
        verbose_name_plural = _("Schritte")
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.key,)

    @property
    def concerns_staff(self) -> bool:
        """Whether one of its questions names the works council or needs one: one query."""
        return self.questions.live().exclude(works_council="").exists()


class AidQuerySet(models.QuerySet["DecisionAid"]):
    def with_questions(self) -> AidQuerySet:
        """Only topics that can be answered: titles without questions count nowhere."""
        live = Question.objects.filter(aid=models.OuterRef("pk"), retired=False)
        return self.filter(models.Exists(live), retired=False)

    def count_questions(self) -> AidQuerySet:
        """With `question_count`, the number of live questions."""
        live = models.Q(questions__retired=False)
        return self.annotate(question_count=models.Count("questions", filter=live))

    def get_by_natural_key(self, code: str) -> DecisionAid:
        return self.get(code=code)


class DecisionAid(models.Model):
    """A topic, from Information over Entscheidungsmöglichkeiten to Einstieg, and its checklist."""

    class Prompt(models.TextChoices):
        """What the source's checklist asks about each of its items."""

        STATE = "state", _("Trifft das zu?")
        DONE = "done", _("Ist das erledigt?")

    code = models.CharField(max_length=8, unique=True, validators=[is_code])
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=200)
    subtitle = models.CharField(max_length=200, blank=True)
    short = models.CharField(max_length=80)
    teaser = models.CharField(max_length=160, blank=True)
    summary = models.TextField(blank=True)
    summary_plain = models.TextField(blank=True)
    prompt = models.CharField(max_length=5, choices=Prompt, default=Prompt.STATE)
    source = models.CharField(max_length=300)
    related = models.ManyToManyField("self", symmetrical=False, blank=True)
    resources = models.ManyToManyField(Resource, through="AidResource", related_name="aids")
    retired = models.BooleanField(default=False)

    objects = AidQuerySet.as_manager()

    class Meta:
        verbose_name = _("Entscheidungshilfe")
        verbose_name_plural = _("Entscheidungshilfen")
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def natural_key(self) -> tuple[str]:
        return (self.code,)


class AidResourceManager(models.Manager["AidResource"]):
    def get_by_natural_key(self, code: str, key: str) -> AidResource:
        return self.get(aid__code=code, resource__key=key)


class AidResource(models.Model):
    """A place named by a topic: in its link list, as advisor network, or in a text."""

    class Role(models.TextChoices):
        LINK = "link", _("Linkliste")
        NETWORK = "network", _("Beraternetzwerk")
        TEXT = "text", _("im Text genannt")

    aid = models.ForeignKey(DecisionAid, models.CASCADE, related_name="places")
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="mentions")
    position = models.PositiveSmallIntegerField(default=0)
    role = models.CharField(max_length=7, choices=Role, default=Role.LINK)

    objects = AidResourceManager()

    class Meta:
        verbose_name = _("Stelle eines Themas")
        verbose_name_plural = _("Stellen der Themen")
        ordering = ["aid", "position"]
        constraints = [
            models.UniqueConstraint(fields=["aid", "resource"], name="place_once_per_topic")
        ]

    def __str__(self) -> str:
        return f"{self.aid.code}: {self.resource}"

    def natural_key(self) -> tuple[str, str]:
        return (self.aid.code, self.resource.key)

    natural_key.dependencies = ["checklists.decisionaid", "checklists.resource"]  # type: ignore[attr-defined]


class SectionManager(models.Manager["Section"]):
    def get_by_natural_key(self, code: str, key: str) -> Section:
        return self.get(aid__code=code, key=key)


class Section(models.Model):
    """One of a topic's nine explanatory texts."""

    class Part(models.TextChoices):
        INFORMATION = "information", _("Information")
        OPTIONS = "options", _("Entscheidungsmöglichkeiten")
        ENTRY = "entry", _("Einstieg")

    PARTS: ClassVar[dict[str, Part]] = {
        "meaning": Part.INFORMATION,
        "impact": Part.INFORMATION,
        "challenges": Part.INFORMATION,
        "potential": Part.INFORMATION,
        "opening": Part.OPTIONS,
        "advice": Part.OPTIONS,
        "examples": Part.OPTIONS,
        "starting-points": Part.ENTRY,
        "techniques": Part.ENTRY,
    }

    aid = models.ForeignKey(DecisionAid, models.CASCADE, related_name="sections")
    key = models.CharField(max_length=20, choices=[(key, key) for key in PARTS])
    position = models.PositiveSmallIntegerField()
    heading = models.CharField(max_length=200)
    text = models.TextField()
    plain = models.TextField()
    source = models.CharField(max_length=300)

    objects = SectionManager()

    class Meta:
        verbose_name = _("Abschnitt")
        verbose_name_plural = _("Abschnitte")
        ordering = ["aid", "position"]
        constraints = [
            models.UniqueConstraint(fields=["aid", "key"], name="section_once_per_topic")
        ]

    def __str__(self) -> str:
        return f"{self.aid.code} {self.key}"

    def natural_key(self) -> tuple[str, str]:
        return (self.aid.code, self.key)

    natural_key.dependencies = ["checklists.decisionaid"]  # type: ignore[attr-defined]

    @property
    def part(self) -> Part:
        return self.PARTS[self.key]


class QuestionQuerySet(models.QuerySet["Question"]):
    def get_by_natural_key(self, code: str, number: int) -> Question:
        return self.get(aid__code=code, number=number)

    def live(self) -> QuestionQuerySet:
        return self.filter(retired=False)


class Question(models.Model):
    """One line of a checklist: a statement of the firm that Ja affirms."""

    class WorksCouncilNeed(models.TextChoices):
        NEEDED = "needed", _("braucht einen Betriebsrat")
        MENTIONED = "mentioned", _("nennt den Betriebsrat")

    aid = models.ForeignKey(DecisionAid, models.CASCADE, related_name="questions")
    number = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(999)]
    )
    text = models.CharField(max_length=300)
    help = models.TextField()
    plain = models.TextField()
    stage = models.PositiveSmallIntegerField(choices=Stage)
    step = models.ForeignKey(Step, models.PROTECT, related_name="questions")
    actors = models.CharField(max_length=120)
    works_council = models.CharField(max_length=9, choices=WorksCouncilNeed, blank=True)
    wording_hash = models.CharField(max_length=16, editable=False, default="")
    retired = models.BooleanField(default=False)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("Frage")
        verbose_name_plural = _("Fragen")
        ordering = ["aid", "number"]
        constraints = [
            models.UniqueConstraint(fields=["aid", "number"], name="question_number_once"),
            models.CheckConstraint(
                condition=models.Q(stage__in=Stage.values), name="question_stage_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.text}"

    def natural_key(self) -> tuple[str, int]:
        return (self.aid.code, self.number)

    natural_key.dependencies = ["checklists.decisionaid", "checklists.step"]  # type: ignore[attr-defined]

    @property
    def key(self) -> str:
        """The code that people quote: "E01-03"."""
        return f"{self.aid.code}-{self.number:02d}"

    def hash_wording(self) -> str:
        """First 16 hex digits of the SHA-256 of what is asked: statement and help."""
        asked = f"{self.text.strip()}\n{self.help.strip()}"
        return hashlib.sha256(asked.encode()).hexdigest()[:16]


class Wording(models.Model):
    """A question's text as it once stood, kept for rounds and reports that used it."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="wordings")
    hash = models.CharField(max_length=16)
    text = models.CharField(max_length=300)
    help = models.TextField()
    plain = models.TextField()

    class Meta:
        verbose_name = _("Wortlaut")
        verbose_name_plural = _("Wortlaute")
        constraints = [models.UniqueConstraint(fields=["question", "hash"], name="wording_once")]

    def __str__(self) -> str:
        return f"{self.question_id}: {self.text}"


class Term(models.Model):
    """A technical or legal word, explained where a text first uses it."""

    key = models.SlugField(max_length=60, unique=True)
    word = models.CharField(max_length=80)
    variants = models.CharField(max_length=300, blank=True, help_text="Other forms, divided by |.")
    text = models.TextField()

    objects = ByKey()

    class Meta:
        verbose_name = _("Glossarwort")
        verbose_name_plural = _("Glossar")
        ordering = ["word"]

    def __str__(self) -> str:
        return self.word

    def natural_key(self) -> tuple[str]:
        return (self.key,)
