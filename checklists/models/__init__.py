from checklists.models.address import AddressCheck
from checklists.models.answer import Answer, Conflict, Perspective, Value
from checklists.models.assessment import Assessment, AssessmentTopic
from checklists.models.catalogue import (
    AidResource,
    DecisionAid,
    Edition,
    Question,
    Section,
    Stage,
    Step,
    Term,
    Wording,
)
from checklists.models.decision import StepDecision
from checklists.models.follow_up import (
    CalendarFeed,
    EffectCheck,
    MeasureComment,
    MeasureEvent,
    SentReminder,
)
from checklists.models.measure import Measure, MeasureConflict, MeasureGap
from checklists.models.meeting import ItemConflict, Meeting, MeetingItem
from checklists.models.resource import AddressState, Resource
from checklists.models.review import Review, ReviewTopic
from checklists.models.teamwork import Comment, Delegation, Thread

__all__ = [
    "AddressCheck",
    "AddressState",
    "AidResource",
    "Answer",
    "Assessment",
    "AssessmentTopic",
    "CalendarFeed",
    "Comment",
    "Conflict",
    "DecisionAid",
    "Delegation",
    "Edition",
    "EffectCheck",
    "ItemConflict",
    "Measure",
    "MeasureComment",
    "MeasureConflict",
    "MeasureEvent",
    "MeasureGap",
    "Meeting",
    "MeetingItem",
    "Perspective",
    "Question",
    "Resource",
    "Review",
    "ReviewTopic",
    "Section",
    "SentReminder",
    "Stage",
    "Step",
    "StepDecision",
    "Term",
    "Thread",
    "Value",
    "Wording",
]
