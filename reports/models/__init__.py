"""Reports, who else may read them, and what the works council answers."""

from reports.models.report import Report, ReportQuerySet
from reports.models.share import Share, ShareOpening, ShareQuerySet
from reports.models.statement import Statement, StatementConflict, StatementQuerySet

__all__ = [
    "Report",
    "ReportQuerySet",
    "Share",
    "ShareOpening",
    "ShareQuerySet",
    "Statement",
    "StatementConflict",
    "StatementQuerySet",
]
