"""The report's PDF: how long, how large, how much memory. Prints a Markdown table.

    python -m bench.report [--rounds 8] [--without-chromium]

Rendered by the render child, as the worker does it. "kalt" is a job that starts its child: a fresh
process with all imports. "erster" is the first job of a child that had time to get ready, which is
what a worker's start gives. Seconds are the child's CPU time: rendering does nothing else, but the
child is nice and lets everybody go first, so that the clock ("Uhr") tells of the others, too. Of
the warm rounds counts the quietest half. Memory is the child's peak. Chromium prints the same HTML,
warm and as nice, and is compared by the clock."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NUMBER, CHECKSUM = 3, "0" * 64
SHORT, LONG = "Aktionsbericht, zwei Themen", "Aktionsbericht, 21 Themen"


@dataclass(frozen=True)
class Figures:
    """One content's measures. Times in seconds of CPU, memory in MB, size in bytes."""

    name: str
    pages: int
    cold: float
    first: float
    warm: float
    clock: float
    memory: float
    size: int

    @property
    def per_page(self) -> float:
        """Warm milliseconds a page."""
        return 1000 * self.warm / self.pages


def contents() -> dict[str, Callable[[], Any]]:
    """What is measured: a demo-like report of each kind, a short one and two long ones."""
    from reports.kinds import Kind
    from tests.pdf import sample

    def short() -> Any:
        return sample.make_content({code: sample.ANSWERS[code] for code in ("E01", "E05")})

    def long() -> Any:
        """Every question a gap, and every topic three times."""
        content = sample.all_answered("N")
        more = [
            replace(topic, code=f"{copy}{topic.code[1:]}")
            for copy in "FG"
            for topic in content.topics
        ]
        return replace(content, topics=(*content.topics, *more))

    kinds = {str(kind.label): partial(sample.of_kind, kind) for kind in Kind}
    return {
        **kinds,
        SHORT: short,
        LONG: long,
        "500 Maßnahmen": partial(sample.of_kind, Kind.ACTION, measures=500),
    }


def quiet(values: list[float]) -> float:
    """Mean of the smaller half."""
    half = sorted(values)[: max(1, len(values) // 2)]
    return sum(half) / len(half)


def measure(name: str, rounds: int) -> Figures:
    """Render in two children of this process, which should have had none."""
    _set_up()
    from reports.renderer import Job, RenderChild

    job = Job(json.load(sys.stdin), NUMBER, CHECKSUM)

    def once(child: RenderChild) -> tuple[float, float, Any]:
        clock, cpu = time.perf_counter(), cpu_of(child.pid)
        made = child.render(job, seconds=300, progress=lambda percent: None)
        return cpu_of(child.pid) - cpu, time.perf_counter() - clock, made

    fresh = RenderChild()
    cold = once(fresh)[0]
    fresh.stop()
    child = RenderChild()
    child.start()
    if not child.wait(seconds=300):
        sys.exit("The render child did not get ready.")
    first, _, made = once(child)
    warm = [once(child)[:2] for _ in range(rounds)]
    memory = peak_of(child.pid)
    child.stop()
    return Figures(
        name=name,
        pages=made.pages,
        cold=cold,
        first=first,
        warm=quiet([cpu for cpu, _ in warm]),
        clock=quiet([clock for _, clock in warm]),
        memory=memory,
        size=len(made.pdf),
    )


def cpu_of(pid: int | None) -> float:
    """Seconds of CPU that a process has used; 0 for none."""
    if pid is None:
        return 0.0
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_of(pid: int | None) -> float:
    """The most memory in MB that a process had at a time."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def chromium(name: str, rounds: int) -> float:
    """Seconds that a warm headless Chromium takes for the same HTML, tagged."""
    os.nice(10)  # like the render child
    _set_up()
    from playwright.sync_api import sync_playwright

    from reports.pdf import LOGO, SCHEME, css_source, html_of, static_file

    html = html_of(contents()[name](), number=NUMBER, checksum=CHECKSUM)
    css = css_source()
    names = set(_names(css, SCHEME)) - {LOGO.removeprefix(SCHEME)}  # these reports have none
    for found in sorted(names, key=len, reverse=True):
        css = css.replace(f'"{SCHEME}{found}"', f'"{static_file(found).as_uri()}"')
    page_file = ROOT / "var" / "bench-report.html"
    page_file.write_text(html.replace("</head>", f"<style>{css}</style></head>"), encoding="utf-8")
    times = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox", "--allow-file-access-from-files"],
        )
        page = browser.new_page()
        for _ in range(rounds + 1):
            start = time.perf_counter()
            page.goto(page_file.as_uri())
            page.pdf(format="A4", prefer_css_page_size=True, tagged=True, outline=True)
            times.append(time.perf_counter() - start)
        browser.close()
    page_file.unlink()
    return quiet(times[1:])


def _names(css: str, scheme: str) -> list[str]:
    return [part.split('"')[0] for part in css.split(f'"{scheme}')[1:]]


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.environ.setdefault("DEBUG", "1")
    import django

    django.setup()


def _in_fresh_process(what: str, name: str, *arguments: str) -> Any:
    """The child gets the content as a report's row keeps it, without the means to make it."""
    from reports.content import to_json

    done = subprocess.run(
        [sys.executable, "-m", "bench.report", what, name, *arguments],
        cwd=ROOT,
        input=json.dumps(to_json(contents()[name]())),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def table(figures: list[Figures], other: dict[str, float]) -> str:
    rows = [
        "| Bericht | Seiten | kalt | erster | warm | je Seite | Uhr | RAM | Größe | Chromium | × |",
        f"|{'---|' * 11}",
    ]
    for f in figures:
        beside = other.get(f.name)
        cells = (
            f.name,
            f.pages,
            *(f"{seconds:.2f} s" for seconds in (f.cold, f.first, f.warm)),
            f"{f.per_page:.0f} ms",
            f"{f.clock:.2f} s",
            f"{f.memory:.0f} MB",
            f"{f.size / 1000:.0f} kB",
            *((f"{beside:.2f} s", f"{f.clock / beside:.1f}") if beside else "––"),
        )
        rows.append(f"| {' | '.join(map(str, cells))} |")
    by_name = {each.name: each for each in figures}
    short, long = by_name[SHORT], by_name[LONG]
    rows.append("")
    rows.append(
        f"{long.pages} gegen {short.pages} Seiten: {long.per_page / short.per_page:.2f} × die "
        "Millisekunden je Seite."
    )
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--without-chromium", action="store_true")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--chromium", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.measure:
        print(json.dumps(vars(measure(wanted.measure, wanted.rounds))))
        return
    if wanted.chromium:
        print(json.dumps(chromium(wanted.chromium, wanted.rounds)))
        return
    _set_up()
    rounds = ["--rounds", str(wanted.rounds)]
    names = list(contents())
    figures = [Figures(**_in_fresh_process("--measure", name, *rounds)) for name in names]
    other = {}
    if not wanted.without_chromium:
        other = {name: _in_fresh_process("--chromium", name, *rounds) for name in names}
    print(table(figures, other))


if __name__ == "__main__":
    main()
