"""Forms of sharing and answering a report."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, cast

from crispy_forms.helper import FormHelper
from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateformat import format as written
from django.utils.translation import gettext_lazy as _

from checklists.forms import Untrimmed, VersionField
from checklists.models import Assessment
from checklists.sheet import Sheet
from portal.accounts.forms import text_errors
from portal.accounts.models import Company
from reports.kinds import Kind, Options
from reports.models import Report, Share, Statement
from reports.models.statement import MEANING, STATEMENT_LENGTH

PASSWORD_LENGTH = 8


def _once() -> str:
    return secrets.token_urlsafe(16)


class OrderForm(forms.Form):
    """Which report somebody wants of a round. What is not sent has its default, so that one click
    without any choice makes the action report of the topics that were begun."""

    kind = forms.ChoiceField(
        label=_("Fassung"),
        required=False,
        choices=Kind.choices,
        error_messages={
            "invalid_choice": _("Diese Fassung gibt es nicht. Bitte wählen Sie eine der fünf.")
        },
    )
    topics = forms.MultipleChoiceField(
        label=_("Themen"),
        required=False,
        error_messages={
            "invalid_choice": _(
                "Dieses Thema gehört nicht zum Durchgang. Bitte laden Sie die Seite neu."
            )
        },
    )
    with_notes = forms.BooleanField(required=False)
    with_reviews = forms.BooleanField(required=False)
    plain = forms.BooleanField(required=False)
    with_logo = forms.BooleanField(required=False)
    grey = forms.BooleanField(required=False)
    archive = forms.BooleanField(required=False)

    def __init__(self, *args: Any, assessment: Assessment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.aids = list(assessment.topics.order_by("position", "code"))
        self.assessment = assessment
        topics = cast("forms.MultipleChoiceField", self.fields["topics"])
        topics.choices = [(aid.code, aid.title) for aid in self.aids]

    @cached_property
    def chosen_topics(self) -> list[str]:
        """Codes to tick: to begin with those that somebody has begun to answer."""
        if self.is_bound:
            sent = cast("QueryDict", self.data).getlist("topics")
            return [aid.code for aid in self.aids if aid.code in sent]
        return self._begun()

    def _begun(self) -> list[str]:
        """Codes of the topics that somebody has begun to answer; of all where nobody has."""
        topics = Sheet.of(self.assessment).topics
        begun = [topic.aid.code for topic in topics if topic.tally.started]
        return begun or [aid.code for aid in self.aids]

    def wanted(self) -> Options:
        data = self.cleaned_data
        topics = data["topics"] or self._begun()
        return Options(
            kind=data["kind"] or Kind.ACTION,
            topics=() if len(topics) == len(self.aids) else tuple(topics),
            with_notes=data["with_notes"],
            with_reviews=data["with_reviews"],
            plain=data["plain"],
            with_logo=data["with_logo"],
            grey=data["grey"],
            archive=data["archive"],
        )


class WithdrawalForm(forms.Form):
    """Why a report is taken back."""

    why = forms.CharField(
        label=_("Warum? Wenn Sie es sagen möchten"),
        required=False,
        max_length=200,
        help_text=_("Steht in der Liste der Berichte, für alle im Betrieb."),
        error_messages=text_errors(),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True


class ShareLinkForm(forms.Form):
    """A link to a report for somebody without an account."""

    purpose = forms.CharField(
        label=_("Für wen, wofür"),
        max_length=200,
        help_text=_(
            "Zum Beispiel: Innungsberatung, Gespräch am 3. Mai. Leitung und Betriebsrat lesen das."
        ),
        error_messages=text_errors(required=_("Schreiben Sie kurz, für wen der Link ist.")),
    )
    days = forms.IntegerField(
        label=_("Wie viele Tage gilt er?"),
        min_value=1,
        max_value=Share.MOST_DAYS,
        initial=Share.DAYS,
        help_text=_("Danach öffnet er nichts mehr. Höchstens ein Jahr."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": _("Schreiben Sie, wie viele Tage der Link gelten soll."),
            "invalid": _("Bitte geben Sie eine ganze Zahl ein, zum Beispiel 30."),
            "min_value": _("Bitte geben Sie mindestens einen Tag an."),
            "max_value": _("Ein Link gilt höchstens %(limit_value)d Tage."),
        },
    )
    password = forms.CharField(
        label=_("Passwort, wenn Sie eines möchten"),
        required=False,
        strip=False,
        min_length=PASSWORD_LENGTH,
        max_length=128,
        help_text=_(
            "Mindestens acht Zeichen. Geben Sie es auf einem anderen Weg weiter als den Link; "
            "das Portal zeigt es nicht noch einmal."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            **text_errors(),
            "min_length": _(
                "Ein Passwort braucht mindestens %(limit_value)d Zeichen, Ihres hat "
                "%(show_value)d. Oder lassen Sie das Feld leer."
            ),
        },
    )
    # Tells one form from the next: sent twice, it makes one link.
    once = forms.CharField(required=False, max_length=64, initial=_once, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def wanted(self) -> dict[str, Any]:
        """What Share.by_link takes: the link is good until the end of its last day."""
        data = self.cleaned_data
        following = timezone.localdate() + timedelta(days=data["days"] + 1)
        return {
            "purpose": data["purpose"],
            "password": data["password"],
            "once": data["once"],
            "expires_at": timezone.make_aware(datetime.combine(following, time.min)),
        }


class OpenForm(forms.Form):
    """What whoever holds a link may have to know."""

    password = forms.CharField(
        label=_("Passwort"),
        required=False,
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "gs-input"}),
        error_messages=text_errors(),
    )


class StatementForm(forms.Form):
    """The works council's answer to a report."""

    kind = forms.ChoiceField(
        label=_("Ergebnis"),
        required=False,
        choices=Statement.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Bitte wählen Sie eines der vier Ergebnisse.")},
    )
    text = Untrimmed(
        label=_("Was wir dazu sagen"),
        required=False,
        max_length=STATEMENT_LENGTH,
        widget=forms.Textarea(attrs={"class": "gs-area", "rows": 12}),
        error_messages={
            **text_errors(),
            "max_length": _(
                "Die Stellungnahme ist zu lang: höchstens %(limit_value)d Zeichen, es sind "
                "%(show_value)d. Gespeichert ist sie noch nicht."
            ),
        },
    )
    dated = forms.DateField(
        label=_("Datum"),
        widget=forms.DateInput(attrs={"type": "date", "class": "gs-input"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Von welchem Tag ist die Stellungnahme?"),
            "invalid": _("Bitte geben Sie ein Datum ein, zum Beispiel 03.05.2027."),
        },
    )
    version = VersionField(min_value=0)

    def __init__(self, *args: Any, report: Report, release: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.report = report
        self.made_on = timezone.localdate(report.made_at)
        if release:
            self.fields["kind"].required = True
            self.fields["kind"].error_messages["required"] = _(
                "Wählen Sie ein Ergebnis, bevor Sie die Stellungnahme freigeben."
            )

    def kinds(self) -> list[tuple[forms.boundfield.BoundWidget, str]]:
        """Each result with what choosing it says."""
        return [(choice, str(MEANING[choice.data["value"]])) for choice in self["kind"]]

    def clean_dated(self) -> date:
        dated: date = self.cleaned_data["dated"]
        if dated > timezone.localdate():
            raise forms.ValidationError(
                _("Dieser Tag kommt erst noch. Bitte geben Sie heute oder einen früheren an."),
                code="future",
            )
        if dated < self.made_on:
            raise forms.ValidationError(
                _(
                    "Der Bericht ist erst vom %(date)s. Bitte geben Sie diesen oder einen späteren "
                    "Tag an."
                ),
                params={"date": written(self.made_on, "j. F Y")},
                code="before",
            )
        return dated

    def wanted(self) -> dict[str, Any]:
        """What Statement.write takes."""
        return {name: self.cleaned_data[name] for name in ("version", "kind", "dated", "text")}

    def again(self, version: int) -> StatementForm:
        """The same form as if its writer had seen this version."""
        data = {**{name: self.data.get(name, "") for name in self.fields}, "version": version}
        return StatementForm(data, report=self.report)


class DeletionForm(forms.Form):
    """The company's name, typed: the one confirmation of what cannot be undone."""

    name = forms.CharField(
        label=_("Name des Betriebs"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Bitte tippen Sie den Namen des Betriebs ein."),
            "max_length": _("Das ist nicht der Name des Betriebs. Bitte tippen Sie ihn genau ab."),
        },
    )

    def __init__(self, *args: Any, company: Company, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean_name(self) -> str:
        """Capitals, quotation marks and doubled blanks do not matter. Raises ValidationError."""
        typed = str(self.cleaned_data["name"])
        if _bare(typed) != _bare(self.company.name):
            raise forms.ValidationError(
                _("Das ist nicht „%(name)s“. Bitte tippen Sie den Namen genau ab."),
                params={"name": self.company.name},
                code="name",
            )
        return typed


def _bare(name: str) -> str:
    return " ".join(name.strip(" „“”\"'»«").casefold().split())
