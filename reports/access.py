"""The door to reports. Not visible: 404. Visible but not the user's to change: 403."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db.models import Prefetch
from django.http import Http404
from django.utils import timezone

from checklists.access import assessment_to_lead
from checklists.models import Assessment, Meeting
from portal.accounts.access import company_to_read
from portal.accounts.models import Company, Engagement, Membership, Role, User, Visitor
from portal.accounts.tokens import hashed
from reports.logo import Logo
from reports.models import Report, ReportQuerySet, Share, Statement


def reports_of(user: User | Visitor, company: Company) -> ReportQuerySet:
    """The company's reports that the user may read, newest first, without their content."""
    return Report.objects.visible_to(user).filter(company=company).defer("content")


def report_to_read(user: User | Visitor, pk: int) -> Report:
    """The report with its company. Raises Http404."""
    try:
        return Report.objects.visible_to(user).select_related("company", "assessment").get(pk=pk)
    except Report.DoesNotExist:
        raise Http404 from None


def report_to_change(user: User, pk: int) -> Report:
    """The report if the user leads its company. Raises Http404 to strangers, PermissionDenied to
    members."""
    report = report_to_read(user, pk)
    if not Report.objects.editable_by(user).filter(pk=pk).exists():
        raise PermissionDenied
    return report


def report_to_take(user: User, pk: int) -> Report:
    """The report with its content, for a file in another format. Raises Http404, also for one that
    is withdrawn."""
    report = report_to_read(user, pk)
    if report.is_withdrawn:
        raise Http404
    return report


def engagement_about(user: User | Visitor, report: Report) -> Engagement | None:
    """The live engagement through which a consultant reads the report."""
    if isinstance(user, Visitor):
        return None
    return Engagement.objects.held_by(user).filter(company=report.company).first()


def logo_of(report: Report) -> Logo:
    """The logo the report was made with. Raises Http404 where it has none."""
    kept = None if report.is_withdrawn else report.frozen.logo
    if kept is None:
        raise Http404
    return kept


def pdf_of(report: Report) -> File[bytes]:
    """The stored PDF, open. Raises Http404 while there is none, and when it was withdrawn while
    somebody was asking for it."""
    if report.state != Report.State.DONE:
        raise Http404
    try:
        return report.pdf.open("rb")
    except FileNotFoundError:
        raise Http404 from None


def report_to_verify(token: str) -> Report | None:
    """The report whose QR code says this. One look-up by its hash, whatever the token is."""
    return Report.objects.only("state").filter(token_hash=hashed(token)).first()


def assessment_to_report(user: User | Visitor, pk: int) -> Assessment:
    """The round if the user may make a report of it: reports are the lead's to make."""
    return assessment_to_lead(user, pk)


def meeting_to_set(pk: int) -> Meeting | None:
    """A meeting that is over, for the job that sets its minutes."""
    over = Meeting.objects.filter(pk=pk, closed_at__isnull=False)
    return over.select_related("assessment__company").first()


def report_to_make(pk: int) -> Report | None:
    """The report for the job that makes it; None when whoever asked for it leads the company no
    more, because an ended membership takes effect for queued work too. A trial's is nobody's."""
    report = Report.objects.filter(pk=pk).select_related("made_by", "company").first()
    if report is None or report.made_by is None:
        return report if report and report.company.is_trial else None
    if not Report.objects.editable_by(report.made_by).filter(pk=pk).exists():
        return None
    return report


# --- Sharing --------------------------------------------------------------------------------------


def report_to_share(user: User, pk: int) -> Report:
    """The report if the user may say who else reads it: its lead. Raises Http404 for one that is
    withdrawn: there is nothing to read."""
    report = report_to_change(user, pk)
    if report.is_withdrawn:
        raise Http404
    return report


def share_to_withdraw(user: User, pk: int) -> Share:
    """The share if the user leads its company. Raises Http404 to strangers, PermissionDenied to the
    works council it is addressed to."""
    share = Share.objects.visible_to(user).filter(pk=pk).select_related("report__company").first()
    if share is None:
        raise Http404
    if not Share.objects.editable_by(user).filter(pk=pk).exists():
        raise PermissionDenied
    return share


def live_shares(report: Report) -> int:
    """How many shares end with the report."""
    return Share.objects.live().filter(report=report).count()


