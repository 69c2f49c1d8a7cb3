"""allauth's form to log in, as our page shows it. Not in forms.py: allauth reads that one itself."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm as PlainLoginForm


class LoginForm(PlainLoginForm):
    """ "Passwort vergessen?" stands below the form, not between field and button."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""
