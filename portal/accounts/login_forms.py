"""allauth's forms that ask for a password, as our pages show them. Not in forms.py, which allauth
itself reads."""

from __future__ import annotations

from typing import Any

from allauth.account import forms


class _WithoutHelp:
    """ "Passwort vergessen?" stands beside the button, not between label and field."""

    fields: dict[str, Any]
    asks = "password"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[self.asks].help_text = ""


class LoginForm(_WithoutHelp, forms.LoginForm):
    """Who one is."""


class ReauthenticateForm(_WithoutHelp, forms.ReauthenticateForm):
    """That it is still oneself."""


class ChangePasswordForm(_WithoutHelp, forms.ChangePasswordForm):
    """The old password and a new one."""

    asks = "oldpassword"
