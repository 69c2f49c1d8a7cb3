"""Forms of the ground floor: the name at sign-up, and the profile of a company."""

from __future__ import annotations

import re
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from portal.accounts.models import Company, Region, User, WorksCouncil

LARGEST_HEADCOUNT = 100_000


def text_errors(required: Any = None) -> dict[str, Any]:
    """Error messages of a one-line text field that name the reason and the way out."""
    messages: dict[str, Any] = {
        "max_length": ngettext_lazy(
            "Hier passt nur ein Zeichen hinein. Ihre Eingabe hat %(show_value)d. "
            "Bitte kürzen Sie sie.",
            "Hier passen höchstens %(limit_value)d Zeichen hinein. Ihre Eingabe hat "
            "%(show_value)d. Bitte kürzen Sie sie.",
            "limit_value",
        ),
        "null_characters_not_allowed": _(
            "Ihre Eingabe enthält ein unsichtbares Zeichen, das sich nicht speichern lässt. "
            "Bitte tippen Sie sie neu ein."
        ),
    }
    if required:
        messages["required"] = required
    return messages


class SignupForm(forms.Form):
    """What allauth's sign-up asks besides address and password."""

    field_order = ("name", "email", "password1")

    name = forms.CharField(
        label=_("Ihr Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages=text_errors(required=_("Bitte geben Sie Ihren Namen an.")),
    )

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the account is stored."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


class HeadcountField(forms.IntegerField):
    """A whole number, written the German way if one likes: 1.200 or 1 200, never read as 1."""

    GROUPED = re.compile(r"\d{1,3}(?:[.\s]\d{3})+")

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str) and self.GROUPED.fullmatch(value.strip()):
            value = re.sub(r"[.\s]", "", value)
        elif isinstance(value, str) and "." in value:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class CompanyForm(forms.ModelForm):
    """The profile of a company. Only its name is asked for; nothing else is needed to start."""

    headcount = HeadcountField(
        label=_("Zahl der Beschäftigten"),
        required=False,
        min_value=1,
        max_value=LARGEST_HEADCOUNT,
        help_text=_("Alle zusammen, auch Teilzeit und Azubis. Ungefähr genügt."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "invalid": _("Bitte geben Sie eine ganze Zahl ein, zum Beispiel 12."),
            "min_value": _("Bitte geben Sie mindestens 1 ein oder lassen Sie das Feld leer."),
            "max_value": _("Bitte geben Sie höchstens 100.000 ein."),
        },
    )
    region = forms.ChoiceField(
        label=_("Bundesland"),
        required=False,
        choices=[("", _("noch nicht angegeben")), *Region.choices],
        help_text=_("Damit wir Anlaufstellen in Ihrer Nähe nennen können."),
        error_messages={"invalid_choice": _("Bitte wählen Sie ein Bundesland aus der Liste.")},
    )
    works_council = forms.ChoiceField(
        label=_("Gibt es einen Betriebsrat?"),
        required=False,
        choices=[
            (WorksCouncil.YES, _("Ja")),
            (WorksCouncil.NO, _("Nein")),
            ("", _("noch nicht angegeben")),
        ],
        widget=forms.RadioSelect,
        help_text=_(
            "Einige Fragen brauchen einen Betriebsrat. Gibt es keinen, zeigen wir, wie es direkt "
            "mit den Beschäftigten geht."
        ),
        error_messages={"invalid_choice": _("Bitte wählen Sie eine der drei Antworten.")},
    )

    class Meta:
        model = Company
        fields = ("name", "trade", "headcount", "region", "works_council")
        help_texts = {
            "name": _("So, wie er im Bericht stehen soll."),
            "trade": _("Zum Beispiel: Metallbau, Bäckerei, Pflegedienst."),
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "organization"}),
        }
        error_messages = {
            "name": text_errors(required=_("Bitte geben Sie an, wie Ihr Betrieb heißt.")),
            "trade": text_errors(),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True
