"""Findings as SARIF 2.1.0 (OASIS Standard, 27 March 2020), which code hosts and editors show in place.

Written as the findings come: first the results, then, when it is known which there are, the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import msgspec

if TYPE_CHECKING:
    from mockforge.findings import Finding

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS: Final = {"error": "error", "warning": "warning", "info": "note"}
_ROOT: Final = "SRCROOT"


def sarif_text(findings: Iterable[Finding]) -> Iterator[str]:
    """The pieces of one SARIF log with one run."""
    yield f'{{"version":"2.1.0","$schema":"{SCHEMA}","runs":[{{"results":['
    rules: dict[str, int] = {}
    separator = "\n"
    for finding in findings:
        rule = rules.setdefault(finding.code, len(rules))
        yield separator + msgspec.json.encode(_result(finding, rule)).decode()
        separator = ",\n"
    rest = {
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"uri": f"{Path.cwd().as_uri()}/"}},
        "tool": {
            "driver": {
                "name": "MockForge",
                "version": version("mockforge"),
                "rules": [{"id": code} for code in rules],
            }
        },
    }
    yield "\n]," + msgspec.json.encode(rest).decode()[1:-1] + "}]}\n"


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    text = finding.message if finding.hint is None else f"{finding.message} (hint: {finding.hint})"
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
    }
    location: dict[str, Any] = {}
    if finding.file is not None:
        location["physicalLocation"] = _physical(finding, finding.file)
    if finding.path:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.path}]
    if location:
        result["locations"] = [location]
    return result


def _physical(finding: Finding, file: str) -> dict[str, Any]:
    path = Path(file)
    if path.is_absolute():
        artifact = {"uri": path.as_uri()}
    else:
        artifact = {"uri": quote(path.as_posix()), "uriBaseId": _ROOT}
    physical: dict[str, Any] = {"artifactLocation": artifact}
    if finding.line is not None:
        physical["region"] = {"startLine": finding.line}
        if finding.column is not None:
            physical["region"]["startColumn"] = finding.column
    return physical
