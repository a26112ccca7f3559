"""What schemathesis found, from the events that it writes (one JSON object a line)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NOT_TESTED = "tested"
"""The check that an operation fails when schemathesis can make no case for it."""


class UnreadableReportError(Exception):
    """The run ended early, or wrote something else than what is read here."""


@dataclass(frozen=True)
class Failure:
    """One case of ``operation`` that failed ``check``.

    ``value`` is the body before it was written as ``media_type``, ``query`` what became the query,
    ``positive`` whether the request was
    meant to be valid, ``sent`` the request in one text, ``findings`` what the server objected to.
    """

    operation: str
    check: str
    message: str
    status: int | None = None
    findings: str = ""
    positive: bool = False
    media_type: str = ""
    value: Any = None
    query: Any = None
    sent: str = ""


@dataclass
class Report:
    """The counts of a run, and its failures."""

    operations: int = 0
    cases: int = 0
    failures: list[Failure] = field(default_factory=list)


def read_report(path: Path) -> Report:
    """The report in ``path``; :class:`UnreadableReportError` if it is not that of a whole run."""
    report = Report()
    finished = False
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                for kind, event in json.loads(line).items():
                    finished |= kind == "EngineFinished"
                    _take(kind, event, report)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableReportError(
            f"the report cannot be read: {type(error).__name__}: {error}"
        ) from error
    if not finished:
        raise UnreadableReportError("the report ends before the run does")
    return report


def _take(kind: str, event: dict[str, Any], report: Report) -> None:
    if kind == "LoadingFinished":
        report.operations = event["statistic"]["operations"]["selected"]
    elif kind == "ScenarioFinished":
        recorder = event["recorder"]
        checks = recorder.get("checks", {})
        report.cases += len(checks)
        report.failures += _failures(recorder, checks)
    elif kind in {"NonFatalError", "FatalError"}:
        error = event.get("value", event)
        report.failures.append(
            Failure(
                str(event.get("label", "the run")), NOT_TESTED, str(error.get("message", error))
            )
        )


def _failures(recorder: dict[str, Any], checks: dict[str, Any]) -> Iterator[Failure]:
    for case_id, results in checks.items():
        for result in results:
            if result["status"] == "failure":
                case = recorder["cases"][case_id]["value"]
                interaction = recorder["interactions"].get(case_id) or {}
                yield _failure(recorder["label"], case, interaction, result)


def _failure(
    operation: str, case: dict[str, Any], interaction: dict[str, Any], result: dict[str, Any]
) -> Failure:
    request = interaction.get("request") or {}
    response = interaction.get("response") or {}
    headers = response.get("headers") or {}
    failure = result["failure_info"]["failure"]
    return Failure(
        operation=operation,
        check=result["name"],
        message=failure.get("message") or failure["title"],
        status=response.get("status_code"),
        findings=", ".join(headers.get("x-mockforge-findings", ())),
        positive=case["meta"]["generation"]["mode"] == "positive",
        media_type=case.get("media_type") or "",
        value=case.get("body"),
        query=case.get("query"),
        sent=f"{request.get('method')} {request.get('uri')} {_text(request.get('body'))}",
    )


def _text(body: Any) -> str:
    if isinstance(body, dict):
        return base64.b64decode(body.get("$base64", "")).decode("utf-8", "replace")
    return "" if body is None else str(body)
