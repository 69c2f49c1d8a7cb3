from django.urls import path, register_converter

from checklists.views import answers, catalogue, directory, rounds


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
    path("durchgaenge/<int:pk>/ergebnis/", rounds.results, name="results"),
    path("durchgaenge/<int:pk>/abschliessen/", rounds.close, name="assessment_close"),
    path("durchgaenge/<int:pk>/wieder-oeffnen/", rounds.reopen, name="assessment_reopen"),
    # For everybody. Codes and keys are strings here: a wrong one gets a page that helps.
    path("themen/", catalogue.aids, name="aids"),
    path("themen/<str:code>/", catalogue.aid, name="aid"),
    path("fragen/<str:key>/", catalogue.question, name="question"),
    path("schritte/", catalogue.steps, name="steps"),
    path("schritte/<str:slug>/", catalogue.step, name="step"),
    path("anlaufstellen/", directory.resources, name="resources"),
    path("woerter/", catalogue.glossary, name="glossary"),
]
