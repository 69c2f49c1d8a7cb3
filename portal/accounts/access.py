"""The door to companies. Not visible: 404. Visible but not the user's to change: 403."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db.models import QuerySet
from django.http import Http404

from portal.accounts.models import (
    AuthorityEvent,
    Company,
    CompanyQuerySet,
    Engagement,
    EngagementQuerySet,
    Invitation,
    InvitationQuerySet,
    Membership,
    MembershipQuerySet,
    Role,
    User,
    Visitor,
    open_invitations,
    proven_addresses,
)
from portal.accounts.tokens import hashed


def companies_of(user: User) -> CompanyQuerySet:
    return Company.objects.visible_to(user).order_by("name", "pk")


def memberships_of(user: User) -> MembershipQuerySet:
    """The user's own live roles, by the company's name."""
    found = Membership.objects.live().filter(user=user).select_related("company")
    return found.order_by("company__name", "pk")


def company_to_read(user: User | Visitor, pk: int) -> Company:
    """The company if the user belongs to it. Raises Http404."""
    try:
        return Company.objects.visible_to(user).get(pk=pk)
    except Company.DoesNotExist:
        raise Http404 from None


def trial_opened_with(token: str) -> Company | None:
    """The trial that this token opens, while it lasts."""
    return Company.objects.tried_with(token).first()


def company_to_lead(user: User, pk: int) -> Company:
    """The company if the user leads it. Raises Http404 to strangers, PermissionDenied to others."""
    company = company_to_read(user, pk)
    if not Company.objects.editable_by(user).filter(pk=pk).exists():
        raise PermissionDenied
    return company


def logo_of(company: Company) -> File[bytes]:
    """The company's logo, open. Raises Http404 while there is none, and when it was replaced while
    somebody was asking for it."""
    if not company.logo:
        raise Http404
    try:
        return company.logo.open("rb")
    except FileNotFoundError:
        raise Http404 from None


def leads_of(company: Company) -> list[User]:
    """Whoever leads the company, to write to."""
    return _people_in(company, Role.LEAD)


def council_of(company: Company) -> list[User]:
    """The people on the company's works council."""
    return _people_in(company, Role.WORKS_COUNCIL)


def _people_in(company: Company, role: Role) -> list[User]:
    """Who has this role, in the order of joining."""
    seats = Membership.objects.live().filter(company=company, role=role)
    return [seat.user for seat in seats.select_related("user").order_by("pk") if seat.user]


def engagements_of(user: User, company: Company) -> EngagementQuerySet:
    """The company's engagements, newest first, for whoever belongs to it."""
    found = Engagement.objects.visible_to(user).filter(company=company)
    return found.select_related("consultant__consultant_profile").order_by("-pk")


def engagement_to_change(user: User, pk: int) -> Engagement:
    """The engagement if the user leads its company. Raises Http404 to strangers, PermissionDenied
    to others."""
    visible = Engagement.objects.visible_to(user).select_related("company", "consultant")
    try:
        engagement = visible.get(pk=pk)
    except Engagement.DoesNotExist:
        raise Http404 from None
    if not Engagement.objects.editable_by(user).filter(pk=pk).exists():
        raise PermissionDenied
    return engagement


def engagements_offered_to(user: User) -> EngagementQuerySet:
    """Engagements that wait for the user's acceptance."""
    return Engagement.objects.offered_to(user).select_related("company", "engaged_by")


def engagement_meant_for(user: User, pk: int) -> Engagement:
    """The engagement the user has accepted or may accept, also when it has ended meanwhile: what
    can still be done says the verb. Raises Http404."""
    try:
        return Engagement.objects.meant_for(user).select_related("company").get(pk=pk)
    except Engagement.DoesNotExist:
        raise Http404 from None


def clients_of(user: User) -> EngagementQuerySet:
    """The user's live engagements as a consultant, in the order of the companies' names."""
    return Engagement.objects.held_by(user).by_company()


def client_to_read(user: User, pk: int) -> Engagement:
    """The live engagement with its company, for its consultant. Raises Http404."""
    try:
        return Engagement.objects.held_by(user).select_related("company").get(pk=pk)
    except Engagement.DoesNotExist:
        raise Http404 from None


