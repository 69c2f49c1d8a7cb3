"""WeasyPrint's log of its steps as percents, for whoever waits."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def reporting(progress: Callable[[int], None] | None, pages: int) -> Iterator[None]:
    """Call `progress` with rising percents while a document of about so many pages is set."""
    if progress is None:
        yield
        return
    logger = logging.getLogger("weasyprint.progress")
    handler = _Percents(progress, pages)
    before = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.level, logger.propagate = before


class _Percents(logging.Handler):
    STARTS = {"1": 5, "2": 6, "3": 8, "4": 15, "5": 25, "6": 75, "7": 95}

    def __init__(self, progress: Callable[[int], None], pages: int) -> None:
        super().__init__()
        self.progress, self.pages, self.reached = progress, pages, 0

    def emit(self, record: logging.LogRecord) -> None:
        step = re.match(r"Step (\d)(?:.* Page (\d+))?", record.getMessage())
        if not step:
            return
        part = self.STARTS.get(step[1], 0)
        if step[2]:
            part += round(48 * min(1.0, int(step[2]) / self.pages))
        if part > self.reached:
            self.reached = part
            self.progress(part)