def council_share(report: Report) -> Share | None:
    """The live share with the works council."""
    live = Share.objects.live().filter(report=report, kind=Share.Kind.WORKS_COUNCIL)
    return live.select_related("shared_by").first()


def links_of(report: Report, role: str) -> list[Share]:
    """The report's links with when they were opened, for its lead and for a works council that
    reads it; nobody else is told."""
    if role not in {Role.LEAD, Role.WORKS_COUNCIL}:
        return []
    return list(Share.objects.links().filter(report=report).with_openings())


def share_to_open(token: str) -> Share | None:
    """The live link with this token. One look-up by its hash, whatever the token is."""
    return Share.objects.live().links().filter(token_hash=hashed(token)).first()


def share_opened(pk: int) -> Share | None:
    """A link that was opened, with its report, as long as it is live."""
    live = Share.objects.live().links().select_related("report__company")
    return live.filter(pk=pk).first()


# --- Works council --------------------------------------------------------------------------------


def council_seat(user: User, pk: int) -> Membership:
    """The user's seat on the company's works council. Raises Http404 to strangers, PermissionDenied
    to the company's other people."""
    company = company_to_read(user, pk)
    seats = Membership.objects.live().filter(company=company, user=user, role=Role.WORKS_COUNCIL)
    seat = seats.select_related("company").first()
    if seat is None:
        raise PermissionDenied
    return seat


def report_to_answer(user: User, pk: int) -> Report:
    """The report if the user's works council may answer it. Raises Http404 to strangers,
    PermissionDenied to others who read it."""
    report = report_to_read(user, pk)
    if not Report.objects.answerable_by(user).filter(pk=pk).exists():
        raise PermissionDenied
    return report


@dataclass(frozen=True)
class SharedReport:
    """A report shared with the works council, and what the council said about it."""

    report: Report
    share: Share
    statements: tuple[Statement, ...]  # newest first; the draft, if any, leads
    is_new: bool  # to the member who looks: shared or answered since the last visit

    @property
    def draft(self) -> Statement | None:
        return next((said for said in self.statements if not said.is_released), None)

    @property
    def released(self) -> list[Statement]:
        return [said for said in self.statements if said.is_released]


def council_reports(seat: Membership) -> list[SharedReport]:
    """What is shared with the works council, newest share first."""
    said = Statement.objects.order_by("-version", "-pk").select_related("author")
    shares = (
        Share.objects.live()
        .filter(report__company=seat.company, kind=Share.Kind.WORKS_COUNCIL)
        .select_related("report", "shared_by")
        .defer("report__content")
        .prefetch_related(Prefetch("report__statements", said))
    )
    found = []
    for share in shares:
        statements = tuple(share.report.statements.all())
        own = [each.released_at for each in statements if each.author_id == seat.user_id]
        others = [each.released_at for each in statements if each.author_id != seat.user_id]
        # Whoever answered a report has seen it.
        seen = max((at for at in (seat.visited_at, *own) if at), default=None)
        is_new = any(at and (not seen or at > seen) for at in (share.created_at, *others))
        found.append(SharedReport(share.report, share, statements, is_new))
    return found


def statements_kept(seat: Membership) -> list[Statement]:
    """What the works council wrote about reports that are not shared with it any more."""
    shared = Share.objects.live().filter(kind=Share.Kind.WORKS_COUNCIL).values("report")
    rows = Statement.objects.filter(report__company=seat.company).exclude(report__in=shared)
    return list(rows.select_related("report").defer("report__content").order_by("-version", "-pk"))


def statements_on(report: Report, role: str) -> list[Statement]:
    """What somebody in this role sees of the report's statements, newest first."""
    rows = Statement.objects.shown_to(role).filter(report=report)
    return list(rows.select_related("author").order_by("-version", "-pk"))


def draft_of(report: Report) -> dict[str, Any]:
    """What the form of the works council's statement starts with: its draft, or nothing yet."""
    current = Statement.objects.filter(report=report).order_by("-version", "-pk").first()
    if current is None or current.is_released:
        return {"version": current.version if current else 0, "dated": timezone.localdate()}
    return {name: getattr(current, name) for name in ("version", "kind", "dated", "text")}
