"""The portal's addresses and two to measure against: a bare view and a reference save."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from checklists.models import Answer
from portal.accounts.models import Membership

FRAGMENT = engines["django"].from_string(
    '<p id="q{{ answer.question_id }}">{{ answer.value }}'
    " {% for i in marks %}<i>{{ i }}</i>{% endfor %}</p>"
)


@csrf_exempt
@login_not_required
def bare(request: HttpRequest) -> HttpResponse:
    """What Django itself costs: all middleware, nothing else."""
    return HttpResponse("ok")


def reference_save(request: HttpRequest, pk: int, question: int) -> HttpResponse:
    """The least a save can do: who is it, may they, one upsert, one rendered fragment."""
    if not Membership.objects.filter(
        user_id=request.user.pk, company__assessments=pk, left_at=None
    ).exists():
        raise Http404
    answer = Answer(
        assessment_id=pk, question_id=question, value=request.POST["antwort"], wording_hash="bench"
    )
    Answer.objects.bulk_create(
        [answer],
        update_conflicts=True,
        unique_fields=["assessment", "question", "perspective"],
        update_fields=["value"],
    )
    return HttpResponse(FRAGMENT.render({"answer": answer, "marks": range(14)}, request))


urlpatterns = [
    path("bench/bare/", bare),
    path("bench/save/<int:pk>/<int:question>/", reference_save),
    path("", include("portal.urls")),
]
