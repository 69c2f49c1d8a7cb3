"""The ground floor: who somebody is, which company they belong to, and who gave them that say."""

from portal.accounts.models.authority import AuthorityEvent, authority, masked
from portal.accounts.models.company import (
    TEAM,
    Company,
    CompanyQuerySet,
    Region,
    Role,
    WorksCouncil,
)
from portal.accounts.models.engagement import ConsultantProfile, Engagement, EngagementQuerySet
from portal.accounts.models.invitation import Invitation, InvitationQuerySet, open_invitations
from portal.accounts.models.membership import Membership, MembershipQuerySet
from portal.accounts.models.receipt import DeletionReceipt, DeletionReceiptQuerySet
from portal.accounts.models.user import User, UserManager, proven_addresses
from portal.accounts.models.visitor import Visitor

__all__ = [
    "TEAM",
    "AuthorityEvent",
    "Company",
    "CompanyQuerySet",
    "ConsultantProfile",
    "DeletionReceipt",
    "DeletionReceiptQuerySet",
    "Engagement",
    "EngagementQuerySet",
    "Invitation",
    "InvitationQuerySet",
    "Membership",
    "MembershipQuerySet",
    "Region",
    "Role",
    "User",
    "UserManager",
    "Visitor",
    "WorksCouncil",
    "authority",
    "masked",
    "open_invitations",
    "proven_addresses",
]
