"""What the team says about a topic's questions."""

from __future__ import annotations

from dataclasses import dataclass, field

from checklists.models import Assessment, Comment
from checklists.sheet import Topic


@dataclass
class Talk:
    """The thread below one question, empty where nobody has said anything."""

    resolved: bool = False
    comments: list[Comment] = field(default_factory=list)

    @property
    def stamp(self) -> str:
        """What a browser compares to see whether anything was said, taken back or settled."""
        last = self.comments[-1].pk if self.comments else 0
        return stamp(last, len(self.comments), self.resolved)


def stamp(last: int, count: int, resolved: bool) -> str:
    return f"{last}.{count}.{int(resolved)}" if count else ""


def talks_of(assessment: Assessment, topic: Topic) -> dict[str, Talk]:
    """The thread of each of the topic's questions, by key: one query."""
    talks = {line.key: Talk() for line in topic.lines}
    key_of = {line.question.pk: line.key for line in topic.lines}
    said = Comment.objects.filter(thread__assessment=assessment, thread__question__in=key_of)
    for comment in said.select_related("thread", "author").order_by("pk"):
        talk = talks[key_of[comment.thread.question_id]]
        talk.resolved = comment.thread.resolved
        talk.comments.append(comment)
    return talks
