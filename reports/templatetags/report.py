"""What the report's templates ask for: pictures, and sentences about the figures."""

from __future__ import annotations

import math
import re
from functools import cache, lru_cache

import segno
from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify

from checklists.directory import nobody_in
from checklists.models import Stage
from portal.accounts.models import Region
from reports import charts, summary, timeline
from reports.charts import n
from reports.content import AnsweredQuestion, Content, NextStep, Place, TopicResult
from reports.logo import Logo
from reports.moved import Comparison, TopicChange

register = template.Library()

PROOF = 34  # mm that number and checksum take at the foot of a cover

FACE = "Atkinson Hyperlegible Next"


def _svg(figure: charts.Figure) -> SafeString:
    """The picture as inline SVG. The title carries all of it, because a PDF knows no more."""
    paths = format_html_join(
        "",
        '<path class="gs-ink-{}" d="{}" fill="{}"{}/>',
        (
            (
                layer.name,
                layer.d,
                layer.fill,
                format_html(' stroke="{}" stroke-width="{}"', layer.stroke, n(layer.width))
                if layer.stroke
                else "",
            )
            for layer in figure.layers
        ),
    )
    labels = format_html_join(
        "",
        '<text x="{}" y="{}" font-family="{}" font-size="{}" font-weight="600" fill="{}">{}</text>',
        (
            (n(label.x), n(label.y), FACE, n(label.size), label.fill, label.text)
            for label in figure.labels
        ),
    )
    size = (n(figure.width * figure.scale), n(figure.height * figure.scale))
    # Many small pictures share one style if their size stands in the stylesheet.
    sized = "" if figure.small else format_html(' width="{}mm" height="{}mm"', *size)
    return format_html(
        '<svg class="gs-fig gs-fig-{}" viewBox="0 0 {} {}"{} role="img">'
        "<title>{}</title>{}{}</svg>",
        figure.name,
        n(figure.width),
        n(figure.height),
        sized,
        figure.title,
        paths,
        labels,
    )


@register.simple_tag
def currents(content: Content) -> SafeString:
    """The cover's picture. A long name or trade of the firm takes some of its height, and so do
    number and checksum where they stand below."""
    columns = [(topic.code, [q.value for q in topic.questions]) for topic in content.topics]
    name = content.firm.name
    size = 22 if len(name) <= 80 else 16
    text = charts.lines_of(name, 140, size) * size * 1.19
    text += charts.lines_of(content.firm.trade, 100, 8.5) * 12
    room = 163 - PROOF if "proof" in content.parts else 163
    height = min(147, room - text * charts.POINT)
    return _svg(charts.currents(columns, summary.pictured(content), height=height))


@register.simple_tag
def stairs(topic: TopicResult) -> SafeString:
    return _svg(_stairs(topic))


def _stairs(topic: TopicResult) -> charts.Figure:
    marks = [(f"{q.number:02d}", q.value, q.stage) for q in topic.questions]
    return charts.stairs(marks, topic.stage, summary.staged(topic))


@register.simple_tag
def cell(topic: TopicResult, stage: int) -> SafeString:
    """The marks of one topic at one stage; a point where the topic asks nothing there."""
    values = [question.value for question in topic.questions if question.stage == stage]
    if not values:
        return format_html('<span class="gs-r-none">{}</span>', "·")
    return _cell(tuple(values))


@cache
def _cell(values: tuple[str, ...]) -> SafeString:
    return _svg(charts.cell(values, summary.counted(values)))


@register.simple_tag
def months(content: Content) -> timeline.Timeline:
    """The plan over its months, as it stood on the report's day."""
    return timeline.timeline(content.plan.measures if content.plan else (), content.made_on)


@register.simple_tag
def drawn(figure: charts.Figure) -> SafeString:
    return _svg(figure)


@register.simple_tag
def then_now(topic: TopicChange, comparison: Comparison) -> SafeString:
    """A topic's answers in the round before and in this one; one mark takes the same room in each
    topic."""
    most = max(each.now.total for each in comparison.topics)
    said = f"Damals {summary.counts(topic.then)}; jetzt {summary.counts(topic.now)}."
    return _svg(charts.then_now(topic.then, topic.now, most, said))


@register.simple_tag
@lru_cache(maxsize=64)  # each report has an address of its own
def qr(address: str, size: int) -> SafeString:
    """The QR code of an address, `size` mm wide."""
    matrix = segno.make(address, error="m", micro=False).matrix
    return _svg(charts.qr(matrix, f"QR-Code mit der Adresse {address}", size=size))


