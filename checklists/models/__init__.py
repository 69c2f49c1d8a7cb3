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

__all__ = [
    "AddressCheck",
    "AddressState",
    "AidResource",
    "Answer",
    "Assessment",
    "AssessmentTopic",
    "Conflict",
    "DecisionAid",
    "Edition",
    "Perspective",
    "Question",
    "Resource",
    "Section",
    "Stage",
    "Step",
    "Term",
    "Value",
    "Wording",
]
