"""Settings in the environment: names, spellings of values, and names that are no settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockforge.config import Duration, load_settings
from tests.kernel.config.sample import (
    MODEL,
    Color,
    Fixed,
    Group,
    Rule,
    errors,
    read,
    sample,
)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("PORT", "8080", 8080),
        ("PORT", " 8080 ", 8080),
        ("RATIO", ".25", 0.25),
        ("RATIO", "1e-3", 0.001),
        *(("ON", text, True) for text in ("true", "TRUE", "yes", "on", "1")),
        *(("ON", text, False) for text in ("false", "No", "off", "0")),
        ("HOST", "  spaced ", "  spaced "),
        ("HOST", "null", "null"),
        ("NAMES", "a, b ,,c", ["a", "b", "c"]),
        ("NAMES", "one", ["one"]),
        ("NAMES", '["a,b", "c"]', ["a,b", "c"]),
        ("NAMES", "[]", []),
        ("NUMBERS", "1,2", frozenset({1, 2})),
        ("RULES", '[{"status": 404}]', (Rule(404),)),
        ("LABELS", '{"a": 1}', {"a": 1}),
        ("LABELS__SOME_KEY", "3", {"some_key": 3}),
        ("TARGETS__MAIN", '{"status": 301}', {"main": Rule(301)}),
        ("MODE", "OFF", "off"),
        ("COLOR", "Green", Color.GREEN),
        ("WORKERS", "auto", "auto"),
        ("WORKERS", "4", 4),
        ("SIZE", "16MiB", 16 * 1024**2),
        ("SIZE", "17", 17),
        ("WAIT", "500ms", Duration(0.5)),
        ("WAIT", "null", None),
        ("TOKEN", "null", None),
        ("TOKEN", "123", "123"),
        ("GROUP__HEAD", "1s", Group(Duration(1), Duration(20))),
        ("GROUP", '{"body": "1s"}', Group(Duration(5), Duration(1))),
        ("LATENCY", '{"kind": "fixed", "every": 1}', Fixed(Duration(1))),
        ("EXTRA", '{"a": [1]}', {"a": [1]}),
        ("EXTRA", "plain text", "plain text"),
    ],
)
def test_text_is_read_as_what_the_setting_is(
    tmp_path: Path, key: str, text: str, value: Any
) -> None:
    found = sample(read(tmp_path, environ={f"MOCKFORGE_SAMPLE__{key}": text}))
    assert getattr(found, key.partition("__")[0].lower()) == value


@pytest.mark.parametrize(
    ("key", "text", "error"),
    [
        ("PORT", "1.5", " (sample.port): expected an integer between 0 and 65535, got '1.5'"),
        ("PORT", "99999", " (sample.port): expected an integer between 0 and 65535, got 99999"),
        ("PORT", "٣", " (sample.port): expected an integer between 0 and 65535, got '٣'"),
        ("ON", "maybe", " (sample.on): expected true or false, got 'maybe'"),
        ("NUMBERS", "1,x", " (sample.numbers[1]): expected an integer, got 'x'"),
        (
            "NAMES",
            '["a"',
            " (sample.names): not valid JSON: expecting ',' delimiter at character 5",
        ),
        ("LABELS", "a=1", " (sample.labels): expected a mapping of names to integers, got 'a=1'"),
        ("GROUP", "5s", " (sample.group): expected a section with the keys head, body, got '5s'"),
        ("GROUP", '{"haed": 1}', " (sample.group.haed): there is no such setting"),
        ("RULES", '[{"status": 1}]', " (sample.rules[0].status): expected an integer between 100"),
        ("LABELS__A", "x", " (sample.labels.a): expected an integer, got 'x'"),
        ("LABELS", "[" * 5000, " (sample.labels): expected a mapping of names to integers"),
        ("EXTRA__A", "x", ": there is no such setting"),
        ("NAMES__0", "x", ": there is no such setting [did you mean MOCKFORGE_SAMPLE__NAMES?]"),
        ("PRT", "1", ": there is no such setting [did you mean MOCKFORGE_SAMPLE__PORT?]"),
        ("HEAD", "1", ": there is no such setting [did you mean MOCKFORGE_SAMPLE__GROUP__HEAD?]"),
        ("QQQ", "1", ": there is no such setting [see mockforge config show]"),
        ("", "1", ": there is no such setting"),
    ],
)
def test_what_is_wrong_names_the_variable(tmp_path: Path, key: str, text: str, error: str) -> None:
    (found,) = errors(tmp_path, environ={f"MOCKFORGE_SAMPLE__{key}": text})
    assert found.startswith(f"MOCKFORGE_SAMPLE__{key}{error}")


def test_very_deep_json_is_refused(tmp_path: Path) -> None:
    deep = "[" * 100_000
    (found,) = errors(tmp_path, environ={"MOCKFORGE_SAMPLE__NAMES": deep})
    assert "not valid JSON: nested too deeply" in found


def test_an_unknown_section_is_an_error_with_the_nearest_name(tmp_path: Path) -> None:
    assert errors(tmp_path, environ={"MOCKFORGE_SMAPLE__PORT": "1"}) == [
        "MOCKFORGE_SMAPLE__PORT: there is no such setting [did you mean MOCKFORGE_SAMPLE__PORT?]"
    ]


def test_other_names_with_the_prefix_are_only_warned_about(tmp_path: Path) -> None:
    environ = {
        "MOCKFORGE_SAMPLE_PROT": "1",
        "MOCKFORGE_HOME": "/x",
        "MOCKFORGE_CONFIG": "",
        "MOCKFORGE_EMPTY": "",
        "PATH": "/bin",
    }
    findings = read(tmp_path, environ=environ).findings
    assert [(found.severity, found.file, found.hint) for found in findings] == [
        ("warning", "MOCKFORGE_HOME", None),
        ("warning", "MOCKFORGE_SAMPLE_PROT", "did you mean MOCKFORGE_SAMPLE_PORT?"),
    ]


def test_variables_of_plugins_that_are_not_there_are_noted(tmp_path: Path) -> None:
    environ = {"MOCKFORGE_GRPC__PORT": "x", "MOCKFORGE_WS_PORT": "x", "MOCKFORGE_GRPC_PORT": "1"}
    findings = load_settings(MODEL, environ=environ, cwd=tmp_path).findings
    assert [(found.code, found.severity, found.file) for found in findings] == [
        ("config.unread", "info", "MOCKFORGE_GRPC_PORT"),
        ("config.unread", "info", "MOCKFORGE_GRPC__PORT"),
        ("config.unread", "info", "MOCKFORGE_WS_PORT"),
    ]


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    environ = {"MOCKFORGE_SAMPLE__PORT": "", "MOCKFORGE_SAMPLE__NAMES": "", "MOCKFORGE_PROFILE": ""}
    assert sample(read(tmp_path, "sample: {port: 1, names: [a]}", environ=environ)).names == ["a"]


def test_a_single_key_wins_over_the_group_it_is_in(tmp_path: Path) -> None:
    environ = {
        "MOCKFORGE_SAMPLE__GROUP__HEAD": "1s",
        "MOCKFORGE_SAMPLE__GROUP": '{"head": "7s", "body": "8s"}',
    }
    assert sample(read(tmp_path, environ=environ)).group == Group(Duration(1), Duration(8))


def test_a_setting_given_by_two_names_must_be_given_the_same(tmp_path: Path) -> None:
    environ = {"MOCKFORGE_SAMPLE_PORT": "1", "MOCKFORGE_SAMPLE__PORT": "1"}
    assert sample(read(tmp_path, environ=environ)).port == 1
    environ["MOCKFORGE_SAMPLE__PORT"] = "2"
    assert errors(tmp_path, environ=environ) == [
        (
            "MOCKFORGE_SAMPLE__PORT: MOCKFORGE_SAMPLE_PORT sets sample.port to something else "
            "[set one of the two]"
        )
    ]
