"""What is asked of every page that stands in a browser: axe, layout, focus, and what it did."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Self

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Dialog, Page, Request

HERE = Path(__file__).parent


def script(name: str) -> str:
    """A function for page.evaluate(); the first line of its file says what it does."""
    return (HERE / name).read_text(encoding="utf-8").partition("\n")[2]


ASK_AXE, MEASURE, FOCUS = (script(name) for name in ("ask_axe.js", "measure.js", "focus.js"))

# What axe leaves to people, by rule and reason, and what was seen when looking at it. A reason that
# does not stand here fails.
LOOKED_AT: dict[tuple[str, str], str] = {
    ("color-contrast", "bgImage"): "a list's arrow stands beside its words, on the same ground",
    # Figures of a report: numbers lie inside or beside shapes; the pairs are those of the tokens.
    ("color-contrast", "bgOverlap"): "numbers inside the shapes of a figure",
    ("color-contrast", "imgNode"): "numbers beside the shapes of a figure",
    ("color-contrast", "nonBmp"): "arrows as names of keys: ink on a sheet like every other key",
    ("aria-required-children", "aria-required-children"): "sessions: the test client's own login "
    "makes none; whoever looks has one",
}


def axe(page: Page) -> list[str]:
    """Violations of any impact, and whatever axe could not decide and nobody looked at."""
    page.evaluate(AXE_SCRIPT)
    found: dict[str, list[Any]] = page.evaluate(ASK_AXE)
    unknown = [each for each in found["incomplete"] if (each[0], each[2]) not in LOOKED_AT]
    return [
        f"{said}: {' | '.join(each)}"
        for said, some in (("violation", found["violations"]), ("incomplete", unknown))
        for each in some
    ]


def measure(page: Page) -> list[str]:
    """What sticks out, is cut off, too small or in another's way at this width."""
    return page.evaluate(MEASURE)


class Watch:
    """Listens to a page: errors in the console, scripts that broke, dialogs, and requests to
    anywhere but `origin`. `said` is what it heard."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin, self.said = page, origin, list[str]()

    def __enter__(self) -> Self:
        self.page.on("console", self._console)
        self.page.on("pageerror", self._broke)
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for event, listener in (
            ("console", self._console),
            ("pageerror", self._broke),
            ("dialog", self._dialog),
            ("request", self._request),
        ):
            self.page.remove_listener(event, listener)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.said.append(f"{self.page.url} console: {message.text}")

    def _broke(self, error: Exception) -> None:
        self.said.append(f"{self.page.url} script: {error}")

    def _dialog(self, dialog: Dialog) -> None:
        if dialog.type == "beforeunload":  # a refused form: what it holds is nowhere yet
            dialog.accept()
            return
        self.said.append(f"{self.page.url} dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:", "about:")):
            self.said.append(f"{self.page.url} leaves the server: {request.url}")
