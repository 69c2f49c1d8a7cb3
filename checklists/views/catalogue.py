"""Reading the catalogue: topics, questions, steps and words. Public."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from checklists.directory import places_by_key
from checklists.models import Question, Stage
from checklists.reading import Library
from checklists.views.public import ReaderRequest, page, public


@public
def aids(request: ReaderRequest, library: Library) -> HttpResponse:
    """All topics."""
    context = {"library": library, "nav": "aids"}
    return page(request, "checklists/reading/aids.html", context)


@public
def aid(request: ReaderRequest, library: Library, code: str) -> HttpResponse:
    """One topic: in two minutes, its nine texts, its questions and where to turn."""
    chapter = library.chapters.get(code)
    if chapter is None:
        if code.upper() in library.chapters:  # typed from a sheet of paper
            return redirect("aid", code.upper(), permanent=True)
        title = next((aid for aid in library.titles if aid.code == code.upper()), None)
        return missing(request, library, _("Dieses Thema gibt es hier nicht"), title=title)
    places = places_by_key()
    context = {
        "chapter": chapter,
        "aid": chapter.aid,
        "library": library,
        "words": library.glossary.on_page(),
        "networks": [places[pk] for pk in chapter.networks if pk in places],
        "links": [places[pk] for pk in chapter.links if pk in places],
        "named": [places[pk] for pk in chapter.named if pk in places],
        "nav": "aids",
    }
    return page(request, "checklists/reading/aid.html", context)


@public
def question(request: ReaderRequest, library: Library, key: str) -> HttpResponse:
    """One question: what it means, the step a Nein leads to, and who advises."""
    shown = library.questions.get(key)
    if shown is None:
        if key.upper() in library.questions:
            return redirect("question", key.upper(), permanent=True)
        return missing(request, library, _("Diese Frage gibt es hier nicht"))
    before, after = _beside(library, shown)
    step = library.steps[shown.step.key]
    places = places_by_key()
    context = {
        "question": shown,
        "aid": shown.aid,
        "total": len(library.chapters[shown.aid.code].questions),
        "stage": Stage(shown.stage),
        "step": step,
        "others": [other for other in step.questions if other.pk != shown.pk],
        "places": [places[pk] for pk in step.places if pk in places],
        "before": before,
        "after": after,
        "words": library.glossary.on_page(),
        "nav": "aids",
    }
    return page(request, "checklists/reading/question.html", context)


def _beside(library: Library, shown: Question) -> tuple[Question | None, Question | None]:
    """The question before and the one after, over the topics' borders."""
    questions = list(library.questions.values())
    here = questions.index(shown)
    before = questions[here - 1] if here else None
    return before, questions[here + 1] if here + 1 < len(questions) else None


@public
def steps(request: ReaderRequest, library: Library) -> HttpResponse:
    """All steps, by the stage on which each helps first."""
    stages = [
        (stage, [step for step in library.steps.values() if step.stage == stage]) for stage in Stage
    ]
    context = {
        "stages": [(stage, found) for stage, found in stages if found],
        "count": len(library.steps),
        "nav": "steps",
    }
    return page(request, "checklists/reading/steps.html", context)


@public
def step(request: ReaderRequest, library: Library, slug: str) -> HttpResponse:
    """One step: what to do, who, how long, when it is done, which questions it answers."""
    shown = library.steps.get(slug)
    if shown is None:
        return missing(request, library, _("Diesen Schritt gibt es hier nicht"))
    places = places_by_key()
    context = {
        "step": shown,
        "places": [places[pk] for pk in shown.places if pk in places],
        "words": library.glossary.on_page(),
        "nav": "steps",
    }
    return page(request, "checklists/reading/step.html", context)


@public
def glossary(request: ReaderRequest, library: Library) -> HttpResponse:
    """All explained words."""
    terms = sorted(library.glossary.terms, key=lambda term: term.word.casefold())
    context = {"terms": terms, "nav": "glossary"}
    return page(request, "checklists/reading/glossary.html", context)


def missing(
    request: ReaderRequest, library: Library, heading: str, **context: object
) -> HttpResponse:
    """An address that leads nowhere, with what there is instead."""
    context |= {"heading": heading, "library": library}
    return page(request, "checklists/reading/missing.html", context, status=404)
