"""The JSON Schema accepts what the loader accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockforge.config import CoreConfig, SettingsModel, load_settings
from mockforge.config.file import SettingsFile
from mockforge.config.schema import json_schema
from mockforge.errors import ConfigError
from tests.kernel.config.sample import MODEL

SCHEMA = json_schema(MODEL)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def accepted(folder: Path, value: Any) -> bool:
    """Whether the loader takes a file that says ``value``."""
    file = folder / "settings.json"
    file.write_text(json.dumps(value))
    checked = SettingsFile(MODEL, file)
    if checked.problems:
        return False
    try:
        load_settings(MODEL, file=file, environ={})
    except ConfigError:
        return False
    return True


def test_the_schema_is_valid_and_plain_json() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_every_default_is_valid_by_its_own_schema() -> None:
    def check(schema: Any) -> int:
        count = 0
        if isinstance(schema, dict):
            if "default" in schema:
                jsonschema.Draft202012Validator(schema).validate(schema["default"])
                count += 1
            count += sum(check(item) for item in schema.values())
        return count + (sum(map(check, schema)) if isinstance(schema, list) else 0)

    assert check(SCHEMA) > 40


def test_the_schema_tells_what_the_model_knows() -> None:
    port = SCHEMA["$defs"]["sample"]["properties"]["port"]
    assert port == {
        "type": "integer",
        "minimum": 0,
        "maximum": 65535,
        "description": "Port",
        "default": 3000,
    }
    head = SCHEMA["$defs"]["sample"]["properties"]["group"]["properties"]["head"]
    assert head["default"] == "5s"
    assert SCHEMA["$defs"]["sample"]["description"] == "A sample."
    assert "Read by mockforge-grpc" in SCHEMA["properties"]["grpc"]["description"]


GOOD: list[Any] = [
    {},
    None,
    {"$schema": "x.json", "sample": None, "profiles": None},
    {"grpc": {"anything": [1]}, "profiles": {"a": {"grpc": 3}, "b": None}},
    {"core": {"max_request_log_bytes": "16MiB", "drain_timeout": 2.5}},
    {"sample": {"size": "1.5 gib", "wait": "1h", "port": 3.0, "ratio": 1}},
    {"sample": {"files": ["a"], "folder": None, "names": [], "numbers": [1, 1]}},
    {"sample": {"rules": [{"status": 200, "after": "1s"}], "targets": {"x": {"status": 100}}}},
    {"sample": {"labels": {"x": 1}, "mode": "off", "color": "red", "workers": 3}},
    {"sample": {"workers": "auto", "token": "x", "group": None, "limits": {}, "extra": {"a": []}}},
    {"sample": {"latency": {"kind": "fixed", "every": 1}, "group": {"head": 0}}},
    {"sample": {"latency": None}, "profiles": {"a": {"sample": {"targets": {"x": {"path": "/"}}}}}},
]
BAD: list[Any] = [
    [],
    3,
    {"x": 1},
    {"profiles": []},
    {"profiles": {"a": 1}},
    {"profiles": {"a": {"profiles": {}}}},
    {"profiles": {"a": {"sample": {"prot": 1}}}},
    {"sample": 1},
    {"sample": {"prot": 1}},
    {"sample": {"size": "1.5"}},
    {"sample": {"size": -1}},
    {"sample": {"wait": "5x"}},
    {"sample": {"port": 65536}},
    {"sample": {"port": True}},
    {"sample": {"port": None}},
    {"sample": {"ratio": 0}},
    {"sample": {"on": "on"}},
    {"sample": {"files": "a"}},
    {"sample": {"files": [""]}},
    {"sample": {"folder": "a\0b"}},
    {"sample": {"numbers": [1, 2, 3, 4]}},
    {"sample": {"rules": [{"path": "/"}]}},
    {"sample": {"rules": [None]}},
    {"sample": {"rules": [{"status": 200, "path": ""}]}},
    {"sample": {"targets": {"x": {}}}},
    {"sample": {"labels": {"x": "1"}}},
    {"sample": {"mode": "on"}},
    {"sample": {"color": "blue"}},
    {"sample": {"workers": "none"}},
    {"sample": {"workers": 1.5}},
    {"sample": {"token": 1}},
    {"sample": {"limits": {"lest": 1}}},
    {"sample": {"latency": {}}},
    {"sample": {"latency": {"kind": "fixed"}}},
    {"sample": {"latency": {"kind": "fixed", "every": 1, "mean": 1}}},
]


@pytest.mark.parametrize("value", GOOD, ids=json.dumps)
def test_what_the_loader_takes_is_valid(tmp_path: Path, value: Any) -> None:
    assert accepted(tmp_path, value)
    VALIDATOR.validate(value)


@pytest.mark.parametrize("value", BAD, ids=json.dumps)
def test_what_the_loader_refuses_is_invalid(tmp_path: Path, value: Any) -> None:
    assert not accepted(tmp_path, value)
    assert not VALIDATOR.is_valid(value)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 70_000),
    st.sampled_from([0.5, 3.0, -1.0]),
    st.sampled_from(["", "a", "auto", "off", "red", "5s", "8KiB", "fixed", "normal"]),
)
KEYS = st.sampled_from(
    ["status", "path", "after", "kind", "every", "mean", "head", "body", "least", "x"]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
NAMES = [key for key in SCHEMA["$defs"]["sample"]["properties"] if key != "limits"]


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1, max_size=2))
def test_schema_and_loader_agree_on_any_value(tmp_path: Path, section: Any) -> None:
    value = {"sample": section}
    assert accepted(tmp_path, value) == VALIDATOR.is_valid(value)


def test_the_schema_of_what_is_installed_takes_a_real_file(tmp_path: Path) -> None:
    from mockforge.plugins import load_plugins

    model = SettingsModel(load_plugins().config_sections())
    schema = json_schema(model)
    jsonschema.Draft202012Validator.check_schema(schema)
    file = tmp_path / "mockforge.yaml"
    file.write_text("core: {seed: 1, log_file: {path: x.jsonl}}\nlogging: {level: debug}\n")
    loaded = load_settings(model, file=file, environ={})
    assert loaded.section("core", CoreConfig).seed == 1
    value = {"core": {"seed": 1, "log_file": {"path": "x.jsonl"}}, "logging": {"level": "debug"}}
    errors = jsonschema.Draft202012Validator(schema).iter_errors(value)
    assert [error.message for error in errors] == []
