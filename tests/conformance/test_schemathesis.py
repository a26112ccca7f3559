"""The run of schemathesis against the server, and what its runner makes of a report."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.schemathesis.__main__ import judge, main
from tests.conformance.schemathesis.excuses import ENTRIES, excuse_for
from tests.conformance.schemathesis.proofs import (
    form_loses_values,
    form_of_one,
    form_of_texts,
    no_refusal_declared,
    query_of_one,
    xml_of_none,
)
from tests.conformance.schemathesis.report import (
    NOT_TESTED,
    Failure,
    Report,
    UnreadableReportError,
    read_report,
)
from tests.conformance.schemathesis.running import credentials, executable
from tests.corpus import corpus

FORM = "application/x-www-form-urlencoded"
WRONG_TYPE = "Invalid component: in body - tags: Incorrect type"
FAILED = Failure("GET /a", "not_a_server_error", "Server error")


@pytest.mark.slow
def test_a_published_document_passes_every_check(capsys: pytest.CaptureFixture[str]) -> None:
    if executable() is None:
        pytest.skip("no schemathesis here (put it on the path or set MOCKFORGE_SCHEMATHESIS)")
    code = main([str(corpus("openapi", "oai-v3.0-petstore-expanded.yaml")), "--examples", "5"])
    said = capsys.readouterr().out
    assert code == 0, said
    assert "operations 4, cases " in said
    assert said.rstrip().endswith("failures 0, excused 0")


def test_without_the_executable_the_run_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOCKFORGE_SCHEMATHESIS", "/no/such/schemathesis")
    with pytest.raises(SystemExit) as ended:
        main(["openapi.yaml"])
    assert ended.value.code == 2
    assert "MOCKFORGE_SCHEMATHESIS" in capsys.readouterr().err


def event(status: str) -> dict[str, Any]:
    body = base64.b64encode(b"a=1").decode()
    return {
        "ScenarioFinished": {
            "recorder": {
                "label": "POST /a",
                "cases": {
                    "x": {
                        "value": {
                            "media_type": FORM,
                            "body": {"a": 1},
                            "meta": {"generation": {"mode": "positive"}},
                        }
                    }
                },
                "checks": {
                    "x": [
                        {"name": "one", "status": "success"},
                        {
                            "name": "two",
                            "status": status,
                            "failure_info": {"failure": {"title": "T", "message": "said"}},
                        },
                    ]
                },
                "interactions": {
                    "x": {
                        "request": {"method": "POST", "uri": "/a", "body": {"$base64": body}},
                        "response": {
                            "status_code": 422,
                            "headers": {"x-mockforge-findings": ["1, body;code=type"]},
                        },
                    }
                },
            }
        }
    }


LOADED = {"LoadingFinished": {"statistic": {"operations": {"total": 3, "selected": 2}}}}
ENDED: dict[str, Any] = {"EngineFinished": {}}


def written(folder: Path, *events: dict[str, Any]) -> Path:
    path = folder / "report.ndjson"
    path.write_text("".join(json.dumps(each) + "\n" for each in events))
    return path


def test_a_report_is_read_with_its_counts_and_failures(tmp_path: Path) -> None:
    error = {"NonFatalError": {"label": "PUT /a", "value": {"message": "no case"}}}
    report = read_report(
        written(tmp_path, LOADED, event("success"), event("failure"), error, ENDED)
    )
    assert (report.operations, report.cases) == (2, 2)
    assert report.failures == [
        Failure(
            "POST /a",
            "two",
            "said",
            status=422,
            findings="1, body;code=type",
            positive=True,
            media_type=FORM,
            value={"a": 1},
            sent="POST /a a=1",
        ),
        Failure("PUT /a", NOT_TESTED, "no case"),
    ]


def test_a_report_that_ends_early_or_is_none_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(UnreadableReportError, match="ends before"):
        read_report(written(tmp_path, LOADED, event("success")))
    with pytest.raises(UnreadableReportError, match="cannot be read"):
        read_report(written(tmp_path, {"ScenarioFinished": {}}, ENDED))
    with pytest.raises(UnreadableReportError, match="cannot be read"):
        read_report(tmp_path / "none")


def test_failures_without_an_excuse_are_printed_and_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = Report(2, 7, [FAILED, replace(FAILED, sent="GET /a"), replace(FAILED, check="other")])
    assert not judge("a.yaml", report)
    said = capsys.readouterr().out
    assert "FAILED GET /a: not_a_server_error (2 cases)" in said
    assert said.endswith("a.yaml: operations 2, cases 7, failures 2, excused 0\n")


def test_an_excuse_holds_for_its_document_operation_check_and_proof_only() -> None:
    entry = next(entry for entry in ENTRIES if entry.proof is no_refusal_declared)
    failure = Failure(
        entry.operations[0],
        entry.check,
        "Received: 422\nDocumented: 200, 404",
        status=422,
        findings="1, query;code=type",
    )
    assert excuse_for(entry.document, failure, ENTRIES) is entry
    assert excuse_for("other.yaml", failure, ENTRIES) is None
    assert excuse_for(entry.document, replace(failure, operation="GET /"), ENTRIES) is None
    assert excuse_for(entry.document, replace(failure, check="other"), ENTRIES) is None
    assert excuse_for(entry.document, replace(failure, positive=True), ENTRIES) is None


@pytest.mark.parametrize(
    ("message", "excused"),
    [
        ("Received: 422\nDocumented: 200", True),
        ("Received: 422\nDocumented: 200, 400", False),
        ("Received: 422\nDocumented: 200, 4XX", False),
        ("Received: 422\nDocumented: 200, default", False),
        ("Received: 500\nDocumented: 200", False),
        ("something else", False),
    ],
)
def test_a_refusal_is_undeclared_only_where_the_document_has_none(
    message: str, excused: bool
) -> None:
    failure = Failure("GET /a", "status_code_conformance", message, findings="1, query;code=type")
    assert no_refusal_declared(failure) is excused
    assert not no_refusal_declared(replace(failure, findings=""))


@pytest.mark.parametrize(
    ("value", "lost"),
    [
        ({"a": []}, True),
        ({"a": [{"b": 1}]}, True),
        ({"a": {"": 1}}, True),
        ({"a": {"b]": 1}}, True),
        ({"a": {"b": {}}}, True),
        ({"a": [1, "x"], "b": {"c": 1}, "": 1}, False),
    ],
)
def test_a_form_loses_what_it_cannot_write(value: Any, lost: bool) -> None:
    failure = Failure("POST /a", "c", "m", positive=True, media_type=FORM, value=value)
    assert form_loses_values(failure) is lost
    assert not form_loses_values(replace(failure, positive=False))
    assert not form_loses_values(replace(failure, media_type="application/json"))
    assert form_loses_values(replace(failure, media_type="", value=None, query=value)) is lost


def test_a_body_that_looks_valid_when_written_cannot_be_refused() -> None:
    text = Failure("POST /a", "c", WRONG_TYPE, media_type=FORM, value={"tags": "x"})
    assert form_of_one(text)
    assert not form_of_one(replace(text, value={"tags": {"a": 1}}))
    assert not form_of_one(replace(text, message="Invalid component: in body - id: too small"))
    assert form_of_one(replace(text, media_type="multipart/form-data", value={"tags": {}}))

    became = "- query: violates `type` at /properties/a (was array, became string)"
    alone = Failure("GET /a", "c", became, sent="GET /a?a=x ")
    assert query_of_one(alone)
    assert not query_of_one(replace(alone, sent="GET /a?a=x b=1"))
    assert not query_of_one(replace(alone, message="- query: violates `type` at /properties/a"))

    other = "Invalid component: in body - violates `additionalProperties` at /properties/tags"
    texts = replace(text, message=other, value={"tags": {"a": True, "b": [1], "c": "x"}})
    assert form_of_texts(texts)
    assert not form_of_texts(replace(texts, value={"tags": {"a": {"b": 1}}}))
    assert not form_of_texts(replace(texts, value={"tags": {"a": [1, 2]}}))

    empty = replace(text, media_type="application/xml", value={"tags": {}}, sent="<tags></tags>")
    assert xml_of_none(empty)
    assert not xml_of_none(replace(empty, sent="<tags>x</tags>"))
    assert not xml_of_none(replace(empty, value={"tags": "x"}))


def test_credentials_are_given_for_every_declared_scheme() -> None:
    schemes = {
        "a b": {"type": "apiKey", "in": "query", "name": "k"},
        "basic": {"type": "http", "scheme": "Basic"},
    }
    assert credentials({"components": {"securitySchemes": schemes}}).splitlines() == [
        'headers = { Authorization = "Basic dXNlcjpwYXNz" }',
        '[auth.openapi."a b"]',
        'api_key = "secret"',
    ]
    oauth = {"securityDefinitions": {"o": {"type": "oauth2"}, "b": {"type": "basic"}}}
    assert credentials(oauth) == 'headers = { Authorization = "Bearer token" }\n'
    assert credentials({}).strip() == ""
