"""The demo: a made-up firm, the people around it, and who may log in."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction

from portal.accounts.models import Company, User
from portal.demo import firm, people, plan

PASSWORD = "Gegenstrom-2026"  # printed on purpose: demo instances only
LOGINS = [
    ("Leitung", "leitung@demo.example", PASSWORD),
    ("Team", "team@demo.example", PASSWORD),
    ("Betriebsrat", "betriebsrat@demo.example", PASSWORD),
    ("Beratung", "beratung@demo.example", PASSWORD),
]
NAMES = {
    "leitung@demo.example": "Katrin Brandt",
    "team@demo.example": "Ben Yılmaz",
    "betriebsrat@demo.example": "Murat Aydin",
    "beratung@demo.example": "Dr. Lena Hofmann",
}


@transaction.atomic
def build() -> bool:
    """Make the firm, its people and a second client of the consultant. False when it was there
    already."""
    lead, member, council, consultant = (_user(email) for _, email, _ in LOGINS)
    if Company.objects.visible_to(lead).exists():
        return False
    company, finished, running = firm.found(lead, member)
    people.work_together(running, lead, member)
    plan.decide(running, lead, member)
    people.be_advised(company, finished, lead, consultant)
    people.share(company, finished, running, lead, council)
    people.advise_another(consultant)
    return True


def _user(email: str) -> User:
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, PASSWORD, name=NAMES[email])
    EmailAddress.objects.get_or_create(
        user=user, email=email, defaults={"verified": True, "primary": True}
    )
    return user
