"""`manage.py housekeeping`: what has to happen without anybody clicking.

Each part stands alone: one that fails is logged and tried again next time, the others go on. Each
is safe to run twice, also at the same time as another one."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import structlog
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from auditlog.models import LogEntry
from django.conf import settings
from django.contrib.admin.models import LogEntry as AdminEntry
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from checklists import presence, reminders
from checklists.delegations import remind_delegations
from checklists.models import Edition
from portal.accounts.models import DeletionReceipt, Invitation, User
from portal.accounts.models.membership import end_after_notice
from reports import sheets
from reports.company import delete_due, delete_trials, notice_idle
from reports.jobs import forget_orphans, revive_abandoned
from reports.models import ShareOpening

log = structlog.get_logger(__name__)

KEEP_TASK_ROWS = timedelta(days=7)
KEEP_UNCONFIRMED = timedelta(days=7)
KEEP_TRAIL = timedelta(days=365)


def _forget_jobs() -> None:
    old = timezone.now() - KEEP_TASK_ROWS
    DBTaskResult.objects.filter(enqueued_at__lt=old).exclude(status="READY").delete()


def _forget_sessions() -> None:
    """Logins that are over, and what the list of devices knew of them."""
    SessionStore.clear_expired()
    recent = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    gone = UserSession.objects.filter(created_at__lt=recent)
    gone.exclude(session_key__in=Session.objects.values("session_key")).delete()


def _forget_invitations() -> None:
    Invitation.objects.outdated().delete()


def _forget_openings() -> None:
    ShareOpening.objects.filter(at__lt=timezone.now() - ShareOpening.KEPT).delete()


def _forget_unconfirmed() -> None:
    """Accounts nobody ever proved to own: they have done nothing and belong nowhere."""
    proven = EmailAddress.objects.filter(verified=True).values("user")
    old = timezone.now() - KEEP_UNCONFIRMED
    strangers = User.objects.filter(date_joined__lt=old, last_login=None, is_staff=False)
    strangers.exclude(pk__in=proven).filter(memberships=None, engagements=None).delete()


def _forget_trail() -> None:
    old = timezone.now() - KEEP_TRAIL
    LogEntry.objects.filter(timestamp__lt=old).delete()
    AdminEntry.objects.filter(action_time__lt=old).delete()
    DeletionReceipt.objects.outdated().delete()


def _remind_of_delegations() -> int:
    return remind_delegations(timezone.localdate())


def _remind_of_plan() -> int:
    return reminders.send_due(timezone.now())


def _forget_reminders() -> None:
    reminders.forget_old(timezone.now())


Part = Callable[[], int | None]
# What is said when a part did something; "" for what nobody needs to hear of.
OFTEN: dict[Part, str] = {
    revive_abandoned: "{} liegen gebliebene Berichte neu eingereiht.",
    _forget_jobs: "",
    presence.forget: "",
    end_after_notice: "{} Rollen im Betriebsrat nach der Frist beendet.",
    reminders.hand_over_orphaned: "{} Maßnahmen an die Leitung übergeben.",
    _remind_of_plan: "{} Erinnerungen an den Plan verschickt.",
    delete_due: "{} Betriebe nach der Frist gelöscht.",
    delete_trials: "{} Versuche ohne Konto nach sieben Tagen gelöscht.",
}
DAILY: dict[Part, str] = {
    _remind_of_delegations: "{} Erinnerungen an übergebene Themen verschickt.",
    _forget_sessions: "",
    _forget_invitations: "",
    _forget_openings: "",
    _forget_reminders: "",
    _forget_unconfirmed: "",
    _forget_trail: "",
    forget_orphans: "{} Dateien gelöscht, die zu keinem Bericht und keinem Betrieb gehören.",
    sheets.forget_old: "",
    notice_idle: "{} Betriebe zur Löschung vorgemerkt, in denen niemand mehr arbeitet.",
}


class Command(BaseCommand):
    help = "Nimmt liegen gebliebene Berichte wieder auf und räumt Abgelaufenes weg."

    _looked_at: int | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._done_on: dict[Part, date] = {}

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=int, metavar="SECONDS", help="wiederholen, bis Strg-C")

    def handle(self, *, every: int | None, **options: Any) -> None:
        if not every:
            if failed := self._once():
                raise CommandError(f"Aufräumen nicht ganz gelungen: {', '.join(failed)}")
            return
        while True:
            self._once()
            close_old_connections()
            time.sleep(every)

    def _once(self) -> list[str]:
        """Run what is due; the names of the parts that failed."""
        today = timezone.localdate()
        daily = {part: words for part, words in DAILY.items() if self._done_on.get(part) != today}
        sheets_too: dict[Part, str] = {self._sheets: ""}
        failed = []
        for part, words in (OFTEN | daily | sheets_too).items():
            try:
                done = part()
            except (DatabaseError, OSError, ValidationError) as error:
                log.warning("housekeeping_failed", part=part.__name__, why=type(error).__name__)
                failed.append(part.__name__.strip("_"))
                if not connection.in_atomic_block:  # as it is in tests
                    connection.close_if_unusable_or_obsolete()
                continue
            self._done_on[part] = today
            if done and words:
                self.stdout.write(words.format(done))
        return failed

    def _sheets(self) -> None:
        """Have made what a newly loaded catalogue or release lacks on paper, in a process
        that gives WeasyPrint's memory back. Once per edition: a broken one stays broken."""
        edition = Edition.newest()
        if edition is None or edition.pk == self._looked_at:
            return
        self._looked_at = edition.pk
        if not sheets.complete(edition):
            command = [sys.executable, "manage.py", "sheets"]
            done = subprocess.run(command, cwd=settings.BASE_DIR, check=False)
            if done.returncode:
                self.stderr.write("Die Checklisten zum Ausdrucken fehlen: manage.py sheets")
