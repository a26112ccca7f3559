"""The test suite of JSON Schema: verdicts of the evaluator, and data for each schema in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import jsonschema_specifications
import pytest
from jsonschema import Draft4Validator, Draft202012Validator
from referencing.jsonschema import DRAFT4, DRAFT202012

from mockforge.mocking.data import Dialect, SchemaStore, compile_generator
from mockforge.mocking.data.check import Checker
from mockforge.mocking.data.model import Source
from mockforge.mocking.data.references import References
from tests.corpus import corpus
from tests.kernel.data.kit import seeded

CASE = "http://case/"
REMOTE = "http://localhost:1234/"


class Draft(NamedTuple):
    """A draft of the suite, and how to validate for it."""

    folder: str
    dialect: Dialect
    validator: Any
    specification: Any
    skipped: dict[tuple[str, str], str]
    """Cases left out: (file, description) and why."""


_NO_VALIDATION = "schema that uses custom metaschema with with no validation vocabulary"
_ID = "`id` is no keyword of the Schema Object of OpenAPI 2.0 and 3.0"
_METASCHEMA = "turns keywords off by a metaschema; OpenAPI has one fixed vocabulary"
_PYTHON_RE = "the validator used as the judge hands the pattern to Python's re, which has no \\p"

DRAFTS = [
    Draft(
        "draft2020-12",
        "2020-12",
        Draft202012Validator,
        DRAFT202012,
        {
            ("vocabulary.json", _NO_VALIDATION): _METASCHEMA,
            ("pattern.json", "pattern with Unicode property escape requires unicode mode"): _PYTHON_RE,
            ("patternProperties.json", "patternProperties with Unicode property escape"): _PYTHON_RE,
        },
    ),
    Draft(
        "draft4",
        "oas3.0",
        Draft4Validator,
        DRAFT4,
        {
            ("ref.json", "$ref prevents a sibling id from changing the base uri"): _ID,
            ("ref.json", "Recursive references between schemas"): _ID,
            ("ref.json", "Location-independent identifier"): _ID,
            ("ref.json", "Location-independent identifier with base URI change in subschema"): _ID,
            ("ref.json", "id must be resolved against nearest parent, not just immediate parent"): _ID,
            ("refRemote.json", "base URI change"): _ID,
            ("refRemote.json", "base URI change - change folder"): _ID,
            ("refRemote.json", "base URI change - change folder in subschema"): _ID,
            ("refRemote.json", "root ref in remote ref"): _ID,
            ("refRemote.json", "Location-independent identifier in remote ref"): _ID,
        },
    ),
]  # fmt: skip


def remotes(draft: Draft) -> dict[str, Any]:
    folder = corpus("json-schema-test-suite", "remotes")
    found = {}
    for path in folder.rglob("*.json"):
        name = path.relative_to(folder).as_posix()
        if not name.startswith(("draft", "v1")) or name.startswith(draft.folder):
            found[REMOTE + name] = json.loads(path.read_text())
    return found


def resolver(draft: Draft) -> SchemaStore:
    store = SchemaStore(remotes(draft))
    for uri in jsonschema_specifications.REGISTRY:
        store.add(uri, jsonschema_specifications.REGISTRY.contents(uri))
    return store


def registry(draft: Draft) -> Any:
    return jsonschema_specifications.REGISTRY.with_resources(
        (uri, draft.specification.create_resource(document))
        for uri, document in remotes(draft).items()
    )


def cases(draft: Draft) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(corpus("json-schema-test-suite", "tests", draft.folder).glob("*.json")):
        for case in json.loads(path.read_text()):
            if (path.name, case["description"]) not in draft.skipped:
                yield path.name, case


@pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: draft.folder)
def test_the_evaluator_gives_the_verdicts_of_the_suite(draft: Draft) -> None:
    store = resolver(draft)
    wrong = []
    for name, case in cases(draft):
        base = store.add(CASE, case["schema"])
        scope = (base,) if draft.dialect == "2020-12" else ()
        references = References(store, draft.dialect, "response")
        check = Checker(references, formats=False).of(Source(case["schema"], base, scope))
        wrong += [
            (name, case["description"], test["description"])
            for test in case["tests"]
            if check(test["data"]) != test["valid"]
        ]
    assert not wrong


@pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: draft.folder)
def test_data_is_generated_for_every_schema_that_something_satisfies(draft: Draft) -> None:
    store, known = resolver(draft), registry(draft)
    wrong = []
    for name, case in cases(draft):
        if not any(test["valid"] for test in case["tests"]):
            continue
        schema = case["schema"]
        base = store.add(CASE, schema)
        made = compile_generator(schema, base, resolver=store, dialect=draft.dialect)
        validator = draft.validator(schema, registry=known)
        # The metaschemas make large documents, which the validator takes a second for.
        seeds = range(1 if "json-schema.org" in json.dumps(schema.get("$ref", "")
                        if isinstance(schema, dict) else "") else 4)  # fmt: skip
        wrong += [
            (name, case["description"], value)
            for value in (made.generate(seeded(seed)) for seed in seeds)
            if not validator.is_valid(value)
        ]
    assert not wrong


@pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: draft.folder)
def test_few_cases_are_left_out(draft: Draft) -> None:
    total = sum(1 for _ in cases(draft)) + len(draft.skipped)
    without_id = [reason for reason in draft.skipped.values() if reason != _ID]
    assert len(without_id) / total < 0.03
