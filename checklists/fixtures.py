"""The catalogue's files: reading with line numbers, checking, loading as a new edition.

Files are Django fixtures in YAML with natural keys. They are read with `yaml.compose`, so that
every complaint names file, line and key, and no YAML tag can run code."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.core.serializers.python import Deserializer
from django.db import models, transaction
from django.utils import timezone

from checklists.asked import asked_by
from checklists.models import (
    AidResource,
    Assessment,
    DecisionAid,
    Edition,
    Question,
    Resource,
    Section,
    Step,
    Term,
    Wording,
)

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times as fast
MAX_BYTES = 2_000_000
MAX_STATEMENT_WORDS = 20
FIRST = ["resources.yaml", "steps.yaml", "titles.yaml"]  # others follow by name: keys must exist
LAST = ["glossary.yaml"]
MODELS = {
    model._meta.label_lower: model
    for model in (Resource, Step, DecisionAid, Section, Question, AidResource, Term)
}
COMPUTED = {"id", "retired", "wording_hash"}


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where."""

    file: str
    line: int
    key: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, Zeile {self.line}, {self.key}: {self.reason}"


class BrokenCatalogue(Exception):
    """The files cannot be loaded; nothing was changed."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Row:
    """One object of a fixture, and where each of its fields stands."""

    file: str
    line: int
    model: type[models.Model]
    fields: dict[str, Any]
    lines: dict[str, int]

    @property
    def key(self) -> str:
        """How people would name it: "E05-04", "E05 meaning", "bsi"."""
        field = self.fields.get
        if self.model is Question:
            return f"{_first(field('aid'))}-{str(field('number')).zfill(2)}"
        if self.model is Section:
            return f"{_first(field('aid'))} {field('key')}"
        if self.model is AidResource:
            return f"{_first(field('aid'))} {_first(field('resource'))}"
        return str(field("code") or field("key"))

    def problem(self, reason: str, field: str | None = None) -> Problem:
        line = self.lines.get(field or "", self.line)
        return Problem(self.file, line, f"{self.key}.{field}" if field else self.key, reason)


def _first(reference: Any) -> str:
    return str(reference[0]) if isinstance(reference, list) and reference else "?"


# --- Reading --------------------------------------------------------------------------------------


def files_in(folder: Path) -> list[Path]:
    """The catalogue's files in loading order. Raises BrokenCatalogue for an empty folder."""
    found = {path.name: path for path in sorted(folder.glob("*.yaml"))}
    if not found:
        raise BrokenCatalogue([Problem(str(folder), 0, "–", "Hier liegt keine YAML-Datei.")])
    last = [found.pop(name) for name in LAST if name in found]
    first = [found.pop(name) for name in FIRST if name in found]
    return [*first, *found.values(), *last]


def read(folder: Path) -> list[Row]:
    """All rows of all files. Raises BrokenCatalogue with every problem of form."""
    rows: list[Row] = []
    problems: list[Problem] = []
    for path in files_in(folder):
        try:
            rows.extend(_read_file(path))
        except BrokenCatalogue as broken:
            problems.extend(broken.problems)
    if problems:
        raise BrokenCatalogue(problems)
    return rows