@register.simple_tag
def firm_logo(logo: Logo, width: float, height: float) -> SafeString:
    """The firm's logo in the PDF, at most so large in mm. The name stands beside it: it is no
    picture that anybody would have to be told of."""
    style = "width:{}mm;height:{}mm"
    size = style.format(*map(n, logo.within(width, height)))
    return format_html('<div class="own" style="{}"></div>', size)


@register.simple_tag
def stages() -> list[Stage]:
    return list(Stage)


@register.simple_tag
def place_groups(content: Content) -> list[summary.Shelf]:
    return summary.shelves(content)


@register.simple_tag
def turning(content: Content, step: NextStep) -> str:
    return summary.turning(content, step)


@register.simple_tag
def not_for_staff(content: Content) -> str:
    return summary.not_for_staff(content)


@register.simple_tag
def mentions(content: Content, place: Place) -> str:
    return summary.mentions(content, place)


@register.simple_tag
def page_plan(topic: TopicResult) -> charts.PagePlan:
    """How a topic's page is set."""
    rows = [
        [
            "\n".join(filter(None, (q.text, tidy(q.reason), q.earlier and "Früher", tidy(q.note))))
            for q in group.questions
        ]
        for group in summary.groups(topic)
    ]
    return charts.plan_page(topic.title, bool(topic.subtitle), _stairs(topic).height, rows)


@register.filter
def tall(question: AnsweredQuestion) -> bool:
    """Whether its row is about a page high: it may break, or its heading would stand alone."""
    return charts.lines_of(tidy(f"{question.reason}\n{question.note}"), 112, 8.5) > 45


@register.filter
def own_rows(content: Content) -> range:
    """Rows of the plan for a firm's own ideas, as far as its page has room beside the steps, the
    picture and what was put off."""
    plan = content.plan
    rows = len(plan.measures) if plan else 0
    rows = rows or len(content.steps)
    if rows == 0:
        return range(6 if summary.few(content) else 12)
    room = 185.0 - 11.3 * rows
    picture = listed = 0.0
    if plan and (figure := months(content).figure):
        picture = figure.height + 22
    if plan and plan.decisions:
        said = (f"{each.title}: {each.kind_name}. {each.reason}" for each in plan.decisions)
        listed = 11 + sum(5 * charts.lines_of(text, 140, 10) for text in said)
    if picture <= room:  # else it stands on the next page
        room -= picture + listed
    return range(max(0, min(2 if summary.few(content) else 3, math.floor(room / 11.3))))


@register.filter
def stage_label(number: int) -> str:
    return str(Stage(number).label)


for sentence in (
    summary.headline,
    summary.lead,
    summary.basis,
    summary.few,
    summary.extent,
    summary.ordered,
    summary.late,
    summary.short_of,
    summary.counts,
    summary.groups,
    summary.closing,
    summary.portrait,
    summary.start,
    nobody_in,
):
    register.filter(sentence.__name__, sentence)


@register.filter
def many(count: int, nouns: str) -> str:
    """{{ 3|many:"ein Schritt,Schritte" }}: "drei Schritte"."""
    return summary.many(count, *nouns.split(",", 1))


@register.filter
def code_class(code: str) -> str:
    """The class that gives a topic its sign; an unknown code keeps the default one."""
    return f"sign-{slugify(code)}"


@register.filter
def placed(place: Place) -> str:
    """The place's name, with the Bundesland it is for where the name does not say it."""
    lands = [str(Region(code).label) for code in place.regions if code in Region.values]
    unsaid = [land for land in lands if land not in place.name]
    return f"{place.name} ({', '.join(unsaid)})" if unsaid else place.name


@register.filter
def host(place: Place) -> str:
    """The part of a printed address that never breaks: PDF/UA allows no link over two lines."""
    return place.printed.partition("/")[0]


@register.filter
def path(place: Place) -> str:
    return "".join(place.printed.partition("/")[1:])


@register.filter
def tidy(text: str) -> str:
    """What somebody typed, without empty lines. All that breaks a line is one line break."""
    return re.sub(r"\s*[\n\u2028\u2029]\s*", "\n", text.strip())


@register.filter
def below(text: str) -> str:
    """The same on lines of its own, where line breaks are kept."""
    return f"\n{tidy(text)}"


@register.filter
def first_open(content: Content) -> list[AnsweredQuestion]:
    """What a team without gaps settles next."""
    return [question for topic in content.topics for question in topic.unclear][:3]
