"""The render child: one long-lived process beside the job worker that turns content into PDF.

It keeps WeasyPrint warm, has a memory limit, is given a time limit by its parent, and is replaced
after a number of reports or when it broke. It forks from a process that imported everything and set
a first report (`reports/preloaded.py`), so that a fresh child is as good as a warm one. Rendering
in the web process would make every click wait."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from django.conf import settings


class RenderFailed(Exception):
    """The report could not be rendered; the text says why in German."""


@dataclass(frozen=True)
class Job:
    """What the child needs: frozen content as JSON and what the row adds to it."""

    content: dict[str, Any]
    number: int
    checksum: str
    kind: str = "report"  # or "minutes"
    address: str = ""  # where to ask whether a printed report is good


@dataclass(frozen=True)
class Made:
    pdf: bytes
    pages: int


class RenderChild:
    """Parent's side. Not for use by two threads at once."""

    def __init__(self, work: Callable[[Job, Callable[[int], None]], Made] | None = None) -> None:
        self._work = work or render_job
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._made = 0

    def render(self, job: Job, *, seconds: float, progress: Callable[[int], None]) -> Made:
        """The PDF of one job. Calls `progress` with percents. Raises RenderFailed after `seconds`,
        when the child died, or with the error it met."""
        pipe = self._started()
        until = time.monotonic() + seconds
        try:
            pipe.send(job)
            while True:
                if not pipe.poll(max(0.0, until - time.monotonic())):
                    raise RenderFailed(f"Das Setzen dauerte länger als {seconds:.0f} Sekunden.")
                kind, value = pipe.recv()
                if kind == "progress":
                    progress(value)
                elif kind == "made":
                    made: Made = value
                    self._count()
                    return made
                elif kind == "failed":
                    raise RenderFailed(value)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self._replace()
            raise RenderFailed("Der Setzvorgang brach ab.") from None
        except RenderFailed:
            self._replace()  # it may be in any state
            raise

    def start(self) -> None:
        """Let the child get ready for its first job, without waiting for it."""
        self._started()

    def wait(self, seconds: float) -> bool:
        """Whether a child that has had no job yet is ready within `seconds`."""
        pipe = self._started()
        with contextlib.suppress(EOFError):
            return pipe.poll(seconds) and pipe.recv()[0] == "ready"
        return False

    def _count(self) -> None:
        self._made += 1
        if self._made >= settings.REPORTS_PER_RENDER_CHILD:
            self._replace()

    def _replace(self) -> None:
        """A fresh child gets ready for the next job at once."""
        self.stop()
        self._started()

    def stop(self) -> None:
        if self._pipe:
            self._pipe.close()
        if self._process:
            self._process.kill()
            self._process.join()
        self._process = self._pipe = None
        self._made = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def _started(self) -> Connection:
        if self._process and self._process.is_alive() and self._pipe:
            return self._pipe
        self.stop()
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["reports.preloaded"])
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve,
            args=(theirs, self._work, settings.REPORT_MEMORY_MB),
            name="render",
            daemon=True,
        )
        self._process.start()
        theirs.close()
        return self._pipe


def _serve(pipe: Connection, work: Callable[..., Made], memory_mb: int) -> None:
    """The child's side: one job after the other until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to handle
    os.nice(10)  # a report can wait, a click cannot
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    gc.disable()  # it looks for garbage between two jobs, when nobody waits
    with contextlib.suppress(EOFError, BrokenPipeError):
        pipe.send(("ready", None))
        while True:
            gc.collect()
            gc.freeze()
            job = pipe.recv()
            try:
                pipe.send(("made", work(job, lambda part: pipe.send(("progress", part)))))
            except MemoryError:
                pipe.send(("failed", "Der Bericht brauchte zu viel Speicher."))
            except Exception as error:  # noqa: BLE001 - whatever it is, the parent must learn it
                pipe.send(("failed", f"Fehler beim Setzen: {type(error).__name__}"))
    os._exit(0)


def render_job(job: Job, progress: Callable[[int], None]) -> Made:
    """What the child does with a job: the only way from content to PDF."""
    from reports.content import from_json
    from reports.pdf import render

    if job.kind == "minutes":
        from reports.protocol import render_minutes

        set_ = render_minutes(job.content)
        return Made(set_.pdf, set_.pages)
    rendered = render(
        from_json(job.content),
        number=job.number,
        checksum=job.checksum,
        address=job.address,
        stored=job.content,
        progress=progress,
    )
    return Made(rendered.pdf, rendered.pages)
