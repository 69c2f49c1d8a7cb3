"""Forms of the ground floor: the name at sign-up, the profile of a company, and an invitation."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from portal.accounts.days import add_months
from portal.accounts.mails import OPTIONAL
from portal.accounts.models import Company, Engagement, Region, Role, User, WorksCouncil

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


class _OfCompany(forms.ModelForm):
    """Writes the fields it asks for: what else the row says may have changed meanwhile."""

    def save(self, commit: bool = True) -> Any:
        self.instance.save(update_fields=list(self.fields) if self.instance.pk else None)
        return self.instance


class CompanyForm(_OfCompany):
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


class TrialNameForm(forms.ModelForm):
    """What a trial is called once it is somebody's company."""

    class Meta:
        model = Company
        fields = ("name",)
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "organization"})}
        help_texts = {"name": _("So, wie er im Bericht stehen soll.")}
        error_messages = {
            "name": text_errors(required=_("Bitte geben Sie an, wie Ihr Betrieb heißt.")),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True


class WorksCouncilForm(_OfCompany):
    """The one question that is asked before somebody is invited."""

    works_council = forms.ChoiceField(choices=WorksCouncil.choices)

    class Meta:
        model = Company
        fields = ("works_council",)


ROLE_WORDS = {
    Role.MEMBER: _("Team: beantwortet die Fragen mit und sieht Ergebnis und Berichte"),
    Role.LEAD: _("Leitung: entscheidet mit über Durchgänge, Berichte und wer dazugehört"),
    Role.WORKS_COUNCIL: _("Betriebsrat: liest freigegebene Berichte und nimmt Stellung"),
}


class PersonalLine(forms.CharField):
    """What somebody adds to our mail: one line, so that nobody writes the rest of it."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Persönliche Zeile"),
            max_length=300,
            required=False,
            help_text=_("Freiwillig. Steht mit Ihrem Namen in der Mail, höchstens 300 Zeichen."),
            error_messages=text_errors(),
        )

    def clean(self, value: Any) -> str:
        return " ".join(super().clean(value).split())


class InvitationForm(forms.Form):
    """Whom to invite, as what. Which roles there are to choose from says who invites; where it is
    one alone, nothing is asked."""

    email = forms.EmailField(
        label=_("E-Mail-Adresse"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages=text_errors(required=_("Bitte geben Sie an, wohin die Einladung geht."))
        | {"invalid": _("Das ist keine E-Mail-Adresse. Sie sieht so aus: name@betrieb.de")},
    )
    role = forms.ChoiceField(
        label=_("Als was?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Bitte wählen Sie eine Rolle."),
            "invalid_choice": _("Diese Rolle können Sie nicht vergeben. Bitte wählen Sie neu."),
        },
    )
    message = PersonalLine()

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers_council = Role.WORKS_COUNCIL in roles
        if len(roles) == 1:
            self.only_role = roles[0]
            del self.fields["role"]
        else:
            role = self.fields["role"]
            role.choices = [(each, ROLE_WORDS[each]) for each in roles]  # type: ignore[attr-defined]
            role.initial = roles[0]
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "role" not in self.fields:
            cleaned["role"] = self.only_role
        return cleaned


class TermsForm(forms.Form):
    """What a consultant may see, and until when."""

    MONTHS = 6
    MOST_MONTHS = 24

    sees_answers = forms.BooleanField(
        label=_("Antworten und Ergebnis"),
        required=False,
        initial=True,
        help_text=_("Was Sie angekreuzt haben, mit Gründen, Lücken und nächsten Schritten."),
    )
    sees_notes = forms.BooleanField(
        label=_("Notizen zu den Antworten"),
        required=False,
        help_text=_("Was Sie zu einer Antwort aufgeschrieben haben. Nur zusammen mit ihr."),
    )
    sees_plan = forms.BooleanField(
        label=_("Plan mit Maßnahmen"),
        required=False,
        help_text=_("Was Sie sich vorgenommen haben, mit Zuständigen und Terminen."),
    )
    sees_reports = forms.BooleanField(
        label=_("Berichte"),
        required=False,
        initial=True,
        help_text=_("Alle Berichte des Betriebs, auch solche mit Notizen, und ihre PDFs."),
    )
    until = forms.DateField(
        label=_("Gilt bis"),
        help_text=_("Höchstens zwei Jahre. Der genannte Tag gehört noch dazu."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": _("Bitte sagen Sie, bis wann das Mandat gilt."),
            "invalid": _("Bitte geben Sie ein Datum an, zum Beispiel 31.12.2027."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        until = self.fields["until"]
        until.initial = add_months(today, self.MONTHS)
        until.widget.attrs |= {
            "min": today.isoformat(),
            "max": add_months(today, self.MOST_MONTHS).isoformat(),
        }

    @classmethod
    def terms_of(cls, engagement: Engagement) -> dict[str, Any]:
        return {name: getattr(engagement, name) for name in (*Engagement.GRANTS, "until")}

    @property
    def grants(self) -> list[forms.BoundField]:
        return [self[name] for name in Engagement.GRANTS]

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until < timezone.localdate():
            raise forms.ValidationError(
                _("Dieser Tag ist vorbei. Bitte wählen Sie heute oder einen späteren."), code="past"
            )
        if until > add_months(timezone.localdate(), self.MOST_MONTHS):
            raise forms.ValidationError(
                _("Ein Mandat gilt höchstens zwei Jahre. Danach können Sie es neu erteilen."),
                code="late",
            )
        return until


class EngagementForm(TermsForm):
    """An engagement to offer."""

    field_order = ("email",)

    email = forms.EmailField(
        label=_("E-Mail-Adresse der Beratung"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Bitte geben Sie die Adresse der Beraterin oder des Beraters an."),
            "invalid": _("Bitte geben Sie eine E-Mail-Adresse an, zum Beispiel name@beratung.de."),
            **text_errors(),
        },
    )
    message = PersonalLine()

    @classmethod
    def like(cls, engagement: Engagement) -> EngagementForm:
        """Filled in with the address and the grants of an earlier one; its day starts anew."""
        terms = {name: getattr(engagement, name) for name in Engagement.GRANTS}
        return cls(initial={"email": engagement.email, **terms})

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class MailSettingsForm(forms.Form):
    """Which of the mails one can do without one wants."""

    mails = forms.MultipleChoiceField(
        label=_("Diese Mails möchte ich bekommen"),
        required=False,
        choices=[(kind.value, kind.label) for kind in OPTIONAL],
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": _("Diese Mail gibt es nicht. Bitte laden Sie die Seite neu.")
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    @property
    def muted(self) -> set[str]:
        """The kinds that were left unticked."""
        return {kind.value for kind in OPTIONAL} - set(self.cleaned_data["mails"])