def _read_file(path: Path) -> list[Row]:
    def broken(line: int, reason: str, key: str = "–") -> BrokenCatalogue:
        return BrokenCatalogue([Problem(path.name, line, key, reason)])

    if path.stat().st_size > MAX_BYTES:
        raise broken(0, "Die Datei ist größer als 2 MB.")
    try:
        text = path.read_text(encoding="utf-8")
        for token in yaml.scan(text, Loader=Loader):
            if isinstance(token, (yaml.AliasToken, yaml.AnchorToken, yaml.TagToken)):
                line = token.start_mark.line + 1
                raise broken(line, "Anker, Verweise und Tags von YAML sind nicht erlaubt.")
        tree = yaml.compose(text, Loader=Loader)
    except UnicodeDecodeError:
        raise broken(0, "Die Datei ist nicht in UTF-8 geschrieben.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "unlesbar"
        raise broken(mark.line + 1 if mark else 0, f"Kein gültiges YAML: {reason}.") from None
    if not isinstance(tree, yaml.SequenceNode):
        raise broken(1, "Erwartet wird eine Liste von Objekten.")
    rows, problems = [], []
    for node in tree.value:
        try:
            rows.append(_row(path.name, node))
        except ValueError as error:
            line = node.start_mark.line + 1
            problems.append(Problem(path.name, line, "–", str(error)))
    if problems:
        raise BrokenCatalogue(problems)
    return rows


def _row(file: str, node: yaml.Node) -> Row:
    """Raises ValueError with a German reason for anything but a model with fields."""
    data, _ = _mapping(node)
    if set(data) != {"model", "fields"} or not isinstance(data["fields"], yaml.MappingNode):
        raise ValueError("Ein Objekt besteht genau aus „model“ und „fields“.")
    label = str(_plain(data["model"])).lower()
    if label not in MODELS:
        raise ValueError(f"Das Modell „{label}“ gehört nicht zum Katalog.")
    fields, lines = _mapping(data["fields"])
    return Row(
        file,
        node.start_mark.line + 1,
        MODELS[label],
        {name: _plain(value) for name, value in fields.items()},
        lines,
    )


def _mapping(node: yaml.Node) -> tuple[dict[str, yaml.Node], dict[str, int]]:
    if not isinstance(node, yaml.MappingNode):
        raise ValueError("Erwartet wird ein Objekt mit Feldern.")
    values: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if key.value in values:
            raise ValueError(f"Das Feld „{key.value}“ steht doppelt.")
        values[key.value] = value
    return values, {key.value: key.start_mark.line + 1 for key, _ in node.value}


def _plain(node: yaml.Node) -> Any:
    """Strings and whole numbers only: YAML would read NO as false and 1:30 as 90."""
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    if isinstance(node, yaml.ScalarNode):
        bare = not node.style
        return int(node.value) if bare and re.fullmatch(r"\d{1,9}", node.value) else node.value
    raise ValueError("Ein Feld ist ein Text, eine Zahl oder eine Liste von Schlüsseln.")


# --- Checking -------------------------------------------------------------------------------------


def check(rows: list[Row]) -> list[Problem]:
    """Everything wrong with the rows taken together: structure, lengths, dangling keys, doubled
    numbers, missing networks."""
    problems = [problem for row in rows for problem in _check_fields(row)]
    if problems:
        return problems
    return [*_check_keys(rows), *_check_topics(rows), *_check_steps(rows)]


def _fields_of(model: type[models.Model]) -> dict[str, Any]:
    own = [*model._meta.fields, *model._meta.many_to_many]
    through = {"resources"} if model is DecisionAid else set()
    return {field.name: field for field in own if field.name not in COMPUTED | through}


def _check_fields(row: Row) -> Iterator[Problem]:
    known = _fields_of(row.model)
    for name in row.fields.keys() - known.keys():
        yield row.problem("Dieses Feld gibt es nicht.", name)
    for name, field in known.items():
        if name not in row.fields:
            if not (field.blank or field.has_default()):
                yield row.problem(f"Das Feld „{name}“ fehlt.")
            continue
        value = row.fields[name]
        if field.is_relation:
            if not _is_reference(value, many=field.many_to_many):
                yield row.problem("Erwartet wird ein Schlüssel in eckigen Klammern.", name)
            continue
        if isinstance(field, models.IntegerField) != isinstance(value, int):
            yield row.problem("Hier steht eine Zahl statt eines Textes oder umgekehrt.", name)
            continue
        try:
            field.clean(value, None)
        except ValidationError as error:
            yield row.problem(" ".join(error.messages), name)
    if row.model is Question and isinstance(text := row.fields.get("text"), str):
        words = len(text.split())
        if words > MAX_STATEMENT_WORDS:
            yield row.problem(f"{words} Wörter, höchstens {MAX_STATEMENT_WORDS}.", "text")


def _is_reference(value: Any, *, many: bool) -> bool:
    if many:
        return isinstance(value, list) and all(_is_reference(item, many=False) for item in value)
    return isinstance(value, list) and bool(value) and all(isinstance(v, str | int) for v in value)


def _check_keys(rows: list[Row]) -> Iterator[Problem]:
    seen: dict[tuple[type[models.Model], str], Row] = {}
    for row in rows:
        twin = seen.setdefault((row.model, row.key), row)
        if twin is not row:
            yield row.problem(f"Steht schon in {twin.file}, Zeile {twin.line}.")
    for row in rows:
        for name, field in _fields_of(row.model).items():
            if not field.is_relation or name not in row.fields:
                continue
            value = row.fields[name]
            for reference in value if field.many_to_many else [value]:
                if (field.related_model, str(reference[0])) not in seen:
                    yield row.problem(f"„{reference[0]}“ gibt es nicht.", name)


def _check_topics(rows: list[Row]) -> Iterator[Problem]:
    networks = {
        row.key for row in rows if row.model is Resource and row.fields["kind"] == "network"
    }
    asked = {_first(row.fields["aid"]) for row in rows if row.model is Question}
    for row in rows:
        if row.model is not DecisionAid or row.key not in asked:
            continue
        named = {
            _first(place.fields["resource"])
            for place in rows
            if place.model is AidResource
            and _first(place.fields["aid"]) == row.key
            and place.fields.get("role") == AidResource.Role.NETWORK
        }
        for missing in sorted(networks - named):
            yield row.problem(f"Dem Thema fehlt das Beraternetzwerk „{missing}“.")
    if not networks:
        yield Problem("resources.yaml", 0, "–", "Der Katalog nennt kein Beraternetzwerk.")


def _check_steps(rows: list[Row]) -> Iterator[Problem]:
    used = {_first(row.fields["step"]) for row in rows if row.model is Question}
    for row in rows:
        if row.model is not Step:
            continue
        if not row.fields["resources"]:
            yield row.problem("Der Schritt nennt keine Anlaufstelle.", "resources")
        if row.key not in used:
            yield row.problem("Keine Frage führt zu diesem Schritt.")


# --- Loading --------------------------------------------------------------------------------------


def checksum(rows: Iterable[Row]) -> str:
    """SHA-256 of what the rows say, independent of layout and order of files."""
    said = sorted(
        json.dumps([row.model._meta.label_lower, row.fields], sort_keys=True, ensure_ascii=False)
        for row in rows
    )
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def load(rows: list[Row]) -> tuple[Edition, bool]:
    """Make the database say what the rows say: all or nothing, and no answer is touched.

    What is gone from the files is retired (questions, steps, places, topics) or removed (texts
    nothing refers to). Returns the edition and whether it is new. Raises BrokenCatalogue."""
    if problems := check(rows):
        raise BrokenCatalogue(problems)
    with transaction.atomic():
        _save(rows)
        _retire(rows)
        edition, new = _record_edition(rows)
    asked_by.cache_clear()
    return edition, new


def _save(rows: list[Row]) -> None:
    objects = [{"model": row.model._meta.label_lower, "fields": dict(row.fields)} for row in rows]
    later = []
    for deserialized in Deserializer(objects, handle_forward_references=True):
        if isinstance(deserialized.object, Question):
            deserialized.object.wording_hash = deserialized.object.hash_wording()
        deserialized.save()
        if deserialized.deferred_fields:
            later.append(deserialized)
    for deserialized in later:
        deserialized.save_deferred_fields()
    questions = Question.objects.filter(retired=False)
    Wording.objects.bulk_create(
        [
            Wording(question=q, hash=q.wording_hash, text=q.text, help=q.help, plain=q.plain)
            for q in questions
        ],
        update_conflicts=True,
        unique_fields=["question", "hash"],
        update_fields=["plain"],
    )


def _retire(rows: list[Row]) -> None:
    present: dict[type[models.Model], set[str]] = {}
    for row in rows:
        present.setdefault(row.model, set()).add(row.key)
    for model, attribute in ((Resource, "key"), (Step, "key"), (DecisionAid, "code")):
        gone = model._default_manager.exclude(**{f"{attribute}__in": present.get(model, set())})
        gone.update(retired=True)
    for question in Question.objects.select_related("aid"):
        if question.key not in present.get(Question, set()):
            Question.objects.filter(pk=question.pk).update(retired=True)
    for section in Section.objects.select_related("aid"):
        if f"{section.aid.code} {section.key}" not in present.get(Section, set()):
            section.delete()
    for place in AidResource.objects.select_related("aid", "resource"):
        if f"{place.aid.code} {place.resource.key}" not in present.get(AidResource, set()):
            place.delete()
    Term.objects.exclude(key__in=present.get(Term, set())).delete()


def _record_edition(rows: list[Row]) -> tuple[Edition, bool]:
    digest = checksum(rows)
    current = Edition.objects.order_by("-loaded_at", "-pk").first()
    new = current is None or current.checksum != digest
    if new:
        current = Edition.objects.create(
            checksum=digest,
            questions={
                question.key: question.wording_hash
                for question in Question.objects.live().select_related("aid")
            },
            loaded_at=timezone.now(),
        )
        Assessment.objects.filter(closed_at=None).update(edition=current)
    assert current is not None
    return current, new


def counts() -> dict[str, int]:
    """How much the loaded catalogue holds, for the command's last line."""
    return {
        "Themen": DecisionAid.objects.with_questions().count(),
        "Fragen": Question.objects.live().count(),
        "Schritte": Step.objects.filter(retired=False).count(),
        "Anlaufstellen": Resource.objects.filter(retired=False).count(),
    }

