"""Reports that somebody ordered in this browser and has not looked at since: told on the next page
they open. Kept in the session, so that whoever waits for nothing pays no query."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from portal.accounts.models import User
from reports.models import Report

KEY = "reports_ordered"
MOST = 5  # the newest


def remember(session: SessionBase, report: Report) -> None:
    """Tell when its PDF is there, or has failed."""
    others = [pk for pk in session.get(KEY, ()) if pk != report.pk]
    session[KEY] = [*others, report.pk][-MOST:]


def looked_at(session: SessionBase, report: Report) -> None:
    """Nothing more to tell about it, unless its PDF is still to come."""
    if report.is_waiting or report.pk not in session.get(KEY, ()):
        return
    session[KEY] = [pk for pk in session[KEY] if pk != report.pk]


def to_tell(request: HttpRequest) -> list[Report]:
    """Those that are ready or have failed, oldest first. Forgets what there is no more to tell of:
    a report that was withdrawn or called off, a company that was left."""
    pks = request.session.get(KEY)
    if not pks or not isinstance(request.user, User):
        return []
    found = Report.objects.visible_to(request.user).filter(pk__in=pks).select_related("company")
    reports = list(found.defer("content").order_by("pk"))
    over = (Report.State.DONE, Report.State.FAILED)
    known = [each for each in reports if each.is_waiting or each.state in over]
    if len(known) < len(pks):
        request.session[KEY] = [each.pk for each in known]
    return [each for each in known if not each.is_waiting]


def context(request: HttpRequest) -> dict[str, Any]:
    """For base.html: asked only where a page shows it."""
    return {"reports_to_tell": partial(to_tell, request)}
