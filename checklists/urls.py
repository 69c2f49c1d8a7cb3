from django.urls import path, register_converter

from checklists.views import (
    answers,
    calendars,
    catalogue,
    comparison,
    confirming,
    consulting,
    decisions,
    directory,
    measures,
    meeting,
    plan,
    review,
    rounds,
    teamwork,
)


class CodeConverter:
    """Code of a topic: a letter and digits, "E05"."""

    regex = "[A-Z][0-9]{2,6}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class KeyConverter(CodeConverter):
    """Key of a question: "E05-04"."""

    regex = "[A-Z][0-9]{2,6}-[0-9]{2,3}"


register_converter(CodeConverter, "code")
register_converter(KeyConverter, "key")

urlpatterns = [
    path("betriebe/<int:pk>/durchgang/", rounds.start, name="assessment_start"),
    path("durchgaenge/<int:pk>/", rounds.overview, name="assessment"),
    path("durchgaenge/<int:pk>/themen/", rounds.topics, name="assessment_topics"),
    path("durchgaenge/<int:pk>/themen/<code:code>/", answers.checklist, name="checklist"),
    path("durchgaenge/<int:pk>/fragen/<key:key>/antwort/", answers.answer, name="answer"),
    path(
        "durchgaenge/<int:pk>/themen/<code:code>/stand/", teamwork.topic_state, name="topic_state"
    ),
    path(
        "durchgaenge/<int:pk>/themen/<code:code>/vermerk/", teamwork.topic_mark, name="topic_mark"
    ),
    path(
        "durchgaenge/<int:pk>/themen/<code:code>/bestaetigen/",
        confirming.topic_confirm,
        name="topic_confirm",
    ),
    path("durchgaenge/<int:pk>/themen/<code:code>/uebergeben/", teamwork.delegate, name="delegate"),
    path("uebergaben/<int:pk>/zuruecknehmen/", teamwork.delegation_end, name="delegation_end"),
    path("durchgaenge/<int:pk>/fragen/<key:key>/", teamwork.question_part, name="question_part"),
    path(
        "durchgaenge/<int:pk>/fragen/<key:key>/kommentar/",
        teamwork.comment_create,
        name="comment_create",
    ),
    path(
        "durchgaenge/<int:pk>/fragen/<key:key>/kommentar/<int:number>/loeschen/",
        teamwork.comment_delete,
        name="comment_delete",
    ),
    path(
        "durchgaenge/<int:pk>/fragen/<key:key>/geklaert/",
        teamwork.thread_resolve,
        name="thread_resolve",
    ),
    path("durchgaenge/<int:pk>/ergebnis/", rounds.results, name="results"),
    path("betriebe/<int:pk>/vergleich/", comparison.comparison, name="comparison"),
    path("durchgaenge/<int:pk>/abschliessen/", rounds.close, name="assessment_close"),
    path("durchgaenge/<int:pk>/wieder-oeffnen/", rounds.reopen, name="assessment_reopen"),
    path("durchgaenge/<int:pk>/tagesordnung/", meeting.agenda, name="agenda"),
    path("durchgaenge/<int:pk>/sitzung/", meeting.meeting, name="meeting"),
    path("sitzungspunkte/<int:pk>/", meeting.meeting_minute, name="meeting_minute"),
    path("sitzungen/<int:pk>/punkt/", meeting.meeting_add, name="meeting_add"),
    path("durchgaenge/<int:pk>/beratung/", review.reviews, name="reviews"),
    path("beratung/", consulting.room, name="consultant_room"),
    path("beratung/profil/", consulting.profile, name="consultant_profile"),
    path("beratung/mandate/<int:pk>/", consulting.client, name="client"),
    path("beratung/mandate/<int:pk>/gesehen/", consulting.visited, name="client_visited"),
    path(
        "beratung/mandate/<int:pk>/durchgaenge/<int:number>/",
        consulting.client_round,
        name="client_round",
    ),
    path(
        "beratung/mandate/<int:pk>/durchgaenge/<int:number>/bericht/",
        review.edit,
        name="review_edit",
    ),
    path(
        "beratung/mandate/<int:pk>/durchgaenge/<int:number>/bericht/freigeben/",
        review.release,
        name="review_release",
    ),
    # The plan
    path("durchgaenge/<int:pk>/schritte/<slug:key>/", decisions.step_decide, name="step_decide"),
    path("betriebe/<int:pk>/plan/", plan.plan, name="plan"),
    path("betriebe/<int:pk>/plan/neu/", measures.create, name="measure_create"),
    path("betriebe/<int:pk>/kalender/", calendars.calendar_address, name="calendar_address"),
    path("betriebe/<int:pk>/kalender/aufheben/", calendars.calendar_revoke, name="calendar_revoke"),
    path("kalender/<str:token>.ics", calendars.calendar_feed, name="calendar_feed"),
    path("massnahmen/<int:pk>/", measures.measure, name="measure"),
    path("massnahmen/<int:pk>/aendern/", measures.edit, name="measure_edit"),
    path("massnahmen/<int:pk>/stand/", measures.move, name="measure_move"),
    path("massnahmen/<int:pk>/rueckgaengig/", measures.undo, name="measure_undo"),
    path("massnahmen/<int:pk>/kommentar/", measures.comment, name="measure_comment"),
    path("massnahmen/<int:pk>/wirkung/<int:months>/", measures.effect, name="measure_effect"),
    path("massnahmen/<int:pk>/termin.ics", measures.entry, name="measure_entry"),
    path("beratung/mandate/<int:pk>/plan/", plan.client_plan, name="client_plan"),
    # For everybody. Codes and keys are strings here: a wrong one gets a page that helps.
    path("themen/", catalogue.aids, name="aids"),
    path("themen/<str:code>/", catalogue.aid, name="aid"),
    path("fragen/<str:key>/", catalogue.question, name="question"),
    path("schritte/", catalogue.steps, name="steps"),
    path("schritte/<str:slug>/", catalogue.step, name="step"),
    path("anlaufstellen/", directory.resources, name="resources"),
    path("woerter/", catalogue.glossary, name="glossary"),
]
