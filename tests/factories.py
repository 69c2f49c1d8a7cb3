"""Plain makers of test data. The cast: Anna leads, Ben is a member, Clara sits on the works
council, Dora is a consultant with a live engagement, Emil leads another company, Frida's
membership has ended, and so has Hanna's engagement."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone
from PIL import Image

from checklists.models import Assessment, DecisionAid, Measure, Meeting
from portal.accounts.models import (
    Company,
    ConsultantProfile,
    Engagement,
    Membership,
    Role,
    User,
)
from reports.models import Report

PASSWORD = "richtig-lang-genug"


def make_user(name: str, **fields: Any) -> User:
    """A user with a verified address name@betrieb.example."""
    email = f"{name.lower()}@betrieb.example"
    user = User.objects.create_user(email, PASSWORD, name=name, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def make_company(lead: User, name: str = "Dachdeckerei Sommer", **profile: Any) -> Company:
    return Company.found(by=lead, name=name, **profile)


def make_member(
    company: Company, user: User, role: str = Role.MEMBER, *, left: bool = False
) -> Membership:
    return Membership.objects.create(
        company=company, user=user, role=role, left_at=timezone.now() if left else None
    )


def make_engagement(
    company: Company, consultant: User, *, ended: bool = False, **grants: bool
) -> Engagement:
    """An accepted engagement for a month with every grant, unless `grants` say otherwise."""
    ConsultantProfile.objects.get_or_create(
        user=consultant, defaults={"organisation": "Beratung am Fluss"}
    )
    terms = dict.fromkeys(Engagement.GRANTS, True) | grants
    engagement = Engagement.engage(
        company,
        email=consultant.email,
        by=company.memberships.filter(role=Role.LEAD).first().user,
        until=timezone.localdate() + timedelta(days=30),
        **terms,
    )
    engagement.accept(consultant)
    if ended:
        engagement.end(by=consultant)
    return engagement


def make_round(company: Company, *codes: str) -> Assessment:
    """An open round with these topics, or with all of them."""
    aids = DecisionAid.objects.with_questions()
    return Assessment.start(company, aids.filter(code__in=codes) if codes else aids)


def fill(
    assessment: Assessment, answers: dict[str, str], notes: dict[str, str] | None = None
) -> None:
    """Answer questions by key; "entfaellt" gets a reason."""
    from checklists.sheet import Sheet

    for line in Sheet.of(assessment).lines():
        if line.key in answers:
            value = answers[line.key]
            assessment.record(
                line.question,
                version=line.version,
                value=value,
                reason="Das kommt bei uns nicht vor." if value == "entfaellt" else None,
                note=(notes or {}).get(line.key),
            )


def make_meeting(assessment: Assessment, decided: str = "") -> Meeting:
    """A meeting in session about E03, its first point minuted, with a PDF."""
    from checklists.agenda import topic_points
    from checklists.sheet import topic_of

    meeting = Meeting.begin(assessment, topic_points(topic_of(assessment, "E03")))
    item = meeting.items.get(position=1)
    item.minute(decided, version=1)
    Meeting.objects.filter(pk=meeting.pk).update(participants=decided, pdf=decided.encode())
    return meeting


def make_report(assessment: Assessment, by: User) -> Report:
    """A report of the round as it stands, with a PDF that names the firm."""
    report = Report.freeze(assessment, by=by)
    report.claim()
    report.finish(b"%PDF-1.7 " + report.company.name.encode(), pages=1)
    report.refresh_from_db()
    return report


def make_measure(company: Company, title: str = "Das Lager aufräumen", **said: Any) -> Measure:
    """A measure as it stands in the database, without its story."""
    return Measure.objects.create(company=company, title=title, **said)


def picture(size: tuple[int, int] = (40, 20), kind: str = "PNG", **more: Any) -> BytesIO:
    """A picture file as somebody might upload it."""
    file = BytesIO()
    Image.new("RGB", size, "#0B5A5E").save(file, kind, **more)
    file.seek(0)
    return file


def code_from_mail() -> str:
    """The verification code of the last mail."""
    code = re.compile(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", re.MULTILINE)
    found = code.search(str(mail.outbox[-1].body))
    assert found
    return found[1]
