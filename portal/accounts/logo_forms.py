"""The form of a firm's logo."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from portal.accounts.logo import (
    MOST_BYTES,
    MOST_PIXELS,
    Picture,
    TooManyPixels,
    Unreadable,
    rewritten,
)


class LogoForm(forms.Form):
    """A picture file; what is kept of it is `cleaned_data["logo"]`, a picture of our own making."""

    logo = forms.FileField(
        label=_("Bild"),
        help_text=_("PNG oder JPEG, höchstens 1 MB. Durchsichtige Flächen werden weiß."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
        error_messages={
            "required": _("Bitte wählen Sie zuerst eine Bilddatei aus."),
            "empty": _("Die Datei ist leer. Bitte wählen Sie eine andere."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        if self.errors:  # it stands far down a page
            self.fields["logo"].widget.attrs["autofocus"] = True

    def clean_logo(self) -> Picture:
        file = self.cleaned_data["logo"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                _("Die Datei ist größer als 1 MB. Bitte speichern Sie das Logo kleiner ab."),
                code="large",
            )
        try:
            return rewritten(file)
        except TooManyPixels:
            raise forms.ValidationError(
                _(
                    "Das Bild ist zu groß: höchstens %(most)d Pixel breit und hoch. Bitte "
                    "speichern Sie es kleiner ab."
                ),
                params={"most": MOST_PIXELS},
                code="pixels",
            ) from None
        except Unreadable:
            raise forms.ValidationError(
                _(
                    "Das ist kein PNG und kein JPEG, oder die Datei ist beschädigt. Bitte "
                    "speichern Sie das Logo als PNG oder JPEG neu ab."
                ),
                code="unreadable",
            ) from None
