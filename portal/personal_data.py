"""Every field of the database: is it personal, what is it for, how long is it kept?

The privacy notice, the contract and the table of retention are made from this list, and a test
fails for a field that is not in it. One record for each model; `personal` and `other` name its
fields (all but `id`), divided by blanks."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Record:
    """What one model holds. Nothing personal: no words about it."""

    personal: str = ""
    other: str = ""
    what: Words = ""  # what the personal fields are, for readers
    purpose: Words = ""
    basis: Words = ""  # why that is allowed
    until: Words = ""

    @property
    def fields(self) -> set[str]:
        return {*self.personal.split(), *self.other.split()}


# Why it is allowed (DSGVO), and until when: said once.
CONTRACT = _("Vertrag über Ihr Konto, Art. 6 Abs. 1 Buchst. b")
SECURITY = _("Berechtigtes Interesse an sicherem Betrieb, Art. 6 Abs. 1 Buchst. f")
COMPANY = _("Im Auftrag Ihres Betriebs, Art. 28; die Grundlage bestimmt der Betrieb")
ACCOUNT_LIFE = _("bis Sie Ihr Konto löschen")
COMPANY_LIFE = _("bis der Betrieb gelöscht wird; der Name bis zur Löschung Ihres Kontos")

ACCOUNTS = {
    "accounts.User": Record(
        personal="password last_login date_joined email name is_consultant muted_mails",
        other="is_superuser is_staff is_active groups user_permissions",
        what=_("Konto: Name, E-Mail-Adresse, Prüfwert des Passworts, letzte Anmeldung"),
        purpose=_("Anmelden, im Team erkennbar sein, Mails bekommen"),
        basis=CONTRACT,
        until=_("bis Sie Ihr Konto löschen; ein nie bestätigtes Konto 7 Tage"),
    ),
    "account.EmailAddress": Record(
        personal="user email verified primary",
        what=_("E-Mail-Adressen und ob sie bestätigt sind"),
        purpose=_("Anmelden, Einladungen zuordnen"),
        basis=CONTRACT,
        until=ACCOUNT_LIFE,
    ),
    "account.EmailConfirmation": Record(
        personal="email_address created sent key",
        what=_("Bestätigungen einer E-Mail-Adresse"),
        purpose=_("Prüfen, dass die Adresse Ihnen gehört"),
        basis=CONTRACT,
        until=ACCOUNT_LIFE,
    ),
    "mfa.Authenticator": Record(
        personal="user type data created_at last_used_at",
        what=_("Passkeys, Codes einer App, Notfallcodes"),
        purpose=_("Zweiter Nachweis bei der Anmeldung"),
        basis=CONTRACT,
        until=_("bis Sie sie entfernen oder Ihr Konto löschen"),
    ),
    "usersessions.UserSession": Record(
        personal="user created_at ip last_seen_at session_key user_agent data",
        what=_("Angemeldete Geräte: IP-Adresse, Browser, seit wann"),
        purpose=_("Fremde Anmeldungen erkennen und beenden"),
        basis=SECURITY,
        until=_("bis zur Abmeldung, höchstens 14 Tage"),
    ),
    "sessions.Session": Record(
        personal="session_key session_data expire_date",
        what=_("Anmeldung eines Browsers"),
        purpose=_("Angemeldet bleiben"),
        basis=CONTRACT,
        until=_("bis zur Abmeldung, höchstens 14 Tage"),
    ),
    "accounts.ConsultantProfile": Record(
        personal="user organisation network regions topics",
        what=_("Beratungsprofil"),
        purpose=_("Betriebe sehen, wem sie ein Mandat erteilen"),
        basis=CONTRACT,
        until=ACCOUNT_LIFE,
    ),
}

PEOPLE = {
    "accounts.Membership": Record(
        personal="user role joined_at left_at removal_asked_at visited_at",
        other="company",
        what=_("Rolle in einem Betrieb, von wann bis wann"),
        purpose=_("Wer darf was sehen und ändern"),
        basis=COMPANY,
        until=COMPANY_LIFE,
    ),
    "accounts.Invitation": Record(
        personal="email message invited_by",
        other="company role token_hash created_at expires_at accepted_at withdrawn_at",
        what=_("Einladung: E-Mail-Adresse, persönliche Zeile, wer eingeladen hat"),
        purpose=_("Menschen in den Betrieb holen"),
        basis=COMPANY,
        until=_("30 Tage nach Annahme, Rückzug oder Ablauf"),
    ),
    "accounts.Engagement": Record(
        personal="email consultant message engaged_by accepted_at seen visited_at",
        other="company sees_answers sees_notes sees_plan sees_reports until created_at ended_at",
        what=_("Mandat: wer berät, was die Beratung sieht, bis wann"),
        purpose=_("Beratung auf Zeit Einblick geben"),
        basis=COMPANY,
        until=COMPANY_LIFE,
    ),
    "accounts.AuthorityEvent": Record(
        personal="at by about detail",
        other="company what",
        what=_("Wer wem welche Rechte gab; Adressen darin gekürzt"),
        purpose=_("Leitung und Betriebsrat können nachsehen, wer was darf und warum"),
        basis=COMPANY,
        until=COMPANY_LIFE,
    ),
    "accounts.DeletionReceipt": Record(
        personal="to",
        other="number deleted_at counts company_name",
        what=_("Beleg einer Löschung: Adressen der Leitung"),
        purpose=_("Die gelöschten Daten bestätigen"),
        basis=CONTRACT,
        until=_("Adressen bis zum Versand, höchstens 7 Tage; Nummer und Zahlen 3 Jahre"),
    ),
    "auditlog.LogEntry": Record(
        personal="actor actor_email remote_addr remote_port timestamp changes changes_text "
        "serialized_data additional_data",
        other="content_type object_pk object_id object_repr action cid",
        what=_("Prüfspur des Betreibers: wer Rollen, Mandate, Freigaben änderte"),
        purpose=_("Missbrauch aufklären; ohne Antworten, Texte und IP-Adressen"),
        basis=SECURITY,
        until=_("12 Monate; der Name bis zur Löschung Ihres Kontos"),
    ),
    "admin.LogEntry": Record(
        personal="user action_time object_repr",
        other="content_type object_id action_flag change_message",
        what=_("Was der Betreiber an Konten geändert hat"),
        purpose=_("Eingriffe des Betreibers nachvollziehen"),
        basis=SECURITY,
        until=_("12 Monate"),
    ),
}

WRITTEN = {
    "checklists.Delegation": Record(
        personal="user asked_by due created_at reminded_on",
        other="assessment aid",
        what=_("Übergebene Themen: an wen, von wem, bis wann"),
        purpose=_("Arbeit im Team aufteilen, einmal erinnern"),
        basis=COMPANY,
        until=COMPANY_LIFE,
    ),
    "checklists.Comment": Record(
        personal="author text said_on",
        other="thread",
        what=_("Kommentare zu Fragen, mit Tag"),
        purpose=_("Im Team über eine Frage reden"),
        basis=COMPANY,
        until=COMPANY_LIFE,
    ),
    "checklists.Measure": Record(
        personal="responsible taken_over_from taken_over_on assigned responsible_role team",
        other="company assessment step title direction way done_when starts_on due_on due_set_on "
        "priority effort budget budget_amount affects_staff status look_again_on reason done_on "
        "version created_on gaps",
        what=_("Maßnahmen: wer verantwortlich ist und wer mitmacht"),
        purpose=_("Vereinbartes umsetzen und daran erinnern"),
        basis=COMPANY,
        until=COMPANY_LIFE,
    ),
    "checklists.Meeting": Record(
        personal="participants held_on pdf",
        other="assessment number closed_at",
        what=_("Protokolle: wer bei einer Sitzung dabei war, soweit Sie es eintragen"),
        purpose=_("Festhalten, was das Team beschlossen hat"),
        basis=COMPANY,
        until=COMPANY_LIFE,
    ),
    "checklists.MeasureEvent": Record(
        personal="by about on",
        other="measure what before after version",
        what=_("Verlauf einer Maßnahme: wer was beschlossen hat, mit Tag"),
        purpose=_("Beschlüsse nachvollziehen"),
        basis=COMPANY,
        until=COMPANY_LIFE,
    ),
    "checklists.MeasureComment": Record(
        personal="author text said_on",
        other="measure",
        what=_("Kommentare zu Maßnahmen, mit Tag"),
        purpose=_("Im Team über eine Maßnahme reden"),
        basis=COMPANY,
        until=COMPANY_LIFE,
    ),
    "checklists.StepDecision": Record(
        personal="decided_by decided_on",
        other="company step assessment kind look_again_on reason superseded_at",
        what=_("Wer einen Schritt auf später gelegt oder abgelehnt hat"),
        purpose=_("Beschlüsse nachvollziehen"),
        basis=COMPANY,
        until=COMPANY_LIFE,
    ),
    "checklists.SentReminder": Record(
        personal="user measure occasion sent_on",
        other="company",
        what=_("Verschickte Erinnerungen"),
        purpose=_("Jede Erinnerung nur einmal schicken"),
        basis=COMPANY,
        until=ACCOUNT_LIFE,
    ),
    "checklists.CalendarFeed": Record(
        personal="user created_on revoked_at",
        other="company token_hash",
        what=_("Kalenderadresse: für wen, seit wann"),
        purpose=_("Eigene Fristen im Kalender sehen"),
        basis=COMPANY,
        until=ACCOUNT_LIFE,
    ),
    "checklists.Review": Record(
        personal="consultant signature released_at",
        other="assessment summary number",
        what=_("Beratungsbericht: wer ihn geschrieben hat"),
        purpose=_("Der Betrieb weiß, wessen Rat er liest"),
        basis=COMPANY,
        until=COMPANY_LIFE,
    ),
    "reports.Report": Record(
        personal="made_by made_at content pdf withdrawn_why",
        other="company assessment number kind checksum queued_at state attempts lease_until "
        "done_part failure pdf_checksum pages token_hash withdrawn_at release",
        what=_("Berichte: wer sie bestellt hat, Namen im Text"),
        purpose=_("Festhalten, was an einem Tag galt"),
        basis=COMPANY,
        until=_("bis der Bericht zurückgezogen oder der Betrieb gelöscht wird"),
    ),
    "reports.Share": Record(
        personal="purpose shared_by",
        other="report kind token_hash password created_at expires_at withdrawn_at",
        what=_("Freigaben: wofür und von wem"),
        purpose=_("Anderen einen Bericht zeigen"),
        basis=COMPANY,
        until=COMPANY_LIFE,
    ),
    "reports.ShareOpening": Record(
        personal="at",
        other="share",
        what=_("Wann ein Link geöffnet wurde, nicht von wem"),
        purpose=_("Leitung und Betriebsrat sehen, ob ein Link benutzt wird"),
        basis=COMPANY,
        until=_("90 Tage"),
    ),
    "reports.Statement": Record(
        personal="author dated released_at",
        other="report kind text version number",
        what=_("Stellungnahmen des Betriebsrats: wer sie geschrieben hat"),
        purpose=_("Antwort des Betriebsrats auf einen Bericht"),
        basis=COMPANY,
        until=COMPANY_LIFE,
    ),
}

# Of the company, not of a person; answers know neither author nor time, and are meant to.
IMPERSONAL = {
    "accounts.Company": Record(
        other="name trade headcount region works_council created_at delete_at idle_notice_at "
        "first_steps_away trial_token_hash trial_until logo"
    ),
    "checklists.Assessment": Record(
        other="company number edition based_on started_at closed_at topics"
    ),
    "checklists.AssessmentTopic": Record(other="assessment aid mark"),
    "checklists.Answer": Record(
        other="assessment question perspective value reason note version wording_hash to_confirm"
    ),
    "checklists.Thread": Record(other="assessment question resolved"),
    "checklists.ReviewTopic": Record(
        other="review aid view recommendation good_practice next_step"
    ),
    "checklists.MeasureGap": Record(other="measure question"),
    "checklists.MeetingItem": Record(
        other="meeting position question step measure title text before after version"
    ),
    "checklists.EffectCheck": Record(other="measure months due_on helped why answered_on"),
    "checklists.Resource": Record(
        other="key position name kind offer printed url address_note regions source retired"
    ),
    "checklists.AddressCheck": Record(
        other="resource checked_url checked_on answered_on first_failed_on failed_on failures "
        "status redirected_to detail"
    ),
    "checklists.Edition": Record(other="checksum source loaded_at questions"),
    "checklists.Step": Record(
        other="key position title why what first who effort done_when source retired resources"
    ),
    "checklists.DecisionAid": Record(
        other="code position title subtitle short teaser summary summary_plain prompt source "
        "retired related resources"
    ),
    "checklists.AidResource": Record(other="aid resource position role"),
    "checklists.Section": Record(other="aid key position heading text plain source"),
    "checklists.Question": Record(
        other="aid number text help plain stage step actors works_council wording_hash retired"
    ),
    "checklists.Wording": Record(other="question hash text help plain"),
    "checklists.Term": Record(other="key word variants text"),
    "auth.Permission": Record(other="name content_type codename"),
    "auth.Group": Record(other="name permissions"),
    "contenttypes.ContentType": Record(other="app_label model"),
    "django_tasks_database.DBTaskResult": Record(
        other="status enqueued_at started_at finished_at args_kwargs priority task_path worker_ids "
        "queue_name backend_name run_after return_value exception_class_path traceback"
    ),
}

CATALOGUE: dict[str, Record] = {**ACCOUNTS, **PEOPLE, **WRITTEN, **IMPERSONAL}


def records() -> list[tuple[Words, list[Record]]]:
    """What is personal, under three headings, for the pages."""
    return [
        (_("Ihr Konto"), list(ACCOUNTS.values())),
        (_("Wer was darf"), list(PEOPLE.values())),
        (_("Was im Betrieb entsteht"), list(WRITTEN.values())),
    ]
