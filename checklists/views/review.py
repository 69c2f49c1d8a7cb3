"""A consultant's own view of a client's round: written in private, then released to the firm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from checklists import access
from checklists.clients import sheet_for
from checklists.forms import ReviewForms, ReviewTopicForm
from checklists.models import Assessment, Review, ReviewTopic
from checklists.models.review import NOTHING_WRITTEN, ReviewConflict, Said, Writing
from checklists.reviews import preview, read_reviews
from checklists.sheet import Sheet, Topic
from portal.accounts import mails
from portal.accounts.access import leads_of, role_in
from portal.accounts.models import Engagement
from portal.accounts.requests import UserRequest

RELEASED = gettext_lazy("Genau so ist der Bericht schon freigegeben.")


@dataclass(frozen=True)
class Part:
    """A topic with the firm's answers and what the consultant says about it."""

    topic: Topic
    form: ReviewTopicForm
    stands: Said | None  # what another window saved meanwhile

    @property
    def other_view(self) -> str:
        """The view another window saved, in words; "" where it is the same."""
        stands = other(self.form["view"], self.stands.view if self.stands else "")
        return str(ReviewTopic.View(stands).label) if stands else ""

    def texts(self) -> Iterator[tuple[BoundField, str]]:
        """Each text, and what another window made of it, "" where that is the same."""
        for name in ("recommendation", "good_practice", "next_step"):
            stands: str = getattr(self.stands, name) if self.stands else ""
            yield self.form[name], other(self.form[name], stands)


@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int, number: int) -> HttpResponse:
    """Write the draft: nobody else sees it."""
    engagement, assessment = access.client_round_to_read(request.user, pk, number)
    if request.method == "POST":
        return _keep(request, engagement, assessment)
    newest = Review.newest(assessment, request.user)
    writing = newest.writing if newest else Writing()
    sheet = sheet_for(engagement, assessment)
    forms = ReviewForms(None, [topic.aid.code for topic in sheet.topics], writing)
    return _page(request, engagement, assessment, sheet, forms, writing.digest)


@require_http_methods(["GET", "POST"])
def release(request: UserRequest, pk: int, number: int) -> HttpResponse:
    """Look at the draft as the firm will read it, then hand it over: it never changes again."""
    engagement, assessment = access.client_round_to_read(request.user, pk, number)
    newest = Review.newest(assessment, request.user)
    if request.method == "POST":
        return _release(request, engagement, assessment, newest)
    writing = newest.writing if newest else Writing()
    if newest is None or writing.is_empty or not newest.is_draft:
        messages.info(request, NOTHING_WRITTEN if writing.is_empty else RELEASED)
        return redirect("review_edit", engagement.pk, assessment.number)
    context = {
        "engagement": engagement,
        "round": assessment,
        "review": preview(newest, by=request.user),
        "seen": writing.digest,
        "nav": "consulting",
    }
    return render(request, "consulting/review_release.html", context)


@require_GET
def reviews(request: UserRequest, pk: int) -> HttpResponse:
    """The firm reads what consultants have released on a round."""
    assessment = access.assessment_to_read(request.user, pk)
    context = {
        "assessment": assessment,
        "company": assessment.company,
        "role": role_in(request.user, assessment.company),
        "reviews": read_reviews(list(access.reviews_of(request.user, assessment))),
        "nav": "results",
    }
    return render(request, "consulting/reviews.html", context)


def _keep(request: UserRequest, engagement: Engagement, assessment: Assessment) -> HttpResponse:
    """Save what was typed: back to the page or on to its release, or 409 with both texts, 422 with
    why."""
    sheet = sheet_for(engagement, assessment)
    forms = ReviewForms(request.POST, [topic.aid.code for topic in sheet.topics])
    seen = request.POST.get("seen", "")
    if not forms.is_valid():
        return _page(request, engagement, assessment, sheet, forms, seen, status=422)
    try:
        Review.write(assessment, forms.writing(), by=request.user, seen=seen)
    except ReviewConflict as conflict:
        stands = conflict.current
        return _page(
            request, engagement, assessment, sheet, forms, stands.digest, stands=stands, status=409
        )
    if request.POST.get("weiter") == "freigabe":
        return redirect("review_release", engagement.pk, assessment.number)
    messages.success(request, _("Der Entwurf ist gespeichert. Außer Ihnen sieht ihn niemand."))
    return redirect("review_edit", engagement.pk, assessment.number)


def _release(
    request: UserRequest, engagement: Engagement, assessment: Assessment, newest: Review | None
) -> HttpResponse:
    """Release exactly what was looked at; else back to look once more."""
    writing, seen = newest.writing if newest else Writing(), request.POST.get("seen", "")
    back = redirect("review_edit", engagement.pk, assessment.number)
    try:
        if writing.digest != seen:
            raise ReviewConflict(writing)
        review = Review.release(assessment, writing, by=request.user, seen=seen)
    except ReviewConflict:
        messages.error(
            request,
            _("Der Entwurf hat sich inzwischen geändert. Lesen Sie ihn noch einmal."),
        )
        return redirect("review_release", engagement.pk, assessment.number)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return back
    if review is None:
        messages.info(request, RELEASED)
        return back
    _tell(review, engagement)
    messages.success(
        request,
        _(
            "Beratungsbericht %(number)d zu Durchgang %(round)d ist freigegeben. "
            "Die Leitung bekommt eine Mail."
        )
        % {"number": review.number, "round": assessment.number},
    )
    return redirect("client", engagement.pk)


def _tell(review: Review, engagement: Engagement) -> None:
    for lead in leads_of(engagement.company):
        mails.send(
            mails.Kind.REVIEW,
            lead,
            mails.absolute("reviews", review.assessment_id),
            _("Beratungsbericht lesen"),
            company=engagement.company.name,
            signature=review.signature,
        )


def other(field: BoundField, stands: str) -> str:
    """What stands saved in place of what was typed; "" where it is the same."""
    typed = str(field.value() or "").replace("\r\n", "\n").strip()
    return stands if stands and stands != typed else ""


def _page(
    request: UserRequest,
    engagement: Engagement,
    assessment: Assessment,
    sheet: Sheet,
    forms: ReviewForms,
    seen: str,
    *,
    stands: Writing | None = None,
    status: int = 200,
) -> HttpResponse:
    """The desk: the firm's answers and, beside them, the fields. `stands` is what another window
    saved meanwhile."""
    own = list(access.own_reviews(request.user, assessment))
    context = {
        "engagement": engagement,
        "round": assessment,
        "summary": forms.whole["summary"],
        "summary_stands": other(forms.whole["summary"], stands.summary if stands else ""),
        "parts": [
            Part(
                topic,
                forms.topics[topic.aid.code],
                stands.topics.get(topic.aid.code, Said()) if stands else None,
            )
            for topic in sheet.topics
        ],
        "seen": seen,
        "conflict": stands is not None,
        "wrong": status == 422,
        "has_draft": any(review.is_draft for review in own),
        "released": read_reviews([review for review in own if not review.is_draft]),
        "nav": "consulting",
    }
    return render(request, "consulting/review_edit.html", context, status=status)
