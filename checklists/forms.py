"""What comes from the browser when somebody answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from checklists.models import DecisionAid, Resource, Value
from checklists.models.assessment import NOTE_LENGTH, REASON_LENGTH
from checklists.results import OFFEN
from portal.accounts.models import Region


class Untrimmed(forms.CharField):
    """Text as it was typed; browsers send line ends as CR LF, we keep LF."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n").strip()


class AnswerForm(forms.Form):
    """One click or one note on one question. Fields not sent stay as they are."""

    version = forms.IntegerField(min_value=0, max_value=2_000_000_000)
    antwort = forms.ChoiceField(
        choices=[(OFFEN, ""), *Value.choices],
        required=False,
        error_messages={"invalid_choice": _("Diese Antwort gibt es nicht.")},
    )
    grund = Untrimmed(
        max_length=REASON_LENGTH,
        required=False,
        error_messages={
            "max_length": _("Der Grund ist zu lang: höchstens %(limit_value)d Zeichen.")
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


class TopicsForm(forms.Form):
    """Which topics a round asks about."""

    topics = forms.ModelMultipleChoiceField(
        queryset=DecisionAid.objects.none(),
        to_field_name="code",
        error_messages={
            "required": _("Wählen Sie mindestens ein Thema."),
            "invalid_choice": _("Dieses Thema gibt es nicht."),
            "invalid_pk_value": _("Dieses Thema gibt es nicht."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = cast("forms.ModelMultipleChoiceField", self.fields["topics"])
        topics.queryset = DecisionAid.objects.with_questions()


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
