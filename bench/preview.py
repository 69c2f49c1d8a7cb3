"""The picture that others show beside a link to the portal, drawn anew from its own type, colours
and signs.

    ./run                                     # in another terminal: a demo
    python -m bench.preview [ADDRESS]

Writes static/img/vorschau.png, 1200 by 630."""

from __future__ import annotations

import os
import shutil
import sys
from io import BytesIO

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("DEMO", "1")
django.setup()

from django.conf import settings  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from checklists.templatetags.marks import logo, mark, sign  # noqa: E402

SIZE = {"width": 1200, "height": 630}
TOPICS = [f"E0{number}" for number in range(1, 8)]
ANSWERS = ["ja", "ja", "nein", "ja", "weissnicht", "ja", "nein", "ja", "ja", "nein"]
STYLE = """
body { width: 1200px; height: 630px; margin: 0; padding: 64px 76px; overflow: hidden; }
header { display: flex; gap: 18px; align-items: center; }
header { font: 650 44px var(--gs-display); letter-spacing: -.03em; }
header .gs-logo__sign { width: 60px; height: 60px; color: var(--gs-acting); }
h1 { margin: 52px 0 24px; font-size: 88px; line-height: 92px; letter-spacing: -.032em; }
p { max-width: 840px; margin: 0; color: var(--gs-muted); font-size: 31px; line-height: 42px; }
footer { position: absolute; right: 76px; bottom: 56px; left: 76px; }
footer { display: flex; justify-content: space-between; }
footer { padding-top: 26px; border-top: 3px solid var(--gs-ink); }
footer div { display: flex; gap: 22px; color: var(--gs-acting); }
footer .gs-sign { width: 46px; height: 46px; }
footer .gs-m { width: 34px; height: 34px; margin-top: 6px; }
footer div + div { gap: 12px; }
"""


def markup(origin: str) -> str:
    sheets = "".join(
        f'<link rel="stylesheet" href="{origin}{settings.STATIC_URL}css/{name}.css">'
        for name in ("tokens", "gegenstrom", "marks")
    )
    return f"""<!doctype html><html lang="de" data-bs-theme="light"><head>{sheets}
    <style>{STYLE}</style></head><body><header>{logo(60)}Gegenstrom</header>
    <h1>Wo stehen wir?<br>Und was tun wir am Montag?</h1>
    <p>Arbeit 4.0 im Betrieb: 67 Fragen, zu jedem Nein ein nächster Schritt,
    am Ende ein Bericht.</p>
    <footer><div>{"".join(sign(code, 48) for code in TOPICS)}</div>
    <div>{"".join(mark(answer, own=True) for answer in ANSWERS)}</div></footer></body></html>"""


def main() -> None:
    origin = (sys.argv[1] if len(sys.argv) > 1 else settings.PORTAL_URL).rstrip("/")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
        page.goto(f"{origin}/healthz")
        page.set_content(markup(origin), wait_until="networkidle")
        page.evaluate("document.fonts.ready")
        drawn = page.screenshot()
        browser.close()
    with Image.open(BytesIO(drawn)) as picture:
        few = picture.convert("RGB").quantize(96)
        few.save(settings.BASE_DIR / "static" / "img" / "vorschau.png", optimize=True)


if __name__ == "__main__":
    main()
