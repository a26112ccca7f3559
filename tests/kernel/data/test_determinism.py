"""The same seed gives the same value: in another process, with other hashes, whatever came before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.kernel.data.kit import generator, seeded

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "name": {"type": "string"},
        "createdAt": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "price": {"type": "number", "multipleOf": 0.01},
        "map": {"type": "object", "additionalProperties": {"type": ["integer", "string"]}},
        "code": {"type": "string", "pattern": "^(?=.*[A-Z])[A-Za-z]{5}$"},
        "shape": {"oneOf": [{"required": ["a"]}, {"required": ["b"]}], "type": "object",
                  "properties": {"a": {}, "b": {}}},
        "not": {"type": "integer", "not": {"multipleOf": 2}},
        "any": {"type": ["string", "integer", "boolean", "array", "object"]},
        "children": {"type": "array", "items": {"$ref": "#"}},
    },
}  # fmt: skip

PROGRAM = """
import json, sys
from random import Random
from mockforge.mocking.data import SchemaStore, compile_generator
schema = json.loads(sys.stdin.read())
made = compile_generator(
    schema, "urn:test", resolver=SchemaStore({"urn:test": schema}), dialect="2020-12"
)
print(json.dumps([made.generate(Random(seed)) for seed in range(10)]))
"""


def in_another_process(hash_seed: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(SCHEMA),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        timeout=60,
    )
    return run.stdout


def test_processes_agree() -> None:
    first = in_another_process("1")
    assert first == in_another_process("2")
    made = generator(SCHEMA)
    assert json.loads(first) == [made.generate(seeded(seed)) for seed in range(10)]


def test_what_was_generated_before_does_not_matter() -> None:
    used, unused = generator(SCHEMA), generator(SCHEMA)
    for seed in range(100, 160):
        used.generate(seeded(seed))
    for seed in range(20):
        assert used.generate(seeded(seed)) == unused.generate(seeded(seed))


def test_different_seeds_differ() -> None:
    made = generator(SCHEMA)
    assert len({json.dumps(made.generate(seeded(seed))) for seed in range(50)}) == 50
