from checklists.models.address import AddressCheck
from checklists.models.assessment import (
    Answer,
    Assessment,
    AssessmentTopic,
    Conflict,
    Perspective,
    Value,
)
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
    "Comment",
    "Conflict",
    "DecisionAid",
    "Delegation",
    "Edition",
    "Perspective",
    "Question",
    "Resource",
    "Review",
    "ReviewTopic",
    "Section",
    "Stage",
    "Step",
    "Term",
    "Thread",
    "Value",
    "Wording",
]
