"""Compiled validators: what they cost, what they share, what they keep."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from mockforge.mocking.data.resolver import SchemaStore
from mockforge_http.validation import bundle as bundling
from mockforge_http.validation.bundle import Bundle, TooManySchemasError, bundle
from mockforge_http.validation.compile import SchemaValidator, ValidatorPool, _Unpacked
from tests.http.validation.making import BASE, validator


def test_a_closure_is_taken_along_once_however_often_it_is_referred_to() -> None:
    components = {f"S{n}": {"$ref": f"#/components/schemas/S{n + 1}"} for n in range(50)}
    components["S50"] = {"type": "integer"}
    schema = {"properties": {name: {"$ref": "#/components/schemas/S0"} for name in "abcdefgh"}}
    store = SchemaStore({BASE: {"components": {"schemas": components}}})
    bundled = bundle(schema, BASE, resolver=store, dialect="oas3.0")
    assert isinstance(bundled.schema, dict)
    assert len(bundled.schema["$defs"]) == 51


def test_the_number_of_schemas_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundling, "_MOST_SCHEMAS", 10)
    components = {f"S{n}": {"items": {"$ref": f"#/components/schemas/S{n + 1}"}} for n in range(20)}
    with pytest.raises(TooManySchemasError, match="more than 10 schemas"):
        validator({"$ref": "#/components/schemas/S0"}, components=components)


def test_the_size_grows_with_the_schema() -> None:
    small = validator({"type": "integer"})
    properties = {f"p{n}": {"type": "string"} for n in range(100)}
    large = validator({"properties": properties})
    assert 1_000 < small.size < 10_000
    assert large.size > small.size + 100 * 500
    assert validator({"pattern": "^a+$"}).size > small.size + 5_000


def test_what_accepts_everything_is_known_to() -> None:
    assert validator({}).trivial
    assert validator(True).trivial
    assert validator({"description": "anything", "example": 1}).trivial
    assert not validator({"type": "object"}).trivial


def test_a_shared_validator_goes_with_its_last_holder() -> None:
    store = SchemaStore({BASE: {"a": {"type": "integer"}}})
    pool = ValidatorPool(store, "oas3.0")
    first = pool.get({"$ref": "#/a"}, BASE, "request")
    assert pool.get({"$ref": "#/a"}, BASE, "request") is first
    assert len(pool._shared) == 1
    del first
    gc.collect()
    assert len(pool._shared) == 0


def test_schemas_kept_for_explanations_are_bounded_by_bytes() -> None:
    kept = _Unpacked(limit=1_000)
    made = [SchemaValidator(Bundle({"enum": ["x" * 300, number]}, {}, [])) for number in range(20)]
    for each in made:
        assert kept.get(each._packed) == {"enum": ["x" * 300, made.index(each)]}
    assert len(kept._kept) <= 3
    assert kept._held <= 1_000
    large = SchemaValidator(Bundle({"enum": ["x" * 2_000]}, {}, []))
    assert kept.get(large._packed) == {"enum": ["x" * 2_000]}
    assert kept._held <= 1_000


def test_large_integers_survive_being_kept() -> None:
    schema: dict[str, Any] = {"maximum": 10**40, "minimum": -(10**40)}
    assert validator(schema).schema() == schema
