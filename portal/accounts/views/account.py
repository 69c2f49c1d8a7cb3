"""One's own account: which mails one gets."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.accounts.forms import MailSettingsForm
from portal.accounts.mails import ESSENTIAL, OPTIONAL, wants
from portal.accounts.requests import UserRequest


@require_http_methods(["GET", "POST"])
def mails(request: UserRequest) -> HttpResponse:
    """Switch off what one can do without; what the portal cannot do without says why."""
    initial = {"mails": [kind.value for kind in OPTIONAL if wants(request.user, kind)]}
    form = MailSettingsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        request.user.mute_mails(form.muted)
        messages.success(request, _("Gespeichert."))
        return redirect("mail_settings")
    essential = [(kind.label, why) for kind, why in ESSENTIAL.items()]
    context = {"form": form, "essential": essential, "nav": "account"}
    status = 422 if form.errors else 200
    return render(request, "accounts/mail_settings.html", context, status=status)