def membership_in(user: User, company: Company) -> Membership | None:
    """The user's own live membership."""
    return Membership.objects.live().filter(user=user, company=company).first()


def companies_led_alone_by(user: User) -> CompanyQuerySet:
    """Companies that would be without a lead if the user left."""
    return Company.objects.led_by_nobody_but(user).order_by("name", "pk")


def role_in(user: User | Visitor, company: Company) -> str:
    """The user's live role in the company, "" where there is none; a visitor has none."""
    if isinstance(user, Visitor):
        return ""
    membership = membership_in(user, company)
    return membership.role if membership else ""


# --- Members ----------------------------------------------------------------------------------


def members_of(user: User, company: Company) -> MembershipQuerySet:
    """Who belongs to the company, in the order in which they came."""
    found = Membership.objects.visible_to(user).filter(company=company)
    return found.select_related("user").order_by("pk")


def council_sits(company: Company) -> bool:
    """Whether the works council has a member: from then on it invites its own."""
    return Membership.objects.live().filter(company=company, role=Role.WORKS_COUNCIL).exists()


def membership_to_lead(user: User, pk: int) -> Membership:
    """Somebody's membership, for a lead of the company. Raises Http404 to strangers,
    PermissionDenied to others."""
    found = Membership.objects.select_related("company", "user")
    membership = found.filter(pk=pk, company__in=Company.objects.visible_to(user)).first()
    if membership is None:
        raise Http404
    company_to_lead(user, membership.company_id)
    return membership


def membership_to_end(user: User, pk: int) -> Membership:
    """A membership the user may end. Raises Http404 to strangers, PermissionDenied to others."""
    found = Membership.objects.editable_by(user).select_related("company", "user")
    if membership := found.filter(pk=pk).first():
        return membership
    if Membership.objects.visible_to(user).filter(pk=pk).exists():
        raise PermissionDenied
    raise Http404


# --- Invitations ------------------------------------------------------------------------------


def company_to_invite_to(user: User, pk: int) -> tuple[Company, str]:
    """The company and the user's role there, if that role invites. Raises Http404 to strangers,
    PermissionDenied to the team."""
    company = company_to_read(user, pk)
    role = role_in(user, company)
    if role not in {Role.LEAD, Role.WORKS_COUNCIL}:
        raise PermissionDenied
    return company, role


def invitations_of(user: User, company: Company, role: str) -> InvitationQuerySet:
    """The company's open invitations that concern the role, newest first: a lead sees all, the
    works council its own, the team none."""
    found = Invitation.objects.visible_to(user).open().filter(company=company)
    if role == Role.LEAD:
        return found
    return found.of_council() if role == Role.WORKS_COUNCIL else found.none()


def invitation_to_change(user: User, pk: int) -> Invitation:
    """One the user may send again or withdraw. Raises Http404 to strangers, PermissionDenied to
    others."""
    found = Invitation.objects.editable_by(user).select_related("company")
    if invitation := found.filter(pk=pk).first():
        return invitation
    if Invitation.objects.visible_to(user).filter(pk=pk).exists():
        raise PermissionDenied
    raise Http404


def invitation_of(token: str) -> Invitation | None:
    """The one this token was sent with, whatever became of it."""
    found = Invitation.objects.select_related("company", "invited_by")
    return found.filter(token_hash=hashed(token)).first()


def invitations_to(user: User) -> QuerySet[Invitation]:
    """What waits for the user's proven addresses, in companies of all kinds."""
    return open_invitations(user).select_related("company", "invited_by")


def invitation_offered(user: User, pk: int) -> Invitation:
    """One that was sent to one of the user's proven addresses. Raises Http404."""
    own = Invitation.objects.filter(email__in=proven_addresses(user)).select_related("company")
    if invitation := own.filter(pk=pk).first():
        return invitation
    raise Http404


# --- The log of who was given which say -------------------------------------------------------


def authority_log_of(user: User, pk: int) -> tuple[Company, str, QuerySet[AuthorityEvent]]:
    """The company, the user's role and what happened, newest first; for lead and works council.
    Raises Http404 to strangers, PermissionDenied to the team."""
    company, role = company_to_invite_to(user, pk)
    events = AuthorityEvent.objects.filter(company=company).select_related("by", "about")
    return company, role, events
