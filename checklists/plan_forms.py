"""What comes from the browser when somebody plans."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from checklists.forms import Untrimmed, VersionField
from checklists.models import DecisionAid, EffectCheck, Measure, Question, Stage
from checklists.models.plan_rules import REASON_LENGTH, need_day
from checklists.models.planned import TEXT_LENGTH
from portal.accounts.forms import text_errors
from portal.accounts.models import User

NO_SUCH_DAY = _("Diesen Tag gibt es nicht. Bitte so schreiben: 28.02.2027.")


class DayInput(forms.DateInput):
    """The browser's own calendar; text again where what was typed is no day, so that it stays."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayField(forms.DateField):
    """A date between 2000 and 2100, written 2027-02-28 or 28.02.2027."""

    widget = DayInput
    default_error_messages = {"invalid": NO_SUCH_DAY}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"], **kwargs)

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        need_day(day)
        return day


class MoneyField(forms.DecimalField):
    """Euros as one writes them: 1.200 or 1.200,50 or 1200,5 €."""

    GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+")

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = re.sub(r"[\s€]|EUR", "", value)
            if "," in value or self.GROUPED.fullmatch(value):
                value = value.replace(".", "").replace(",", ".")
        return super().to_python(value)


class KeepsWrongDays(forms.Form):
    """A form that shows a day that does not exist as it was typed."""

    def full_clean(self) -> None:
        super().full_clean()
        for name in self.errors:
            field = self.fields.get(name)
            if isinstance(field, DayField):
                field.widget.input_type = "text"


class PlanForm(forms.Form):
    """What the plan is to show. Everything may be left out."""

    VIEWS = [("liste", _("Liste")), ("stufen", _("Nach Stufe")), ("zeit", _("Als Zeitplan"))]
    STATES = [
        ("", _("alle")),
        ("offen", _("noch zu tun")),
        ("ueberfaellig", _("überfällig")),
        *Measure.Status.choices,
    ]

    ansicht = forms.ChoiceField(choices=VIEWS, required=False)
    stand = forms.ChoiceField(label=_("Stand"), choices=STATES, required=False)
    wer = forms.ChoiceField(
        label=_("Verantwortlich"),
        choices=[("", _("alle")), ("meine", _("meine Maßnahmen"))],
        required=False,
    )
    thema = forms.ChoiceField(label=_("Thema"), required=False)
    stufe = forms.ChoiceField(
        label=_("Stufe"),
        choices=[("", _("alle")), *[(str(value), label) for value, label in Stage.choices]],
        required=False,
    )

    def __init__(self, data: Any, aids: Iterable[DecisionAid]) -> None:
        super().__init__(data, auto_id="%s")
        topics = [("", _("alle")), *[(aid.code, aid.short) for aid in aids]]
        cast("forms.ChoiceField", self.fields["thema"]).choices = topics
        for name in ("stand", "wer", "thema", "stufe"):
            self.fields[name].widget.attrs["class"] = "gs-select"

    def wanted(self) -> dict[str, str]:
        """What was understood; what was not is as if left out."""
        self.full_clean()
        asked = {name: self.cleaned_data.get(name, "") for name in self.fields}
        return asked | {"ansicht": asked["ansicht"] or "liste"}


