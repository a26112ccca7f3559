"""The second pass of the walk: requests that a document forbids, and only such, are made and counted."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.walk.__main__ import main
from tests.conformance.walk.document import Document
from tests.conformance.walk.mutations import ALL_KINDS, Mutation, Mutator
from tests.conformance.walk.places import Path as Steps
from tests.conformance.walk.places import drop, put
from tests.conformance.walk.request import RequestMaker
from tests.conformance.walk.schemas import Schemas
from tests.conformance.walk.serving import MOCKFORGE
from tests.corpus import corpus

LAST = re.compile(r"mutations (\d+), rejected (\d+), accepted (\d+)")
ITEM = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "size"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 9},
        "size": {"type": "integer", "minimum": 1},
        "kind": {"type": "string", "enum": ["big", "small"]},
        "born": {"type": "string", "format": "date"},
        "seen": {"type": "string", "readOnly": True, "enum": ["yes"]},
    },
}


def document(tmp_path: Path, operation: dict[str, Any], path: str = "/items") -> Path:
    file = tmp_path / "api.json"
    described = {"responses": {"200": {"description": "Fine"}}, **operation}
    file.write_text(
        json.dumps(
            {
                "openapi": "3.0.4",
                "info": {"title": "Mutated", "version": "1"},
                "paths": {path: {"post": described}},
            }
        )
    )
    return file


def mutations(file: Path) -> list[Mutation]:
    found = Document(file)
    schemas = Schemas(found.store, found.dialect)
    maker = RequestMaker(schemas)
    (operation,) = found.operations
    return list(Mutator(schemas, maker).mutations(operation, maker.choose(operation)))


def body_of(media_type: str, schema: Any = ITEM) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


def query(schema: Any, **more: Any) -> dict[str, Any]:
    return {"parameters": [{"name": "q", "in": "query", "schema": schema, **more}]}


def test_a_body_is_spoilt_in_every_way_that_its_schema_forbids(tmp_path: Path) -> None:
    found = mutations(document(tmp_path, body_of("application/json")))
    kinds = Counter(mutation.kind for mutation in found)
    assert kinds.keys() == set(ALL_KINDS) - {"missing parameter"}
    assert max(kinds.values()) == 2
    assert all(mutation.call.method == "POST" for mutation in found)
    assert not any(mutation.where.endswith("/seen") for mutation in found)
    (without,) = (mutation for mutation in found if mutation.kind == "missing body")
    assert without.call.body is None


@pytest.mark.parametrize("media_type", ["application/json", "application/xml"])
def test_mutations_of_values_break_the_schema_and_nothing_else(
    tmp_path: Path, media_type: str
) -> None:
    found = [
        mutation
        for mutation in mutations(document(tmp_path, body_of(media_type)))
        if mutation.where.startswith("body/")
    ]
    assert {mutation.kind for mutation in found} >= {"wrong type", "not in enum", "extra property"}
    assert len({mutation.call.body for mutation in found}) == len(found)


def test_the_same_document_gives_the_same_mutations(tmp_path: Path) -> None:
    file = document(tmp_path, body_of("application/x-www-form-urlencoded"))
    assert mutations(file) == mutations(file) != []


def test_a_parameter_is_left_out_and_spoilt(tmp_path: Path) -> None:
    schema = {"type": "integer", "maximum": 5}
    found = mutations(document(tmp_path, query(schema, required=True)))
    targets = {(mutation.kind, mutation.call.target) for mutation in found}
    assert {("missing parameter", "/items"), ("out of bounds", "/items?q=6")} <= targets
    assert {kind for kind, _ in targets} == {"missing parameter", "out of bounds", "wrong type"}
    assert ("wrong type", "/items?q=12345") not in targets


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "array", "items": {"type": "string"}},
        {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        {},
        {"type": "object", "additionalProperties": {"type": "integer"}},
    ],
)
def test_what_any_text_may_mean_is_not_spoilt(tmp_path: Path, schema: Any) -> None:
    assert mutations(document(tmp_path, query(schema))) == []


def test_text_that_may_be_read_as_what_is_wanted_is_no_mutation(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "boolean"}}}
    found = mutations(document(tmp_path, body_of("application/x-www-form-urlencoded", schema)))
    spoilt = [mutation.where for mutation in found if mutation.where.startswith("body/")]
    assert set(spoilt) == {"body/b"}
    assert all(
        mutation.call.body is not None and b"b=true" not in mutation.call.body
        for mutation in found
        if mutation.kind == "wrong type"
    )


def test_an_object_that_would_vanish_from_a_form_is_left_whole(tmp_path: Path) -> None:
    inner = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
    schema = {"type": "object", "required": ["o", "p"], "properties": {"o": inner, "p": inner}}
    found = mutations(document(tmp_path, body_of("application/x-www-form-urlencoded", schema)))
    missing = {mutation.where for mutation in found if mutation.kind == "missing property"}
    assert missing == {"body/o", "body/p"}


def test_credentials_are_no_parameters_to_leave_out(tmp_path: Path) -> None:
    file = document(tmp_path, query({"type": "integer"}, required=True))
    described = json.loads(file.read_text())
    described["components"] = {
        "securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "q"}}
    }
    described["security"] = [{"key": []}]
    file.write_text(json.dumps(described))
    assert mutations(file) == []


def test_a_server_that_checks_nothing_is_found_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = document(tmp_path, body_of("application/json"))
    assert main([str(file), "--mutate", "--server", f"{MOCKFORGE} --validation off"]) == 1
    said = capsys.readouterr().out
    made, rejected, accepted = counts(said)
    assert (rejected, accepted) == (0, made)
    assert said.count("ACCEPTED api.json POST /items: ") == made > 10
    assert "[sent POST /items" in said


def test_a_server_that_does_not_start_rejects_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = document(tmp_path, body_of("application/json"))
    assert main([str(file), "--mutate", "--server", "mockforge no-such-command"]) == 1
    assert "did not start" in capsys.readouterr().out


@pytest.mark.parametrize(
    "name",
    [
        "oai-v2.0-uber.yaml",
        "swagger-petstore3.yaml",
        "redocly-cafe-3.2.yaml",
        "readme-3.0-polymorphism.yaml",
    ],
)
def test_what_a_published_document_forbids_is_rejected(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([str(corpus("openapi", name)), "--mutate"])
    said = capsys.readouterr().out
    made, rejected, accepted = counts(said)
    assert (code, accepted) == (0, 0), said
    assert made == rejected > 0


def counts(said: str) -> tuple[int, int, int]:
    match = LAST.fullmatch(said.splitlines()[-1])
    assert match is not None, said
    made, rejected, accepted = map(int, match.groups())
    return made, rejected, accepted


VALUES = st.recursive(
    st.integers() | st.text(max_size=3),
    lambda inner: st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text(max_size=2), VALUES, min_size=1, max_size=3), st.data())
def test_changes_leave_the_valid_value_as_it_was(root: dict[str, Any], data: st.DataObject) -> None:
    before = json.dumps(root)
    first = data.draw(st.sampled_from(sorted(root)))
    path: Steps = (first,)
    inner = root[first]
    if isinstance(inner, dict) and inner:
        path = (first, data.draw(st.sampled_from(sorted(inner))))
    changed: Any = put(root, path, [1])
    dropped: Any = drop(root, path)
    assert json.dumps(root) == before
    *outer, last = path
    for step in outer:
        changed, dropped = changed[step], dropped[step]
    assert changed[last] == [1]
    assert last not in dropped
