"""Work for the render child that goes wrong on purpose. Here by name, because the child is a
process of its own and imports it."""

import os
import time
from collections.abc import Callable

from reports.pdf import stylesheet
from reports.renderer import Job, Made


def work(job: Job, progress: Callable[[int], None]) -> Made:
    """Do what the job's content says."""
    what = job.content["do"]
    progress(10)
    if what == "raise":
        raise ValueError("geheim: steht in keiner Meldung")
    if what == "hang":
        time.sleep(600)
    if what == "crash":
        os._exit(11)
    if what == "huge":
        bytearray(4 << 30)
    if what == "what is read":
        return Made(b"%PDF-1.7", pages=stylesheet.cache_info().currsize)
    return Made(b"%PDF-1.7", pages=1)


def fail() -> None:
    """Getting ready that goes wrong."""
    raise RuntimeError
