"""Several people at one topic: what changed and who is here, asked every few seconds."""

from __future__ import annotations

import json
import pickle
import zlib

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from checklists import presence
from checklists.models import Thread
from checklists.sheet import topic_of
from tests.factories import fill, make_member, make_user


@pytest.fixture
def state(assessment) -> str:
    return reverse("topic_state", args=[assessment.pk, "E03"])


def asks(user, address: str, **headers: str):
    client = Client()
    client.force_login(user)
    return client.get(address, headers=headers)


def test_it_tells_versions_threads_and_the_mark_and_no_more(cast, assessment, state):
    line = topic_of(assessment, "E03").lines[4]
    Thread.say(assessment, line.question, "Wer weiß das?", by=cast.ben)
    assessment.mark_topic(line.aid, "review")
    told = asks(cast.anna, state).json()
    comment = assessment.threads.get().comments.get()
    assert told == {
        "here": [],
        "mark": "review",
        "questions": {
            "E03-01": [1, ""],
            "E03-02": [1, ""],
            "E03-05": [0, f"{comment.pk}.1.0"],
        },
    }


def test_nothing_new_is_304_with_a_strong_etag(cast, assessment, state):
    etag = asks(cast.anna, state).headers["ETag"]
    assert etag.startswith('"')
    again = asks(cast.anna, state, if_none_match=etag)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    line = topic_of(assessment, "E03").line("E03-05")
    said = [
        lambda: fill(assessment, {"E03-03": "ja"}),
        lambda: assessment.mark_topic(line.aid, "done"),
        lambda: Thread.say(assessment, line.question, "Hm.", by=cast.ben),
        lambda: Thread.settle(assessment, line.question, resolved=True),
        lambda: assessment.threads.get().comments.get().delete(),
        lambda: asks(cast.ben, state),
    ]
    for change in said:
        change()
        fresh = asks(cast.anna, state, if_none_match=etag)
        assert fresh.status_code == 200, change
        etag = fresh.headers["ETag"]


def test_it_costs_three_queries_whoever_is_there(
    cast, assessment, state, django_assert_max_num_queries
):
    asks(cast.ben, state)
    client = Client()
    client.force_login(cast.anna)
    client.get(state)
    with django_assert_max_num_queries(3) as asked:
        assert client.get(state).json()["here"] == ["Ben"]
    written = [
        query["sql"] for query in asked if not query["sql"].startswith(("SELECT", "(SELECT"))
    ]
    assert not written


def test_one_sees_who_else_is_here_but_not_oneself(cast, state):
    assert asks(cast.ben, state).json()["here"] == []
    assert asks(cast.anna, state).json()["here"] == ["Ben"]
    assert asks(cast.ben, state).json()["here"] == ["Anna"]


def test_a_name_is_gone_a_minute_after_the_last_question(cast, state, time_machine):
    time_machine.move_to("2026-11-24 10:00:00+01:00", tick=False)
    asks(cast.ben, state)
    time_machine.move_to("2026-11-24 10:00:59+01:00", tick=False)
    assert asks(cast.anna, state).json()["here"] == ["Ben"]
    time_machine.move_to("2026-11-24 10:01:00+01:00", tick=False)
    assert asks(cast.anna, state).json()["here"] == []


def test_who_keeps_asking_stays(cast, state, time_machine):
    for second in range(0, 120, 15):
        time_machine.move_to(f"2026-11-24 10:{second // 60:02}:{second % 60:02}+01:00", tick=False)
        asks(cast.ben, state)
        assert asks(cast.anna, state).json()["here"] == ["Ben"]


def test_names_are_of_this_topic_alone(cast, assessment, state):
    asks(cast.ben, reverse("topic_state", args=[assessment.pk, "E05"]))
    assert asks(cast.anna, state).json()["here"] == []


def test_who_left_is_named_no_more(cast, state):
    asks(cast.ben, state)
    cast.company.memberships.filter(user=cast.ben).update(left_at=timezone.now())
    assert asks(cast.anna, state).json()["here"] == []
    assert asks(cast.ben, state).status_code == 404


@pytest.mark.parametrize("who", ["clara", "dora", "emil", "frida", "hanna"])
def test_others_neither_see_names_nor_are_seen(cast, state, who):
    asks(cast.ben, state)
    refused = asks(getattr(cast, who), state)
    assert refused.status_code == 404
    assert b"Ben" not in refused.content
    assert asks(cast.anna, state).json()["here"] == ["Ben"]


def test_presence_is_in_no_table(cast, state):
    """Every row of the database is the same before and after, but for the session's own."""
    client = Client()
    client.force_login(cast.ben)
    before = everything()
    client.get(state)
    assert everything() == before


def everything() -> dict[str, list[tuple[object, ...]]]:
    with connection.cursor() as cursor:
        rows = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows[table] = sorted(cursor.fetchall(), key=repr)
    return rows


def test_the_cache_knows_no_names_and_forgets(cast, state, time_machine):
    asks(cast.ben, state)
    (file,) = settings.PRESENCE_DIR.glob("*.djcache")
    content = file.read_bytes()
    _expiry, packed = content[: content.index(b"x\x9c")], content[content.index(b"x\x9c") :]
    assert list(pickle.loads(zlib.decompress(packed))) == [cast.ben.pk]
    said = file.stat().st_mtime
    time_machine.move_to(said + 59, tick=False)
    presence.forget()
    assert file.exists()
    time_machine.move_to(said + 61, tick=False)
    presence.forget()
    assert not file.exists()
    assert caches["presence"].default_timeout == 60


def test_a_part_is_the_question_its_thread_and_the_progress(cast, assessment, login):
    line = topic_of(assessment, "E03").line("E03-02")
    Thread.say(assessment, line.question, "Die Kammer fragen.", by=cast.ben)
    page = login(cast.anna).get(reverse("question_part", args=[assessment.pk, "E03-02"]))
    text = page.content.decode()
    assert 'id="E03-02"' in text
    assert "Die Kammer fragen." in text
    assert 'id="fortschritt"' in text
    assert 'id="E03-03"' not in text


def test_the_page_says_beforehand_that_names_are_shown(cast, assessment, login):
    page = login(cast.anna).get(reverse("checklist", args=[assessment.pk, "E03"]))
    assert "Wer gerade auf dieser Seite ist, steht hier mit Namen" in page.content.decode()


def test_alone_there_is_nobody_to_look_for(db, login):
    from tests.factories import make_company, make_round

    gerd = make_user("Gerd")
    alone = make_round(make_company(gerd, "Café Gerd"), "E03")
    page = login(gerd).get(reverse("checklist", args=[alone.pk, "E03"])).content.decode()
    assert "together.js" not in page
    assert "Besprechen" not in page
    make_member(alone.company, make_user("Jana"))
    page = login(gerd).get(reverse("checklist", args=[alone.pk, "E03"])).content.decode()
    assert "together.js" in page
    assert "Besprechen" in page


def test_nothing_told_is_about_a_person_and_their_answers(cast, assessment, state):
    """People are not measured: names stand for themselves, without numbers or times beside them."""
    asks(cast.ben, state)
    told = asks(cast.anna, state).json()
    assert told["here"] == ["Ben"]
    assert "Ben" not in json.dumps(told["questions"])
    assert set(told) == {"here", "mark", "questions"}
