"""Rules of the house that a machine can hold."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
OWN = [ROOT / "portal", ROOT / "checklists", ROOT / "reports"]
PYTHON = [path for folder in OWN for path in folder.rglob("*.py") if "migrations" not in path.parts]
VIEWS = [path for path in PYTHON if path.name in {"views.py", "pages.py"} or "views" in path.parts]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Pages that show the catalogue, which belongs to nobody.
PUBLIC_MODELS = {"DecisionAid", "Question", "Resource", "Term", "Step", "Section"}


def test_psycopg_3_is_absent():
    """With it installed Django would silently ignore psycopg2."""
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("psycopg")


def test_imports_go_downwards():
    command = [Path(sys.executable).parent / "lint-imports"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: str(path.relative_to(ROOT)))
def test_views_reach_objects_through_getters(path):
    """No `.objects` and no get_object_or_404 in a view, but for the public catalogue."""
    offences = [
        f"{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
            and ast.unparse(node.value) not in PUBLIC_MODELS)
        or (isinstance(node, ast.Name) and node.id.endswith("_or_404"))
    ]  # fmt: skip
    allowed = {"portal/pages.py": 1}  # readyz counts waiting jobs of all companies
    assert len(offences) <= allowed.get(str(path.relative_to(ROOT)), 0), offences


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_readable(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_only_pdf_imports_weasyprint():
    users = {
        str(path.relative_to(ROOT))
        for path in PYTHON
        if re.search(r"^\s*(import|from) weasyprint", path.read_text("utf-8"), re.MULTILINE)
    }
    assert users == {"reports/pdf.py"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_hold_no_script_no_style_and_trust_no_text(path):
    text = path.read_text(encoding="utf-8")
    if {"pdf", "email", "mails"} & set(path.parts):
        text = re.sub(r'\sstyle="|<style', "", text)  # no policy applies there
    assert not re.search(r"\sstyle=", text)
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\s(src=|type=\"application/json\"))", text)
    assert not re.search(r"\son[a-z]+=\"", text)
    assert "|safe" not in text
    assert "autoescape off" not in text


def test_code_trusts_no_text():
    """Only the drawer of our own signs marks markup as safe, and in one place."""
    users = {
        str(path.relative_to(ROOT)): len(re.findall(r"mark_safe\(", path.read_text("utf-8")))
        for path in PYTHON
        if "mark_safe" in path.read_text("utf-8")
    }
    assert users == {"checklists/templatetags/marks.py": 1}


def test_no_committed_file_names_a_download_address():
    listed = subprocess.run(
        ["git", "ls-files", "*.lock", "package-lock.json", "*.in"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert listed
    for name in listed:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "resolved" not in text, name
        if name.endswith((".lock", ".in")):
            assert "://" not in text, name


def test_answers_hold_nobody_and_no_time():
    """People are not measured: an answer has neither author nor moment."""
    kinds = {
        field.name: type(field).__name__
        for field in apps.get_model("checklists", "Answer")._meta.get_fields()
    }
    assert "User" not in str(kinds)
    assert not {"DateTimeField", "DateField"} & set(kinds.values())
    related = {
        field.related_model.__name__
        for field in apps.get_model("checklists", "Answer")._meta.get_fields()
        if field.is_relation
    }
    assert related == {"Assessment", "Question"}