class PressForm(KeepsWrongDays):
    """One button press; what it needs beside the press itself."""

    NEEDED = {
        "frist": ("frist", _("Bitte wählen Sie die neue Frist.")),
        "spaeter": ("wieder", _("Bitte wählen Sie, wann Sie wieder darauf sehen wollen.")),
        "nicht": ("grund", _("Schreiben Sie kurz dazu, warum nicht. Ein Satz genügt.")),
    }

    wieder = DayField(label=_("Wieder ansehen am"), required=False)
    grund = Untrimmed(
        label=_("Warum ist das nichts für uns?"),
        max_length=REASON_LENGTH,
        required=False,
        error_messages=text_errors(),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        field, message = self.NEEDED.get(data.get("was", ""), ("", ""))
        if field and not data.get(field) and field not in self.errors:
            self.add_error(field, message)
        return data


class MoveForm(PressForm):
    """A press on a measure."""

    VERBS = [
        ("beginnen", _("Beginnen")),
        ("erledigt", _("Erledigt")),
        ("zurueck", _("Noch nicht begonnen")),
        ("frist", _("Frist verschieben")),
        ("spaeter", _("Später")),
        ("nicht", _("Nicht für uns")),
    ]

    was = forms.ChoiceField(choices=VERBS)
    version = VersionField()
    frist = DayField(label=_("Neue Frist"), required=False)
    field_order = ("was",)


class DecisionForm(PressForm):
    """A press on a recommended step."""

    was = forms.ChoiceField(
        choices=[(name, name) for name in ("aufnehmen", "spaeter", "nicht", "doch", "heraus")]
    )


class CheckForm(forms.Form):
    """Did it help?"""

    helped = forms.ChoiceField(
        label=_("Hat es geholfen?"),
        choices=EffectCheck.Helped.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Bitte wählen Sie eine der vier Antworten."),
            "invalid_choice": _("Bitte wählen Sie eine der vier Antworten."),
        },
    )
    why = Untrimmed(
        label=_("Woran merken Sie das?"),
        max_length=REASON_LENGTH,
        required=False,
        error_messages=text_errors(),
    )


class MeasureCommentForm(forms.Form):
    """One line about a measure."""

    text = Untrimmed(
        max_length=TEXT_LENGTH,
        error_messages=text_errors(required=_("Schreiben Sie zuerst etwas.")),
    )


class PersonField(forms.ModelChoiceField):
    """Somebody who may carry a measure."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=User.objects.none(),
            required=False,
            empty_label=str(_("noch niemand")),
            error_messages={
                "invalid_choice": _(
                    "Diese Person gehört nicht (mehr) zu Leitung oder Team. Bitte wählen Sie "
                    "jemand anderen."
                )
            },
            **kwargs,
        )


class GapsField(forms.ModelMultipleChoiceField):
    """Which gaps a measure closes."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.key} {obj.text}"


