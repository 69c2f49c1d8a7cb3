"""What comes from the browser when somebody answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checklists.first_steps import Pressing, Size, Trade
from checklists.models import Assessment, DecisionAid, Resource, ReviewTopic, Value
from checklists.models.answer import NO_SUCH_ANSWER, NOTE_LENGTH, REASON_LENGTH
from checklists.models.review import REVIEW_LENGTH, Said, Writing
from checklists.models.teamwork import COMMENT_LENGTH
from checklists.results import OFFEN
from portal.accounts.forms import text_errors
from portal.accounts.models import Region, User

Choices = Iterable[tuple[str, Any]]


class Untrimmed(forms.CharField):
    """Text as it was typed; browsers send line ends as CR LF, we keep LF."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n").strip()


class VersionField(forms.IntegerField):
    """Which version of a row a page showed. Nobody types it: a wrong one comes of a stale page."""

    WRONG = ("required", "invalid", "min_value", "max_value")

    def __init__(self, *, min_value: int = 1, **kwargs: Any) -> None:
        super().__init__(
            min_value=min_value,
            max_value=2_000_000_000,
            widget=forms.HiddenInput,
            error_messages=dict.fromkeys(self.WRONG, _("Bitte laden Sie die Seite neu.")),
            **kwargs,
        )


class AnswerForm(forms.Form):
    """One click or one note on one question. Fields not sent stay as they are."""

    version = VersionField(min_value=0)
    antwort = forms.ChoiceField(
        choices=[(OFFEN, ""), *Value.choices],
        required=False,
        error_messages={"invalid_choice": NO_SUCH_ANSWER},
    )
    grund = Untrimmed(
        max_length=REASON_LENGTH,
        required=False,
        error_messages={
            "max_length": _(
                "Der Grund ist zu lang: höchstens %(limit_value)d Zeichen, es sind "
                "%(show_value)d. Bitte kürzen Sie ihn."
            )
        },
    )
    notiz = Untrimmed(
        max_length=NOTE_LENGTH,
        required=False,
        error_messages={
            "max_length": _(
                "Die Notiz ist zu lang: höchstens %(limit_value)d Zeichen, "
                "es sind %(show_value)d. Gespeichert ist sie noch nicht."
            )
        },
    )

    def sent(self) -> dict[str, str]:
        """What to record: only what the browser sent. A click on an answer leaves the note alone
        unless one came with it; a note leaves the answer alone."""
        fields = {"antwort": "value", "grund": "reason", "notiz": "note"}
        return {
            name: self.cleaned_data[field]
            for field, name in fields.items()
            if field in self.data and not (field == "grund" and "antwort" not in self.data)
        }

    def first_error(self) -> str:
        return next(str(message) for messages in self.errors.values() for message in messages)


class ConfirmedForm(forms.Form):
    """Which answers were just confirmed, with the version that made: "E03-01:2 E03-02:4"."""

    zurueck = forms.RegexField(r"^\S{6,12}:\d{1,9}( \S{6,12}:\d{1,9})*$", max_length=2000)

    def clean_zurueck(self) -> dict[str, int]:
        pairs = (said.split(":") for said in self.cleaned_data["zurueck"].split())
        return {key: int(version) for key, version in pairs}


class CommentForm(forms.Form):
    """One line of the team's talk about a question."""

    text = Untrimmed(
        max_length=COMMENT_LENGTH,
        error_messages={
            "required": _("Schreiben Sie zuerst etwas."),
            "max_length": _(
                "Der Kommentar ist zu lang: höchstens %(limit_value)d Zeichen, "
                "es sind %(show_value)d."
            ),
        },
    )


class DelegationForm(forms.Form):
    """Who is to look at a topic, and until when."""

    leute = forms.ModelMultipleChoiceField(
        queryset=User.objects.none(),
        required=False,
        error_messages=dict.fromkeys(
            ("invalid_choice", "invalid_pk_value"),
            _("Diese Person gehört nicht zum Team. Bitte wählen Sie jemand anderen."),
        ),
    )
    bis = forms.DateField(
        required=False,
        error_messages={"invalid": _("Schreiben Sie ein Datum, zum Beispiel 24.11.2026.")},
    )

    def __init__(self, data: Any, people: QuerySet[User]) -> None:
        super().__init__(data)
        cast("forms.ModelMultipleChoiceField", self.fields["leute"]).queryset = people

    def clean_bis(self) -> date | None:
        due: date | None = self.cleaned_data["bis"]
        today = timezone.localdate()
        if due and due < today:
            raise forms.ValidationError(
                _("Dieser Tag ist vorbei. Bitte wählen Sie heute oder einen späteren.")
            )
        if due and due.year > today.year + 2:
            raise forms.ValidationError(
                _("Bitte wählen Sie einen Tag bis Ende %(year)d."),
                params={"year": today.year + 2},
            )
        return due


