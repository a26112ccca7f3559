"""Pools: from mimesis where it is installed, small ones of our own where it is not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from mockforge.mocking.data import pools, texts
from tests.kernel.data.kit import valid_samples


@pytest.fixture
def fresh_pools() -> Iterator[None]:
    caches = [pools._drawn, texts.pick]
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize("kind", sorted(pools.KINDS))
def test_pools_hold_enough_different_plain_values(kind: str) -> None:
    values = pools.pool(kind)
    assert len(values) == len(set(values)) or kind in ("gender", "method", "weekday")
    assert 4 <= len(values) <= 80
    assert all(
        value.isascii() and value.isprintable() and value == value.strip() for value in values
    )


def test_names_come_from_mimesis() -> None:
    pytest.importorskip("mimesis")
    assert len(pools.pool("city")) == 64
    assert pools.pool("city") != pools._FALLBACK["city"]


PROGRAM = """
import sys
from random import Random
from mockforge.mocking.data import SchemaStore, compile_generator
for field in ("status", "email"):
    schema = {"type": "object", "required": [field]}
    made = compile_generator(schema, "", resolver=SchemaStore({"": schema}), dialect="2020-12")
    made.generate(Random(0))
    print(field, *sorted({"mimesis", "jsonschema", "jsonschema_rs"} & sys.modules.keys()))
"""


def test_mimesis_is_imported_when_a_name_is_wanted_and_not_before() -> None:
    pytest.importorskip("mimesis")
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.splitlines() == ["status", "email mimesis"]


def test_everything_works_without_mimesis(
    monkeypatch: pytest.MonkeyPatch, fresh_pools: None
) -> None:
    monkeypatch.setitem(sys.modules, "mimesis", None)
    names = ["email", "city", "firstName", "username", "company", "street", "tags", "jobTitle"]
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    for value in valid_samples(schema):
        assert value["city"] in pools._FALLBACK["city"]
        assert "@example." in value["email"]
    for kind in pools.KINDS:
        assert len(pools.pool(kind)) >= 4