class MeasureForm(KeepsWrongDays, forms.ModelForm):
    """All that one can say about a measure."""

    LEADS_SAY = ("responsible", "responsible_role", "affects_staff")

    version = VersionField(required=False)
    responsible = PersonField(label=_("Wer ist verantwortlich?"))
    starts_on = DayField(label=_("Beginn"), required=False)
    due_on = DayField(label=_("Frist"), required=False)
    budget = forms.ChoiceField(
        label=_("Kostet es Geld?"),
        required=False,
        choices=[("", _("noch offen")), *Measure.Said.choices],
        widget=forms.RadioSelect,
    )
    affects_staff = forms.ChoiceField(
        label=_("Betrifft das die Beschäftigten?"),
        help_text=_(
            "Zum Beispiel Arbeitszeit, Abläufe, Lernen, neue Technik. Bei „nein“ nennt die "
            "Betriebsratsfassung des Berichts diese Maßnahme nicht, sie zählt sie nur."
        ),
        required=False,
        choices=[("", _("noch offen")), *Measure.Said.choices],
        widget=forms.RadioSelect,
    )
    budget_amount = MoneyField(
        label=_("Betrag in Euro"),
        required=False,
        min_value=0,
        max_digits=10,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={
            "invalid": _("Bitte geben Sie einen Betrag ein, zum Beispiel 1.200 oder 89,50."),
            "min_value": _("Bitte geben Sie einen Betrag ab 0 ein."),
        },
    )
    gaps = GapsField(
        queryset=Question.objects.none(),
        label=_("Welche Lücken schließt das?"),
        required=False,
        error_messages={
            "invalid_choice": _(
                "Eine gewählte Frage steht nicht mehr auf Nein. Bitte lassen Sie sie weg."
            ),
            "invalid_pk_value": _("Bitte wählen Sie Fragen aus der Liste."),
        },
    )

    class Meta:
        model = Measure
        fields = (
            "title",
            "direction",
            "way",
            "done_when",
            "responsible",
            "responsible_role",
            "team",
            "starts_on",
            "due_on",
            "priority",
            "effort",
            "budget",
            "budget_amount",
            "affects_staff",
            "gaps",
        )
        help_texts = {
            "direction": _("Was die Leitung damit will, und warum. Ein, zwei Sätze."),
            "way": _("Wie es geht. Das schreiben die, die es machen."),
            "done_when": _("Woran alle sehen, dass es geschafft ist."),
            "responsible_role": _("Statt einer Person, zum Beispiel: Meister Werkstatt."),
            "team": _("Namen oder Gruppen."),
            "effort": _("Zum Beispiel: zwei halbe Tage."),
        }
        widgets = {
            "direction": forms.Textarea(attrs={"rows": 3}),
            "way": forms.Textarea(attrs={"rows": 4}),
            "done_when": forms.Textarea(attrs={"rows": 2}),
            "priority": forms.RadioSelect,
        }
        error_messages = {
            "title": text_errors(required=_("Bitte schreiben Sie, was getan wird.")),
            "direction": text_errors(),
            "way": text_errors(),
            "done_when": text_errors(),
            "responsible_role": text_errors(),
            "team": text_errors(),
            "effort": text_errors(),
        }

    def __init__(
        self, *args: Any, people: QuerySet[User] | None, gaps: QuerySet[Question], **kwargs: Any
    ) -> None:
        """`people` None: a member's form, without what only a lead says."""
        super().__init__(*args, **kwargs)
        if people is None:
            for name in self.LEADS_SAY:
                del self.fields[name]
            if not self.instance.pk:
                self.fields["direction"].help_text = _("Was Sie damit wollen, und warum.")
        else:
            cast("PersonField", self.fields["responsible"]).queryset = people
        cast("GapsField", self.fields["gaps"]).queryset = gaps
        if not gaps:
            del self.fields["gaps"]
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        starts, due = data.get("starts_on"), data.get("due_on")
        if starts and due and due < starts:
            self.add_error(
                "due_on", _("Die Frist liegt vor dem Beginn. Bitte ändern Sie eines von beiden.")
            )
        if data.get("responsible") and data.get("responsible_role"):
            self.add_error(
                "responsible_role",
                _("Nennen Sie entweder eine Person oder eine Rolle, nicht beides."),
            )
        if data.get("budget_amount") is not None and data.get("budget") != Measure.Said.YES:
            self.add_error("budget", _("Ein Betrag steht da: Bitte wählen Sie „ja“."))
        return data

    def said(self, carrier: User | None = None) -> dict[str, Any]:
        """What the measure is to hold, as its verbs take it. `carrier` is responsible where the
        form does not ask; without one that stays as it is."""
        left_out = {"version", "gaps", "responsible"}
        said = {name: value for name, value in self.cleaned_data.items() if name not in left_out}
        asked = "responsible" in self.fields
        person = self.cleaned_data["responsible"] if asked else carrier
        if not asked and carrier is None:
            return said
        return said | {
            "responsible_id": person.pk if person else None,
            "assigned": person is not None,
        }

    def chosen_gaps(self) -> list[Question]:
        return list(self.cleaned_data.get("gaps", ()))

    def differences(self, standing: Measure) -> list[tuple[str, str, str]]:
        """Where the form says otherwise than what stands: label, what stands, what one wrote."""
        found = []
        for name, field in self.fields.items():
            if name in {"version", "gaps"}:
                continue
            mine, theirs = self.cleaned_data.get(name), getattr(standing, name)
            if (mine or "") != (theirs or ""):
                choices = dict(getattr(field, "choices", ())) if name != "responsible" else {}
                stands, wrote = (_shown(choices.get(each, each)) for each in (theirs, mine))
                found.append((str(field.label), stands, wrote))
        return found

    def go_on_from(self, version: int) -> None:
        """Shown again after a conflict: what is sent next knows what stands."""
        self.data = {**self.data.dict(), "gaps": self.data.getlist("gaps"), "version": version}  # type: ignore[attr-defined]

    def add_refusal(self, error: ValidationError) -> None:
        """What the model did not accept, beside its field."""
        self.add_error(None, error)


def _shown(value: Any) -> str:
    """A value as the page says it."""
    if isinstance(value, date):
        return date_format(value, "j. F Y")
    return str(value) if value not in {None, ""} else str(_("leer"))
