"""One's own account, where it reaches into every app: what is kept about me, and deleting it."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from checklists.reading import Library
from checklists.views.public import ReaderRequest, page, public
from portal import person
from portal.accounts.access import companies_led_alone_by
from portal.accounts.mails import Kind, send
from portal.accounts.requests import UserRequest


@require_GET
def my_data(request: UserRequest) -> HttpResponse:
    """What the portal keeps about whoever asks, in words."""
    return render(request, "accounts/my_data.html", {"nav": "account"})


@require_GET
def my_data_file(request: UserRequest) -> HttpResponse:
    """The same as a file that programs can read."""
    response = JsonResponse(
        person.told(request.user), json_dumps_params={"ensure_ascii": False, "indent": 1}
    )
    response.headers["Content-Disposition"] = 'attachment; filename="gegenstrom-meine-daten.json"'
    return response


@require_http_methods(["GET", "POST"])
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def delete(request: UserRequest) -> HttpResponse:
    """Say what goes and what stays; then delete the account, once it is sure who asks."""
    alone = companies_led_alone_by(request.user)
    if request.method == "POST" and not alone:
        address, name = request.user.email, request.user.name
        try:
            person.erase(request.user)
        except ValidationError:  # another lead left a moment ago: the page says which company
            return redirect("account_delete")
        logout(request)
        link, words = settings.PORTAL_URL, _("Zur Startseite")
        send(Kind.DELETION, address, link, words, what="account", name=name)
        return redirect("account_deleted")
    status = 409 if request.method == "POST" else 200
    context = {"companies": alone, "nav": "account"}
    return render(request, "accounts/account_delete.html", context, status=status)


@public
def deleted(request: ReaderRequest, library: Library) -> HttpResponse:
    """That it is done, for somebody who is nobody here any more."""
    return page(request, "accounts/account_deleted.html", {})
