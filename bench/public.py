"""Measures what a topic page weighs and how quickly public pages are answered, behind gunicorn with
compressed static files.

    python -m bench.public [/themen/E05/ …]

A real Chromium visits each page with an empty cache and then again: bytes are those that came over
the wire, headers left out. Ends with 1 where a page is over budget."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PAGES = ["/themen/E05/", "/themen/E02/", "/anlaufstellen/", "/"]
BUDGET = 250_000  # bytes of HTML, CSS, JS and fonts on a first visit
REQUESTS = 200


@contextlib.contextmanager
def served(*more: str, whole: bool = False, **settings: str) -> Iterator[str]:
    """A portal of its own with the catalogue loaded and `more` commands done; its address. `whole`:
    with job workers and housekeeping, as `manage.py serve` starts them."""
    with tempfile.TemporaryDirectory(prefix="gegenstrom-bench-") as folder:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        address = f"http://localhost:{port}"
        environment = {
            **{name: value for name, value in os.environ.items() if name != "DEBUG"},
            "DEMO": "1",
            "VAR_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "PORTAL_URL": address,
            **settings,
        }
        for command in (
            "migrate -v0",
            "createcachetable",
            "catalogue load",
            "collectstatic -v0 --noinput",
            *more,
        ):
            subprocess.run(
                [sys.executable, "manage.py", *command.split()],
                cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        by = ["manage.py", "serve"] if whole else ["-m", "gunicorn", "portal.wsgi"]
        alone = [] if whole else ["--no-control-socket", "--log-level", "warning"]
        server = subprocess.Popen(
            [sys.executable, *by, "--bind", f"localhost:{port}", "--workers", "1", *alone],
            cwd=ROOT, env=environment, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_for(f"{address}/healthz")
            yield address
        finally:
            server.terminate()
            server.wait(30)


def wait_for(url: str) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=2).close()
            return
        time.sleep(0.2)
    raise RuntimeError(f"{url} does not answer")


def visit(context: BrowserContext, url: str) -> Counter[str]:
    """Bytes that came over the wire, by kind of resource; what the browser had kept counts 0."""
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    kinds: dict[str, str] = {}
    heads: Counter[str] = Counter()
    weight: Counter[str] = Counter()

    def answered(event: dict) -> None:
        kinds[event["requestId"]] = event["type"]
        heads[event["requestId"]] = event["response"]["encodedDataLength"]

    def finished(event: dict) -> None:
        name = event["requestId"]
        weight[kinds.get(name, "Other")] += max(0, int(event["encodedDataLength"] - heads[name]))

    wire.on("Network.responseReceived", answered)
    wire.on("Network.loadingFinished", finished)
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.close()
    return weight


def weigh(browser: Browser, address: str, path: str) -> bool:
    """Print one page's bytes; False where it is over budget."""
    context = browser.new_context(locale="de-DE")
    first, second = visit(context, address + path), visit(context, address + path)
    context.close()
    counted = sum(first[kind] for kind in ("Document", "Stylesheet", "Script", "Font"))
    static = sum(bytes_ for kind, bytes_ in second.items() if kind != "Document")
    parts = ", ".join(f"{kind} {bytes_ / 1000:.1f}" for kind, bytes_ in first.most_common())
    print(f"{path:20} first {counted / 1000:6.1f} kB ({parts}); second: document "
          f"{second['Document'] / 1000:.1f} kB, static {static} bytes")  # fmt: skip
    return counted < BUDGET and static == 0


def answers(address: str, path: str) -> None:
    """Print how long answers take, whole and unchanged, over one kept connection."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"))

    def ask(headers: dict[str, str]) -> tuple[float, http.client.HTTPResponse]:
        start = time.perf_counter()
        connection.request("GET", path, headers={"Accept-Encoding": "gzip", **headers})
        response = connection.getresponse()
        response.read()
        return time.perf_counter() - start, response

    _, response = ask({})
    known = {"If-None-Match": response.headers["ETag"]}
    for name, headers in (("200", {}), ("304", known)):
        times = sorted(ask(headers)[0] * 1000 for _ in range(REQUESTS))
        print(f"{path:20} {name}: median {statistics.median(times):.1f} ms, "
              f"19 of 20 within {times[int(REQUESTS * 0.95)]:.1f} ms")  # fmt: skip


def main() -> int:
    pages = sys.argv[1:] or PAGES
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        within = [weigh(browser, address, path) for path in pages]
        browser.close()
        for path in pages:
            answers(address, path)
    return 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main())
