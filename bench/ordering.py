"""From the click on "Bericht erstellen" to the downloaded PDF, and two orders at once. Prints a
Markdown table.

    python -m bench.ordering [--rounds 5]

The whole portal as `manage.py serve` starts it, with the demo's companies, asked over HTTP as the
page asks: it looks once a second whether the PDF is there. Times are by the clock, for a person
waits: measure on a quiet machine. Two reports ordered together are timed with one job worker and
with two; the ratio is what the second one brings."""

from __future__ import annotations

import argparse
import re
import statistics
import time
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from bench.public import served

# Of the demo, in a fresh database: its round of all topics, and what it orders itself.
ROUND = 1
DEMO_REPORTS = ["/berichte/1/", "/berichte/2/"]
LOGIN = {"login": "leitung@demo.example", "password": "Gegenstrom-2026"}
ASKS_EVERY = 1.0  # seconds: templates/reports/_progress.html
LONGEST = 180.0


class Lead:
    """The demo's lead at a browser that runs no script."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        self.post("/konto/login/", "/konto/login/", **LOGIN)

    def get(self, path: str) -> tuple[str, str]:
        """The address it led to, and the page."""
        with self.opener.open(self.address + path, timeout=60) as response:
            return response.url, response.read().decode("utf-8", "replace")

    def post(self, page: str, path: str, **fields: str) -> str:
        """Send the form of a page; the address it led to."""
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', self.get(page)[1])
        assert token, f"{page} has no form"
        data = urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode()
        with self.opener.open(self.address + path, data, timeout=60) as response:
            response.read()
            return str(response.url)

    def order(self, **options: str) -> str:
        """Order the Aktionsbericht of the demo; the path of its page."""
        to = self.post(
            f"/durchgaenge/{ROUND}/bericht/neu/",
            f"/durchgaenge/{ROUND}/bericht/",
            kind="action",
            **options,
        )
        assert "/berichte/" in to, to
        return to.removeprefix(self.address)

    def wait(self, paths: list[str], every: float) -> None:
        """Until all of these reports have their PDF."""
        until = time.monotonic() + LONGEST
        waiting = set(paths)
        while waiting:
            assert time.monotonic() < until, "no PDF"
            time.sleep(every)
            waiting = {
                path for path in waiting if f"{path}pdf/" not in self.get(f"{path}stand/")[1]
            }

    def click(self) -> tuple[float, int]:
        """Seconds from the click to the last byte of the PDF, and its size."""
        start = time.perf_counter()
        path = self.order(with_notes="1")
        self.wait([path], ASKS_EVERY)
        with self.opener.open(f"{self.address}{path}pdf/", timeout=60) as response:
            size = len(response.read())
        return time.perf_counter() - start, size

    def two(self) -> float:
        """Seconds until two reports that were ordered together are there."""
        start = time.perf_counter()
        self.wait([self.order(with_notes="1"), self.order()], 0.1)
        return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = range(parser.parse_args().rounds)
    clicks: list[tuple[float, int]] = []
    pairs: dict[int, float] = {}
    for workers in (1, 2):
        with served("demo", whole=True, REPORT_WORKERS=str(workers)) as address:
            lead = Lead(address)
            lead.wait(DEMO_REPORTS, 1)
            lead.two()  # each worker has had a job
            if workers == 1:
                clicks = [lead.click() for _ in rounds]
            pairs[workers] = statistics.median(lead.two() for _ in rounds)
    seconds = statistics.median(seconds for seconds, _ in clicks)
    print("| what | measured | limit |\n|---|---|---|")
    print(f"| click to download, {clicks[0][1] / 1000:.0f} kB | {seconds:.2f} s | 3 s |")
    print(f"| two reports at once, one worker | {pairs[1]:.2f} s | – |")
    print(f"| two reports at once, two workers | {pairs[2]:.2f} s | – |")
    print(f"| throughput, two workers ÷ one | {pairs[1] / pairs[2]:.2f} | at least 1.3 |")


if __name__ == "__main__":
    main()
