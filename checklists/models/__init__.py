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
    Resource,
    Section,
    Stage,
    Step,
    Term,
    Wording,
)

__all__ = [
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
