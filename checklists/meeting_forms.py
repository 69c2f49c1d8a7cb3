"""What comes from the browser in a meeting."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from checklists.forms import Untrimmed, VersionField
from checklists.models.meeting import DECIDED_LENGTH, ITEM_TITLE_LENGTH, PARTICIPANTS_LENGTH
from checklists.plan_forms import DayField
from portal.accounts.forms import text_errors


class BeginForm(forms.Form):
    """What the meeting goes through: the agenda, or a topic."""

    was = forms.ChoiceField(
        label=_("Was nehmen Sie sich vor?"),
        error_messages={"invalid_choice": _("Bitte wählen Sie etwas aus der Liste.")},
    )

    def __init__(self, data: Any, choices: list[tuple[str, str]]) -> None:
        super().__init__(data)
        cast("forms.ChoiceField", self.fields["was"]).choices = choices


class MinuteForm(forms.Form):
    """What was decided at a point, and where to go next."""

    version = VersionField()
    text = Untrimmed(
        max_length=DECIDED_LENGTH,
        required=False,
        error_messages=text_errors()
        | {
            "max_length": _(
                "Das ist zu lang: höchstens %(limit_value)d Zeichen, es sind %(show_value)d. "
                "Festgehalten ist es noch nicht."
            )
        },
    )
    nach = forms.RegexField(r"^(\d{1,5}|protokoll)$", required=False)


class AddForm(forms.Form):
    """A point of one's own."""

    titel = Untrimmed(
        label=_("Noch ein Punkt"),
        max_length=ITEM_TITLE_LENGTH,
        error_messages=text_errors(required=_("Schreiben Sie, worum es geht.")),
    )


class MeetingForm(forms.Form):
    """Which day it was and who was there."""

    held_on = DayField(
        label=_("Tag"), error_messages={"required": _("Bitte den Tag der Sitzung angeben.")}
    )
    participants = forms.CharField(
        label=_("Wer war dabei?"),
        required=False,
        max_length=PARTICIPANTS_LENGTH,
        help_text=_("Namen, wie sie im Protokoll stehen sollen. Kann leer bleiben."),
        error_messages=text_errors(),
    )
