"""Reports that nobody wrote: any topics, answers, words, measures, kind and options that the forms
let through, as Hypothesis strategies. Built without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import strategies as st

from checklists.results import Tally
from reports.content import Content, Firm, StatementRecord
from reports.kinds import PARTS, Kind
from reports.moved import Comparison, Meant, Moved, TopicChange
from reports.planned import Decision, EffectRecord, Plan, PlannedMeasure
from reports.reviewed import ReviewRecord, ReviewTopic
from reports.since import Participation, SinceLast, TopicSince
from tests.pdf import sample

FAR = (
    "<script>alert(1)</script> & \"Zitat\" {{ 7*7 }} {% now 'Y' %} ]]> <!-- \\",
    "<b>fett <table><tr><td>Zelle</td></tr></table> &amp; &#x41; <svg><title>x</title></svg>",
    "שלום עולם, מה נשמע? 123 (סוגריים)",
    "مرحبا بالعالم، كيف الحال؟ 456",
    "中文字符，日本語テスト、한국어 시험。",
    "😀 🔧 👩‍🔧 🇩🇪 ☂ ⚙ → ∞ ≤ 🏳️‍🌈",
    "a\u0301\u0302\u0303\u0304 o\u0308 e\u0301 Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯A̴̵̜̰͔ͫ͗͢L̠G̴̻͈O̗!",
    "ไทย हिन्दी ქართული Հայերեն Ελληνικά русский Tiếng Việt",
    "\x00\x01\x1b[31m \u202eumgekehrt\u202c \ufeff\u200b\u00ad \u2028\u2029 \ufffe",
    "łódź, şırnak, Łukasz Szymański, Ñandú, ẞ, ﬁ, ½, ², €, „…“",
    "Zeile\n\n\tund\r\nnoch eine\n" * 6,
    sample.LONG_WORD,
    "Ja.",
    "",
)


def words(most: int) -> st.SearchStrategy[str]:
    """What people may type into a field of so many characters."""
    some = st.one_of(
        st.sampled_from(FAR),
        st.text(st.characters(codec="utf-8"), max_size=60),
        st.sampled_from(FAR).map(lambda text: (text or "x ") * 40),
        st.sampled_from(["x", "W", "i", "中", "ش", "a-", "https://example.org/"]).map(
            lambda piece: piece * most
        ),
        st.lists(st.sampled_from(FAR), max_size=6).map(" ".join),
    )
    return some.map(lambda text: text[:most])


def named(most: int) -> st.SearchStrategy[str]:
    """The same where something must stand."""
    return words(most).map(lambda text: text if text.strip(" \n\t\r\x00\x01") else "Ohne Namen")


days = (
    st.none()
    | st.dates(date(2025, 6, 1), date(2028, 6, 1))
    | st.dates(date(2000, 1, 1), date(2100, 12, 31))
)
DAY = date(2026, 11, 20)


@st.composite
def answers(draw: st.DrawFn, most: int) -> dict[str, str]:
    """A letter for each question of some topics."""
    codes = draw(st.lists(st.sampled_from(sorted(sample.ANSWERS)), min_size=1, max_size=most))
    alike = draw(st.sampled_from(["", "", "J", "N", "W", "E", "O"]))
    letter = st.just(alike) if alike else st.sampled_from("JNWEO")
    return {
        code: "".join(draw(letter) for _ in sample.ANSWERS[code]) for code in sorted(set(codes))
    }


@st.composite
def measures(draw: st.DrawFn) -> PlannedMeasure:
    status = draw(st.sampled_from(["open", "in_work", "put_off", "done"]))
    looks = st.builds(
        EffectRecord,
        months=st.sampled_from([3, 6, 12]),
        due_on=st.just(date(2027, 2, 28)),
        helped=st.sampled_from(["", "teils"]),
        helped_name=st.just("teils"),
        why=words(500),
    )
    return PlannedMeasure(
        title=draw(named(200)),
        step=draw(st.none() | st.integers(1, 23)),
        closes=tuple(draw(st.lists(st.sampled_from(["E03-02", "E05-07"]), max_size=2))),
        direction="",
        done_when="",
        who=draw(words(60)),
        team="",
        effort="",
        starts_on=draw(days),
        due_on=draw(days),
        status=status,
        status_name=status,
        look_again_on=date(2027, 3, 1) if status == "put_off" else None,
        done_on=draw(days.filter(bool)) if status == "done" else None,
        effects=tuple(draw(st.lists(looks, max_size=2))),
        affects_staff=draw(st.sampled_from(["", "yes"])),
    )


@st.composite
def plans(draw: st.DrawFn, most: int) -> Plan | None:
    planned = draw(st.lists(measures(), max_size=5))
    times = draw(st.integers(1, max(1, most // max(len(planned), 1))))
    decisions = st.builds(
        Decision,
        title=named(200),
        step=st.none(),
        kind=st.just("declined"),
        kind_name=st.just("nicht für uns"),
        look_again_on=st.none(),
        reason=words(500),
    )
    plan = Plan(tuple(planned * times), tuple(draw(st.lists(decisions, max_size=3))))
    return plan if plan.measures or plan.decisions else None


statements = st.builds(
    StatementRecord,
    report=st.just(1),
    number=st.integers(1, 9),
    kind=st.just("objects"),
    result=st.just("widersprochen"),
    dated=st.just(DAY),
    text=words(6000),
    author=words(100),
)
reviews = st.builds(
    ReviewRecord,
    number=st.integers(1, 9),
    dated=st.just(DAY),
    signature=words(200),
    summary=words(4000),
    topics=st.lists(
        st.builds(
            ReviewTopic,
            code=st.just("E03"),
            view=st.just("differs"),
            view_name=st.sampled_from(["", "sieht es anders"]),
            recommendation=words(2000),
            good_practice=words(300),
            next_step=words(300),
        ),
        max_size=2,
    ).map(tuple),
)


@st.composite
def since(draw: st.DrawFn, content: Content) -> SinceLast:
    titles = st.lists(named(200), max_size=3).map(tuple)
    return SinceLast(
        number=1,
        made_on=date(2026, 5, 4),
        topics=tuple(
            TopicSince(each.code, each.short, Tally(offen=each.tally.total), each.tally)
            for each in content.topics
            if draw(st.booleans())
        ),
        only_now=draw(st.sampled_from([(), ("Datenschutz",)])),
        steps_new=draw(titles),
        steps_closed=draw(titles),
        measures_done=draw(titles),
    )


@st.composite
def comparisons(draw: st.DrawFn, content: Content) -> Comparison:
    meant = st.builds(
        Meant,
        title=named(200),
        done_on=st.just(DAY),
        closed=st.just(("E03-01",)),
        standing=st.sampled_from([(), ("E03-02",)]),
    )
    return Comparison(
        round_number=1,
        topics=tuple(
            TopicChange(
                code=each.code,
                short=each.short,
                then=Tally(nein=each.tally.total),
                now=each.tally,
                stage_then=1,
                stage_now=each.stage,
                moved=tuple(
                    Moved(q.key, q.text, "nein", q.value, "geschlossen") for q in each.questions[:3]
                ),
                measures=tuple(draw(st.lists(meant, max_size=2))),
                reworded=(),
            )
            for each in content.topics
        ),
        only_then=draw(st.sampled_from([(), ("Datenschutz",)])),
        only_now=(),
    )


@st.composite
def contents(draw: st.DrawFn, *, topics: int, most_measures: int, wordy: bool) -> Content:
    """A report of up to so many topics and measures; a `wordy` one may have a note beside each
    answer and has all addresses, another one has a few of both."""
    kind = draw(st.sampled_from(Kind.values))
    asked = draw(answers(topics))
    keys = [f"{code}-{n:02d}" for code, row in asked.items() for n in range(1, len(row) + 1)]
    content = sample.make_content(
        asked,
        notes=draw(
            st.dictionaries(st.sampled_from(keys), words(4000), max_size=len(keys) if wordy else 2)
        ),
        reason=draw(named(500)),
        firm=Firm(
            name=draw(named(200)),
            trade=draw(words(120)),
            headcount=draw(st.none() | st.integers(1, 2147483647)),
            region=draw(st.sampled_from(["", "ST", "NW"])),
            region_name="Sachsen-Anhalt",
            works_council=draw(st.sampled_from(["", "yes", "no"])),
        ),
    )
    parts = PARTS[kind]
    few = st.integers(0, 2 if wordy else 1)
    return replace(
        content,
        kind=kind,
        places=content.places[: None if wordy else 4] if "places" in parts else (),
        statements=tuple(draw(statements) for _ in range(draw(few)) if "statements" in parts),
        reviews=tuple(draw(reviews) for _ in range(draw(few)) if "reviews" in parts),
        plan=draw(plans(most_measures)) if {"plan", "effects"} & set(parts) else None,
        since=draw(st.none() | since(content)) if "since" in parts else None,
        comparison=draw(st.none() | comparisons(content)) if "comparison" in parts else None,
        participation=Participation(1, (DAY,), 0) if "took_part" in parts else None,
        grey=draw(st.booleans()),
        archive=draw(st.booleans()),
    )
