"""Who works with the demo's firm: the team among themselves, works council and consultant."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from checklists.clients import clients
from checklists.models import Assessment, Delegation, Review, Thread
from checklists.models.review import Said, Writing
from checklists.sheet import Sheet
from portal.accounts.models import Company, ConsultantProfile, Engagement, Membership, Role, User
from portal.demo.firm import answered_round
from reports.jobs import make_pdf
from reports.kinds import Options
from reports.models import Report, Share, Statement

BAKERY = {"E03": "JNJWN", "E05": "JJNNWNJNJJ"}
BAKERY_SINCE = {"E05-05": "nein", "E05-10": "nein"}  # changed after the consultant's last look

SEEN = {"E01-04": "nein", "E03-03": "weissnicht"}  # when the consultant last looked; Ja since then


def work_together(running: Assessment, lead: User, member: User) -> None:
    """A topic handed over, and a talk about a question."""
    sheet = Sheet.of(running)
    handed = next(topic.aid for topic in sheet.topics if topic.aid.code == "E05")
    due = timezone.localdate() + timedelta(days=9)
    Delegation.hand_over(running, handed, [member], due=due, by=lead)
    asked = next(line.question for line in sheet.lines() if line.key == "E05-06")
    Thread.say(running, asked, "Wer weiß, ob der alte Server noch gesichert wird?", by=lead)
    Thread.say(running, asked, "Ich frage am Montag in der Werkstatt nach.", by=member)


def be_advised(company: Company, finished: Assessment, lead: User, consultant: User) -> None:
    """An engagement with everything granted, and a released review of the finished round."""
    ConsultantProfile.objects.create(
        user=consultant,
        organisation="Transferstelle Ruhr-Lippe",
        regions="NW",
        topics="E01 E02 E05",
    )
    engagement = _engage(company, lead, consultant, sees_notes=True, sees_plan=True)
    standing = clients([engagement])[0].standing
    engagement.mark_seen({**standing, "answers": standing["answers"] | SEEN})
    writing = Writing(
        summary=(
            "Der Betrieb kennt seine Abläufe gut und beteiligt die Werkstatt früh. Was fehlt, ist "
            "vor allem aufgeschriebenes Wissen: über Abläufe, Rechte und Zuständigkeiten."
        ),
        topics={
            "E01": Said(
                view="differs",
                recommendation=(
                    "Bei den Zielen wäre ich vorsichtiger: Im Büro sind sie bekannt, in der "
                    "Werkstatt aber noch nicht angekommen."
                ),
                good_practice="Die Leitung hat sich vorher bei zwei Betrieben umgesehen.",
                next_step="Die Ziele auf einer Seite festhalten und in der Werkstatt aushängen.",
            ),
            "E05": Said(
                view="agrees",
                recommendation="Mit dem Verzeichnis der Verarbeitungen anfangen, nicht am Schluss.",
                next_step="Einen halben Tag mit der Kammer für das Verzeichnis ansetzen.",
            ),
        },
    )
    Review.release(finished, writing, by=consultant, seen=Writing().digest)


def share(
    company: Company, finished: Assessment, running: Assessment, lead: User, council: User
) -> None:
    """A report on each round: one with the works council's statement, one that is new to it."""
    Membership.objects.create(company=company, user=council, role=Role.WORKS_COUNCIL)
    first = _report(finished, lead, Options(with_notes=False))
    Share.with_works_council(first, by=lead, purpose="Vor dem Gespräch über die neue Laseranlage")
    Statement.write(
        first,
        by=council,
        version=0,
        kind=Statement.Kind.CONSULTED,
        dated=timezone.localdate(),
        text=(
            "Wir haben den Bericht in der Sitzung besprochen. Für private Handys wünschen wir uns "
            "eine Regel, die für alle gilt. Beim Einrichten der Laseranlage möchten wir von Anfang "
            "an dabei sein."
        ),
        release=True,
    )
    second = _report(running, lead, Options())
    Share.with_works_council(second, by=lead, purpose="Wo wir heute stehen")


def advise_another(consultant: User) -> None:
    """A second client, in which something changed since the consultant looked."""
    owner = User.objects.create_user("inhaberin@baeckerei.example", None, name="Greta Lindner")
    bakery = Company.found(
        by=owner, name="Bäckerei Lindner", trade="Bäckerei", headcount=12, region="NW"
    )
    since = timezone.now() - timedelta(days=12)
    running = answered_round(bakery, BAKERY, started=since)
    engagement = _engage(bakery, owner, consultant)
    engagement.mark_seen(clients([engagement])[0].standing)
    for line in Sheet.of(running).lines():
        if line.key in BAKERY_SINCE:
            running.record(line.question, version=line.version, value=BAKERY_SINCE[line.key])


def _engage(company: Company, lead: User, consultant: User, **grants: bool) -> Engagement:
    engagement = Engagement.engage(
        company,
        email=consultant.email,
        by=lead,
        until=timezone.localdate() + timedelta(days=180),
        **grants,
    )
    engagement.accept(consultant)
    return engagement


def _report(assessment: Assessment, lead: User, options: Options) -> Report:
    report = Report.freeze(assessment, options, by=lead)
    make_pdf.enqueue(report.pk)
    return report
