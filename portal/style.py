"""The style page: what all pages are put together from, each once. Demo and debug only."""

from __future__ import annotations

import re
from functools import cache

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from checklists.models import Stage, Value
from checklists.reading import Library
from checklists.templatetags.marks import ICONS, MARKS
from portal.accounts.forms import CompanyForm

STATES = ["", *Value.values]
BARS = [  # of the plan over its months
    ("plan", _("geplant")),
    ("act", _("läuft")),
    ("late", _("überfällig")),
    ("done", _("erledigt")),
]


class SampleForm(forms.Form):
    """A field as it is, and one that says what is wrong with it."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("Steht in der Mail, sechs Zeichen."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text"}),
    )


class PasswordForm(forms.Form):
    """A field whose content may be looked at."""

    password = forms.CharField(
        label=_("Passwort"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


@cache
def colours() -> list[tuple[str, str]]:
    """The names of the colours in tokens.css, each with what its comment says."""
    text = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    light = text[text.index(":root {") :].partition("}")[0]
    return re.findall(r"--(gs-[a-z-]+):\s*#[0-9A-F]{6};[ ]*(?:/\* (.*?) \*/)?", light)


@require_safe
@login_not_required
def style(request: HttpRequest) -> HttpResponse:
    """Every component once, made of the parts and classes that the pages use."""
    if not (settings.DEMO or settings.DEBUG):
        raise Http404
    library = Library.current()
    context = {
        "colours": colours(),
        "marks": [name for name in MARKS if "leer" not in name],
        "icons": list(ICONS),
        "stages": list(Stage),
        "aids": [chapter.aid for chapter in library.chapters.values()],
        "states": STATES,
        "bars": BARS,
        "form": CompanyForm({"name": "", "headcount": "viele"}),
        "code_form": SampleForm(),
        "password_form": PasswordForm(),
        "wrong_form": SampleForm({"code": ""}, auto_id="falsch_%s"),
    }
    return render(request, "style.html", context)
