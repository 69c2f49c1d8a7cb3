"""Measures what a first visit feels like on a slow phone: a quarter of this machine's CPU,
1.6 Mbit/s and 150 ms to the server, behind gunicorn with compressed static files. Prints a table.

    python -m bench.first_visit

Each page is visited three times with an empty cache, and then again with a full one; of the times
the median counts. Ends with 1 where a limit is missed."""

from __future__ import annotations

import re
import shutil
import statistics
import sys
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from bench.public import BUDGET, served, visit

ROUNDS = 3
PHONE = {"width": 360, "height": 740}
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
CPU_RATE = 4
SCRIPT_BUDGET = 45_000
PAINTED, SHIFTED, CLICKED = 2.0, 0.005, 100.0  # s, 0.00 as printed, ms
COUNTED = ("Document", "Stylesheet", "Script", "Font")
PASSWORD = "Gegenstrom-2026"

WATCH = """
window.seen = { paint: 0, shift: 0, click: 0 };
const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take))
  .observe({ type, buffered: true, durationThreshold: 16 });
watch("largest-contentful-paint", (entry) => { seen.paint = entry.startTime; });
watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.shift += entry.value; });
watch("event", (entry) => { if (entry.name === "click") seen.click = entry.duration; });
"""


@dataclass(frozen=True)
class Visit:
    """Seconds to the largest paint, layout shift, milliseconds until a click on Ja is painted."""

    paint: float
    shift: float
    click: float | None = None


def slow_page(browser: Browser, who: StorageState | None) -> Page:
    """A page on a slow phone, with nothing kept but who one is."""
    context = browser.new_context(locale="de-DE", viewport=PHONE, storage_state=who)
    page = context.new_page()
    page.add_init_script(WATCH)
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", NETWORK)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": CPU_RATE})
    return page


def measure(browser: Browser, who: StorageState | None, url: str, *, answers: bool) -> Visit:
    page = slow_page(browser, who)
    page.goto(url, wait_until="load")
    page.wait_for_timeout(1500)
    seen = page.evaluate("seen")
    click = None
    if answers:  # one that is not chosen yet, on the page as it lies there
        page.locator("[data-answer=ja][aria-pressed=false]").first.click()
        page.wait_for_timeout(1500)
        click = page.evaluate("seen.click")
    page.context.close()
    return Visit(seen["paint"] / 1000, seen["shift"], click)


def log_in(browser: Browser, address: str) -> tuple[StorageState, dict[str, str]]:
    """Whoever leads the demo's company, and the addresses of the pages to look at."""
    page = browser.new_context(locale="de-DE").new_page()
    page.goto(f"{address}/konto/login/")
    page.get_by_label("E-Mail").fill("leitung@demo.example")
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Anmelden", exact=True).click()
    page.wait_for_url(lambda url: "/konto/" not in url)

    def first(pattern: str) -> str:
        """The first address on this page that looks like this."""
        return re.findall(pattern, page.content())[0]

    company = first(r'href="(/betriebe/\d+/)')
    page.goto(address + company)
    assessment = first(r'href="(/durchgaenge/\d+/)')
    page.goto(f"{address}{company}berichte/")
    pages = {
        "Start": "/",
        "Checkliste": f"{assessment}themen/E01/",
        "Ergebnis": f"{assessment}ergebnis/",
        "Bericht": first(r'href="(/berichte/\d+/)"'),
    }
    return page.context.storage_state(), pages


def main() -> int:
    rows, missed = [], False
    with served("demo", "db_worker --batch") as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        lead, pages = log_in(browser, address)
        for name, path in pages.items():
            who = None if name == "Start" else lead
            answers = name == "Checkliste"
            visits = [measure(browser, who, address + path, answers=answers) for _ in range(ROUNDS)]
            context = browser.new_context(locale="de-DE", viewport=PHONE, storage_state=who)
            weight, again = visit(context, address + path), visit(context, address + path)
            context.close()
            total, scripts = sum(weight[kind] for kind in COUNTED), weight["Script"]
            parts = ", ".join(f"{kind} {size / 1000:.0f}" for kind, size in weight.most_common())
            print(f"{name}: {parts}", file=sys.stderr)
            static = sum(again.values()) - again["Document"] - again["Fetch"] - again["XHR"]
            paint = statistics.median(each.paint for each in visits)
            shift = max(each.shift for each in visits)
            clicks = [each.click for each in visits if each.click is not None]
            click = statistics.median(clicks) if clicks else None
            missed |= paint > PAINTED or shift > SHIFTED or (click or 0) > CLICKED
            missed |= total > BUDGET or scripts > SCRIPT_BUDGET or static > 0
            rows.append(
                f"| {name} | {paint:.2f} s | {shift:.2f} | {f'{click:.0f} ms' if clicks else '–'} "
                f"| {total / 1000:.0f} kB | {scripts / 1000:.0f} kB | {static} |"
            )
        browser.close()
    print("| Seite | größtes Bild | Verschiebung | Klick | Bytes | davon JS | beim zweiten Mal |")
    print(f"|{'---|' * 7}")
    print("\n".join(rows))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
