"""What the team says of a topic: "bitte ansehen", "fertig", or nothing."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from checklists.models import AssessmentTopic
from checklists.sheet import Sheet
from tests.factories import fill


@pytest.fixture
def mark(assessment) -> str:
    return reverse("topic_mark", args=[assessment.pk, "E03"])


def stands(assessment) -> str:
    return AssessmentTopic.objects.get(assessment=assessment, aid__code="E03").mark


@pytest.mark.parametrize("who", ["anna", "ben"])
def test_anybody_of_the_team_marks_and_takes_back(cast, assessment, mark, login, who):
    client = login(getattr(cast, who))
    for pressed in ("review", "review", "done", ""):
        client.post(mark, {"vermerk": pressed})
        assert stands(assessment) == pressed


def test_pressing_again_takes_it_back(cast, assessment, mark, login):
    """The pressed button sends nothing, the other one itself."""
    client = login(cast.ben)
    client.post(mark, {"vermerk": "review"})
    page = client.get(reverse("checklist", args=[assessment.pk, "E03"])).content.decode()
    buttons = page[page.index("data-marks") :]
    first = buttons[: buttons.index("</button>")]
    assert 'value=""' in first
    assert 'aria-pressed="true"' in first


def test_one_comes_back_to_where_it_was_pressed(cast, assessment, mark, login):
    client = login(cast.anna)
    there = client.post(mark, {"vermerk": "done"}).headers["Location"]
    assert there == reverse("checklist", args=[assessment.pk, "E03"]) + "#vermerk"
    there = client.post(mark, {"vermerk": "", "von": "ueberblick"}).headers["Location"]
    assert there == reverse("assessment", args=[assessment.pk]) + "#thema-E03"


def test_states_in_words(cast, assessment, mark, login):
    def words() -> list[str]:
        return [topic.state for topic in Sheet.of(assessment).topics]

    AssessmentTopic.objects.all()
    fill(assessment, {"E05-01": "", "E05-08": ""})
    assert words() == ["in Arbeit", "offen"]
    fill(assessment, dict.fromkeys([f"E03-0{n}" for n in range(1, 6)], "ja"))
    assert words() == ["beantwortet", "offen"]
    client = login(cast.anna)
    client.post(mark, {"vermerk": "review"})
    assert words() == ["bitte ansehen", "offen"]
    assert (
        "bitte ansehen"
        in client.get(reverse("assessment", args=[assessment.pk]))
        .content.decode()
        .split("o-team")[1]
        .split("</p>")[0]
    )
    client.post(mark, {"vermerk": "done"})
    assert words() == ["fertig", "offen"]


def test_only_leads_find_it_on_the_overview(cast, assessment, login):
    page = reverse("assessment", args=[assessment.pk])
    assert b"data-marks" in login(cast.anna).get(page).content
    assert b"data-marks" not in login(cast.ben).get(page).content


def test_an_unknown_word_changes_nothing(cast, assessment, mark, login):
    client = login(cast.anna)
    client.post(mark, {"vermerk": "done"})
    page = client.post(mark, {"vermerk": "super"}, follow=True)
    assert "Diesen Vermerk gibt es nicht." in page.content.decode()
    assert stands(assessment) == "done"


def test_a_closed_round_keeps_its_marks(cast, assessment, mark, login):
    client = login(cast.anna)
    client.post(mark, {"vermerk": "review"})
    assessment.close()
    page = client.post(mark, {"vermerk": "done"}, follow=True)
    assert "abgeschlossen" in page.content.decode()
    assert stands(assessment) == "review"


def test_a_topic_that_is_not_asked_about_has_no_mark(assessment):
    from checklists.models import DecisionAid

    with pytest.raises(ValidationError):
        assessment.mark_topic(DecisionAid.objects.get(code="E01"), "done")


def test_marks_stand_in_no_report_and_hinder_no_closing(cast, assessment, mark, login):
    from reports.content import build, to_json

    before = to_json(build(assessment))
    client = login(cast.anna)
    client.post(mark, {"vermerk": "review"})
    assert to_json(build(assessment)) == before
    client.post(reverse("assessment_close", args=[assessment.pk]))
    assessment.refresh_from_db()
    assert not assessment.is_open
