"""The JSON Schema test suite: the verdicts of validators, and that explanations agree with them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_specifications
import pytest

from mockforge.errors import DocumentError
from mockforge.mocking.data.model import Dialect
from mockforge.mocking.data.resolver import SchemaStore
from mockforge_http.validation.compile import SchemaValidator, compile_validator
from mockforge_http.validation.explain import Explainer
from mockforge_http.validation.report import places_of
from tests.corpus import corpus, corpus_root

SUITE = corpus_root() / "json-schema-test-suite"
HOST = "http://localhost:1234/"

ANNOTATIONS = "format.json"
"""Tests in it say that ``format`` is only an annotation by default. It is asserted here, as the
specification lets implementations do (2020-12 validation, section 7.2.1) and as is expected of OpenAPI
tools."""

NOT_OPENAPI = {
    # `id` is no keyword of the Schema Object of 2.0 and 3.0, so it names nothing and is no base.
    ("ref.json", "$ref prevents a sibling id from changing the base uri"),
    ("ref.json", "Recursive references between schemas"),
    ("ref.json", "Location-independent identifier"),
    ("ref.json", "Location-independent identifier with base URI change in subschema"),
    ("ref.json", "id must be resolved against nearest parent, not just immediate parent"),
    ("refRemote.json", "base URI change"),
    ("refRemote.json", "base URI change - change folder"),
    ("refRemote.json", "base URI change - change folder in subschema"),
    ("refRemote.json", "Location-independent identifier in remote ref"),
    # The metaschema of draft 4 is no part of a document, and nothing is fetched.
    ("ref.json", "remote ref, containing refs itself"),
    ("definitions.json", "validate definition against metaschema"),
}
"""What of draft 4 OpenAPI 2.0 and 3.0 do not have."""


@cache
def remotes() -> dict[str, Any]:
    """What the suite expects to be served, and the metaschemas of 2020-12."""
    found: dict[str, Any] = {}
    folder = SUITE / "remotes"
    for path in folder.rglob("*.json"):
        name = path.relative_to(folder).as_posix()
        if not name.startswith(("draft3", "draft6", "draft7", "draft2019", "v1")):
            found[HOST + name] = json.loads(path.read_text())
    for uri in jsonschema_specifications.REGISTRY:
        if "2020-12" in uri:
            found[uri] = jsonschema_specifications.REGISTRY.contents(uri)
    return found


def files(draft: str) -> list[Any]:
    folder = SUITE / "tests" / draft
    return [pytest.param(path, id=path.stem) for path in sorted(folder.glob("*.json"))]


def compiled(case: dict[str, Any], dialect: Dialect) -> SchemaValidator:
    store = SchemaStore(remotes())
    base = store.add(HOST + "case.json", case["schema"])
    return compile_validator(case["schema"], base, resolver=store, dialect=dialect)


def mistakes(path: Path, dialect: Dialect) -> list[str]:
    """Each test whose verdict is not the suite's."""
    found: list[str] = []
    for case in json.loads(path.read_text()):
        if (path.name, case["description"]) in NOT_OPENAPI and dialect != "2020-12":
            continue
        validator = compiled(case, dialect)
        for test in case["tests"]:
            annotation = path.name == ANNOTATIONS and "only an annotation" in test["description"]
            if validator.is_valid(test["data"]) != test["valid"] and not annotation:
                found.append(f"{case['description']}: {test['description']}")
    return found


def unexplained(path: Path, dialect: Dialect) -> list[str]:
    """Each test of which validator and explanation think differently, wherever the latter looks."""
    found: list[str] = []
    for case in json.loads(path.read_text()):
        try:
            validator = compiled(case, dialect)
        except DocumentError:
            continue
        for test in case["tests"]:
            data, verdict = test["data"], validator.is_valid(test["data"])
            for wanted in (None, places_of(validator.engine.iter_errors(data))):
                explainer = Explainer(validator.schema(), validator.patterns, wanted=wanted)
                if verdict != (not explainer.problems(data, 10)):
                    found.append(f"{case['description']}: {test['description']} ({wanted})")
    return found


@pytest.mark.parametrize("path", files("draft2020-12"))
def test_every_required_test_of_2020_12_has_its_verdict(path: Path) -> None:
    assert mistakes(path, "2020-12") == []


@pytest.mark.parametrize("path", files("draft4"))
@pytest.mark.parametrize("dialect", ["oas2", "oas3.0"])
def test_what_openapi_uses_of_draft_4_has_its_verdict(path: Path, dialect: Dialect) -> None:
    assert mistakes(path, dialect) == []


@pytest.mark.parametrize("path", files("draft2020-12") + files("draft2020-12/optional"))
def test_explanations_of_2020_12_agree_with_verdicts(path: Path) -> None:
    assert unexplained(path, "2020-12") == []


@pytest.mark.parametrize("path", files("draft4"))
def test_explanations_of_draft_4_agree_with_verdicts(path: Path) -> None:
    assert unexplained(path, "oas3.0") == []


def test_what_is_left_out_is_in_the_suite() -> None:
    folder = corpus("json-schema-test-suite", "tests", "draft4")
    cases = {
        (path.name, case["description"])
        for path in folder.glob("*.json")
        for case in json.loads(path.read_text())
    }
    assert cases >= NOT_OPENAPI
