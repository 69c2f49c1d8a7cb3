"""The made-up firm: a metal workshop with two rounds."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from checklists.models import Assessment, DecisionAid, Value
from checklists.sheet import Sheet
from portal.accounts.models import Company, Membership, Role, User, WorksCouncil

LETTERS = {
    "J": Value.JA,
    "N": Value.NEIN,
    "W": Value.WEISS_NICHT,
    "E": Value.ENTFAELLT,
}
# One letter a question, in order; a dot is unanswered.
FINISHED = {
    "E01": "JNNJJNNNJNNWJJ",
    "E02": "JNJJJNNNWNNNJW",
    "E03": "JNJNN",
    "E04": "JNEEJNE",
    "E05": "JJNNNJNJJJ",
    "E06": "JNJJJNN",
    "E07": "JJNJNWNJNN",
}
HALF_WAY = {
    "E01": "JJJJJNNJJNNJNN",
    "E03": "JJJN.",
    "E05": "JJJJ.W....",
}
REASONS = {
    "E04-03": "Wir vergeben keine Arbeit über Plattformen.",
    "E04-04": "Ohne Arbeit über Plattformen gibt es nichts zu regeln.",
    "E04-07": "Kommt für uns erst infrage, wenn wir selbst Aufträge online vergeben.",
}
NOTES = {
    "E01-02": "Im Büro ja, in der Werkstatt hat es noch niemand erklärt.",
    "E01-03": "Angebot und Einkauf stehen auf Papier. Alles ab der Fertigung steckt in den Köpfen.",
    "E01-08": "Zwei Gesellen gehen bald in Rente. Wer kann dann die Abkantpresse einrichten?",
    "E01-11": "Nach dem Virus im Frühjahr wollten wir das angehen.",
    "E02-08": "Die neue Laseranlage meldet Daten, aber niemand wertet sie aus.",
    "E03-02": "Mit der Kammer einen Termin vereinbaren.",
    "E05-03": "Fotos von Baustellen gehen über private Handys.",
    "E05-04": "Lohn und Krankmeldungen: Frau Brandt weiß es, aufgeschrieben ist nichts.",
    "E05-07": "Die Belegschaft möchte eine klare Regel für private Handys.",
    "E06-02": "Unterweisung gibt es, aber nur zu Maschinen und Lärm.",
    "E07-05": "Vorschlag aus der Werkstatt: einmal im Quartal zusammensitzen.",
}


def found(lead: User, member: User) -> tuple[Company, Assessment, Assessment]:
    """The firm with its finished round and the one half way."""
    company = Company.found(
        by=lead,
        name="Metallbau Brandt GmbH",
        trade="Metallbau",
        headcount=34,
        region="NW",
        works_council=WorksCouncil.YES,
    )
    Membership.objects.create(company=company, user=member, role=Role.MEMBER)
    now = timezone.now()
    finished = answered_round(company, FINISHED, started=now - timedelta(days=150))
    Assessment.objects.filter(pk=finished.pk).update(closed_at=now - timedelta(days=136))
    finished.refresh_from_db()
    return company, finished, answered_round(company, HALF_WAY, started=now - timedelta(days=5))


def answered_round(company: Company, given: dict[str, str], *, started: datetime) -> Assessment:
    """An open round in which these letters are the answers."""
    assessment = Assessment.start(
        company, DecisionAid.objects.with_questions().filter(code__in=given)
    )
    for line in Sheet.of(assessment).lines():
        letter = given[line.aid.code][line.number - 1 : line.number]
        if letter in LETTERS:
            assessment.record(
                line.question,
                version=0,
                value=LETTERS[letter],
                reason=REASONS.get(line.key) if letter == "E" else None,
                note=NOTES.get(line.key) if given is FINISHED else None,
            )
    Assessment.objects.filter(pk=assessment.pk).update(started_at=started)
    return assessment