class TopicsForm(forms.Form):
    """Which topics a round asks about."""

    topics = forms.ModelMultipleChoiceField(
        queryset=DecisionAid.objects.none(),
        to_field_name="code",
        error_messages={
            "required": _("Wählen Sie mindestens ein Thema."),
            **dict.fromkeys(
                ("invalid_choice", "invalid_pk_value"),
                _("Dieses Thema gibt es nicht. Bitte laden Sie die Seite neu."),
            ),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = cast("forms.ModelMultipleChoiceField", self.fields["topics"])
        topics.queryset = DecisionAid.objects.with_questions()


class StartForm(TopicsForm):
    """The same for a new round, which may begin with the answers of the last."""

    carry = forms.BooleanField(required=False)


class FirstTopicForm(forms.Form):
    """Three short questions before the first round. None has to be answered, and none is stored;
    what the firm has told of its size already is chosen."""

    anlass = forms.ChoiceField(label=_("Was drückt am meisten?"), required=False)
    branche = forms.ChoiceField(label=_("Was macht Ihr Betrieb?"), required=False)
    groesse = forms.ChoiceField(label=_("Wie groß ist er?"), required=False)

    def __init__(self, data: Any, *, headcount: int | None) -> None:
        super().__init__(data or None, initial={"groesse": Size.of(headcount)})
        for name, known in (("anlass", Pressing), ("branche", Trade), ("groesse", Size)):
            field = cast("forms.ChoiceField", self.fields[name])
            field.choices = [("", _("keine Angabe")), *known.choices]

    def said(self) -> dict[str, str]:
        """What `first_steps.in_order` takes; what makes no sense is as if left out."""
        if not self.is_bound:
            return {}
        self.full_clean()
        names = {"pressing": "anlass", "trade": "branche", "size": "groesse"}
        return {name: self.cleaned_data.get(field, "") for name, field in names.items()}


class ComparisonForm(forms.Form):
    """Which two rounds to compare, by number. What makes no sense is as if left out: the last two
    are compared."""

    von = forms.TypedChoiceField(label=_("Durchgang"), coerce=int, required=False)
    mit = forms.TypedChoiceField(label=_("mit Durchgang"), coerce=int, required=False)

    def __init__(self, data: Any, rounds: Sequence[Assessment]) -> None:
        """`rounds`: newest first."""
        super().__init__(data, auto_id="%s")
        self.rounds = {each.number: each for each in rounds}
        for name in ("von", "mit"):
            field = cast("forms.TypedChoiceField", self.fields[name])
            field.choices = [(each.number, str(each)) for each in reversed(rounds)]

    def pair(self) -> tuple[Assessment, Assessment] | None:
        """The earlier and the later round; None while there are not two."""
        self.full_clean()
        numbers = sorted(self.rounds)
        if len(numbers) < 2:
            return None
        last = self.cleaned_data.get("mit") or numbers[-1]
        first = self.cleaned_data.get("von") or max((n for n in numbers if n < last), default=last)
        if first == last:
            first, last = numbers[-2:]
        numbers = sorted([first, last])
        return self.rounds[numbers[0]], self.rounds[numbers[1]]


class PlacesForm(forms.Form):
    """What the directory is to show. Everything may be left out."""

    q = forms.CharField(
        label=_("Suche"),
        required=False,
        max_length=100,
        error_messages={
            "max_length": _("Die Suche ist zu lang: höchstens %(limit_value)d Zeichen.")
        },
    )
    thema = forms.ChoiceField(
        label=_("Thema"),
        required=False,
        error_messages={"invalid_choice": _("Dieses Thema gibt es nicht. Gezeigt werden alle.")},
    )
    art = forms.ChoiceField(
        label=_("Art"),
        required=False,
        choices=[("", _("alle Arten")), *Resource.Kind.choices],
        error_messages={"invalid_choice": _("Diese Art gibt es nicht. Gezeigt werden alle.")},
    )
    land = forms.ChoiceField(
        label=_("Bundesland"),
        required=False,
        choices=[("", _("alle Länder")), *Region.choices],
        error_messages={
            "invalid_choice": _("Dieses Bundesland gibt es nicht. Gezeigt werden alle.")
        },
    )

    def __init__(self, data: Any, aids: Iterable[DecisionAid]) -> None:
        super().__init__(data, auto_id="%s")
        topics = [(aid.code, aid.short) for aid in aids]
        cast("forms.ChoiceField", self.fields["thema"]).choices = [("", _("alle Themen")), *topics]

    def wanted(self) -> dict[str, str]:
        """What was understood; what was not is as if left out."""
        self.full_clean()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}


class ConsultantForm(forms.Form):
    """How a consultant presents themselves. The name is the account's."""

    name = forms.CharField(
        label=_("Ihr Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages=text_errors(required=_("Bitte geben Sie Ihren Namen an.")),
    )
    organisation = forms.CharField(
        label=_("Organisation"),
        required=False,
        max_length=200,
        help_text=_("Steht mit Ihrem Namen unter Ihren Beratungsberichten."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages=text_errors(),
    )
    network = forms.ChoiceField(
        label=_("Beratungsnetzwerk"),
        required=False,
        error_messages={"invalid_choice": _("Bitte wählen Sie ein Netzwerk aus der Liste.")},
    )
    regions = forms.MultipleChoiceField(
        label=_("Wo Sie beraten"),
        required=False,
        choices=Region.choices,
        error_messages={"invalid_choice": _("Bitte wählen Sie Bundesländer aus der Liste.")},
    )
    topics = forms.MultipleChoiceField(
        label=_("Wozu Sie beraten"),
        required=False,
        error_messages={"invalid_choice": _("Bitte wählen Sie Themen aus der Liste.")},
    )

    def __init__(self, *args: Any, networks: Choices, aids: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        network = cast("forms.ChoiceField", self.fields["network"])
        network.choices = [("", _("keins")), *networks]
        cast("forms.MultipleChoiceField", self.fields["topics"]).choices = list(aids)

    def clean_regions(self) -> str:
        return " ".join(self.cleaned_data["regions"])

    def clean_topics(self) -> str:
        return " ".join(self.cleaned_data["topics"])


class ReviewText(Untrimmed):
    """One of a review's texts."""

    def __init__(self, label: Any, rows: int = 3, **kwargs: Any) -> None:
        errors = {
            "max_length": _(
                "Der Text ist zu lang: höchstens %(limit_value)d Zeichen, es sind %(show_value)d. "
                "Gespeichert ist er noch nicht."
            )
        }
        super().__init__(
            label=label,
            required=False,
            max_length=REVIEW_LENGTH,
            widget=forms.Textarea(attrs={"rows": rows, "class": "gs-area"}),
            error_messages=text_errors() | errors,
            **kwargs,
        )


class ReviewForm(forms.Form):
    """What a consultant says about all of a round."""

    summary = ReviewText(_("Gesamteindruck"), rows=5)


class ReviewTopicForm(forms.Form):
    """What a consultant says about one topic."""

    view = forms.ChoiceField(
        label=_("Ihre Sicht auf die Antworten"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            ("", _("noch nichts dazu")),
            (ReviewTopic.View.AGREES, _("Ich sehe es genauso")),
            (ReviewTopic.View.DIFFERS, _("Ich sehe es anders")),
            (ReviewTopic.View.CANNOT_JUDGE, _("Ich kann es nicht beurteilen")),
        ],
        error_messages={"invalid_choice": _("Bitte wählen Sie eine der vier Antworten.")},
    )
    recommendation = ReviewText(_("Empfehlung"))
    good_practice = ReviewText(_("Was gut läuft"))
    next_step = ReviewText(_("Vorgeschlagener nächster Schritt"))


class ReviewForms:
    """A review as one page of forms: the summary, and one part for each topic of the round."""

    def __init__(self, data: Any, codes: Iterable[str], writing: Writing | None = None) -> None:
        stands = writing or Writing()
        self.whole = ReviewForm(data, initial={"summary": stands.summary})
        self.topics = {
            code: ReviewTopicForm(
                data, prefix=code, initial=asdict(stands.topics.get(code, Said()))
            )
            for code in codes
        }

    def is_valid(self) -> bool:
        return all(form.is_valid() for form in (self.whole, *self.topics.values()))

    def writing(self) -> Writing:
        """What was written; topics about which nothing is said are left out."""
        said = {code: Said(**form.cleaned_data) for code, form in self.topics.items()}
        return Writing(
            self.whole.cleaned_data["summary"],
            {code: one for code, one in said.items() if one != Said()},
        )
