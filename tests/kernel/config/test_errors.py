"""What is wrong with settings is said with key path, place, expectation and remedy, all at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import pytest
from msgspec import Meta

from mockforge.config import (
    ByteSize,
    ConfigErrors,
    SettingsModel,
    check_environment,
    check_file,
    load_settings,
)
from mockforge.contracts import ConfigSection
from mockforge.errors import ConfigError, ExitCode
from tests.kernel.config.sample import MODEL, errors, read


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("port: abc", "sample.port): expected an integer between 0 and 65535, got 'abc'"),
        ("port: 70000", "sample.port): expected an integer between 0 and 65535, got 70000"),
        ("port: 1.5", "sample.port): expected an integer between 0 and 65535, got 1.5"),
        ("port: true", "sample.port): expected an integer between 0 and 65535, got true"),
        ("port:", "sample.port): expected an integer between 0 and 65535, got nothing"),
        ("port: {a: 1}", "sample.port): expected an integer between 0 and 65535, got a mapping"),
        (
            "port: 1_000",
            (
                "sample.port): expected an integer between 0 and 65535, got '1_000' "
                "[write 1000, without quotes or separators]"
            ),
        ),
        ("ratio: 0", "sample.ratio): expected a number greater than 0 and of at most 1, got 0"),
        ("ratio: .nan", "greater than 0 and of at most 1, got NaN"),
        (
            "on: off",
            (
                "sample.on): expected true or false, got 'off' "
                "[write true or false; on, off, yes and no are text]"
            ),
        ),
        ("host: 1.10", "sample.host): expected text, got 1.1 [put the value in quotes]"),
        ("folder: ''", "sample.folder): expected a path, got ''"),
        (
            "files: a.yaml",
            (
                "sample.files): expected a list of paths, got 'a.yaml' "
                "[write ['a.yaml'] for a list of one]"
            ),
        ),
        ("files: [a, 3]", "sample.files[1]): expected a path, got 3 [put the value in quotes]"),
        ("numbers: [1, 2, 3, 4]", "sample.numbers): expected at most 3 items, got 4"),
        ("numbers: [1, x]", "sample.numbers[1]): expected an integer, got 'x'"),
        (
            "rules: [{status: 200}, {status: 99}]",
            "sample.rules[1].status): expected an integer between 100 and 599, got 99",
        ),
        (
            "rules: [{path: /a}]",
            "sample.rules[0]): the key status is missing: an integer between 100 and 599",
        ),
        (
            "rules: [{status: 200, pth: /}]",
            "sample.rules[0].pth): there is no such setting [did you mean sample.rules[0].path?]",
        ),
        ("labels: {a: b}", "sample.labels.a): expected an integer, got 'b'"),
        ("labels: [1]", "sample.labels): expected a mapping of names to integers, got a list"),
        ("targets: {x: {status: 1}}", "sample.targets.x.status): expected an integer between 100"),
        (
            "mode: enfroce",
            (
                "sample.mode): expected one of enforce, off, warn, got 'enfroce' "
                "[did you mean enforce?]"
            ),
        ),
        ("color: blue", "sample.color): expected one of red, green, got 'blue'"),
        ("workers: some", "sample.workers): expected auto, got 'some'"),
        ("size: 5 PB", "sample.size): expected a size such as 8KiB, 16MiB or 1048576, got '5 PB'"),
        ("wait: soon", "sample.wait): expected a duration such as 500ms, 5s or 2m, got 'soon'"),
        ("group: 3", "sample.group): expected a section with the keys head, body, got 3"),
        (
            "group: {haed: 1}",
            "sample.group.haed): there is no such setting [did you mean sample.group.head?]",
        ),
        (
            "head: 1",
            "sample.head): there is no such setting [did you mean sample.group.head?]",
        ),
        (
            "zzz: 1",
            "sample.zzz): there is no such setting [known here: host, port, ratio, on, files",
        ),
        ("latency: {every: 1s}", "sample.latency): the key kind is missing, one of fixed, normal"),
        (
            "latency: {kind: norml}",
            "sample.latency.kind): expected one of fixed, normal, got 'norml' [did you mean normal?]",
        ),
        ("latency: {kind: [a]}", "sample.latency.kind): expected one of fixed, normal, got a list"),
        (
            "latency: {kind: fixed}",
            "sample.latency): the key every is missing: a duration",
        ),
        (
            "latency: {kind: fixed, every: 1s, mean: 1s}",
            "sample.latency.mean): there is no such setting",
        ),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, value: str, error: str) -> None:
    (found,) = errors(tmp_path, f"sample:\n  {value}\n")
    assert found.startswith("mockforge.yaml:2:")
    assert error in found


def test_everything_that_is_wrong_is_reported_at_once(tmp_path: Path) -> None:
    text = """
smaple: {}
sample:
  port: x
  prot: 1
  port: 5
  group:
    head: x
core: [1]
profiles:
  used: {sample: {port: y}}
  unused: {sample: {hots: 1}, nothing: {}, profiles: {}}
  broken: 3
"""
    environ = {"MOCKFORGE_SAMPLE__RATIO": "2", "MOCKFORGE_SAMPLE__PRT": "1"}
    found = errors(
        tmp_path,
        text,
        profile="used",
        environ=environ,
        flags={"sample.mode": "x", "core.seed": "y"},
    )
    assert [line.partition("): ")[0].partition(": there")[0] for line in found] == [
        "mockforge.yaml:2:1 (smaple",
        "mockforge.yaml:5:3 (sample.prot",
        "mockforge.yaml:6:3 (sample.port",
        "mockforge.yaml:8:5 (sample.group.head",
        "mockforge.yaml:9:1 (core",
        "mockforge.yaml:11:19 (profiles.used.sample.port",
        "mockforge.yaml:12:21 (profiles.unused.sample.hots",
        "mockforge.yaml:12:31 (profiles.unused.nothing",
        "mockforge.yaml:12:44 (profiles.unused.profiles",
        "mockforge.yaml:13:3 (profiles.broken",
        "MOCKFORGE_SAMPLE__PRT",
        "MOCKFORGE_SAMPLE__RATIO (sample.ratio",
        "--mode (sample.mode",
        "--seed (core.seed",
    ]


def test_several_errors_are_one_config_error_and_exit_with_2(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors) as caught:
        read(tmp_path, "sample: {prot: 1, hots: 2}")
    assert caught.value.exit_code is ExitCode.USAGE
    assert len(caught.value.errors) == 2
    assert str(caught.value).splitlines()[0] == "2 errors in the settings:"
    assert (
        str(caught.value)
        .splitlines()[1]
        .endswith("(sample.prot): there is no such setting (did you mean sample.port?)")
    )


def test_a_single_error_has_its_place_and_hint(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, "sample: {prot: 1}")
    assert not isinstance(caught.value, ConfigErrors)
    assert caught.value.hint == "did you mean sample.port?"
    assert str(caught.value.place).endswith("mockforge.yaml:1:10 (sample.prot)")


def test_long_values_are_cut_in_messages(tmp_path: Path) -> None:
    for value in ("x" * 5000, "1" * 4000):
        (found,) = errors(tmp_path, f"sample: {{port: {value}}}")
        assert len(found) < 200
        assert "..." in found


def test_very_many_errors_are_cut(tmp_path: Path) -> None:
    many = ", ".join(f"k{number}: 1" for number in range(500))
    assert len(errors(tmp_path, f"sample: {{{many}}}")) == 100


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("mockforge.yaml", "sample: [", "mockforge.yaml:"),
        ("mockforge.yaml", "sample: {port: 1}\nsample: {}", "mockforge.yaml:2:1 (sample): the key"),
        ("mockforge.yaml", "- sample", "mockforge.yaml:1:1: expected sections such as http, got a"),
        (
            "mockforge.yaml",
            "profiles: [ci]",
            "mockforge.yaml:1:1 (profiles): expected a mapping of",
        ),
        ("mockforge.yaml", "smple: {}", "there is no such section [did you mean sample?]"),
        ("mockforge.yaml", "port: 1", "there is no such section [did you mean sample.port?]"),
        ("mockforge.yaml", "[" * 40 + "]" * 40, "nested deeper than 32 levels"),
        ("mockforge.yaml", "#" * (1024**2 + 1), "mockforge.yaml: larger than 1048576 bytes"),
        ("mockforge.json", '{"sample": {"port": "x"}}', "mockforge.json:1:13 (sample.port)"),
        ("mockforge.json", '{"sample": {"port": 1,}}', "mockforge.json:1:23: not valid JSON"),
        ("mockforge.toml", "[sample]\nport = 'x'", "mockforge.toml:2:1 (sample.port)"),
        ("mockforge.toml", "[sample\nport = 1", "mockforge.toml:1:8: not valid TOML"),
        ("mockforge.toml", "[[sample.rules]]\n[[sample.rules]]\nstatus = 1", "mockforge.toml:"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, name: str, text: str, error: str) -> None:
    assert error in errors(tmp_path, text, name=name)[0]


def test_two_files_in_one_folder_are_an_error_naming_both(tmp_path: Path) -> None:
    (tmp_path / "mockforge.toml").touch()
    found = errors(tmp_path, "")
    assert found == [
        (
            f"{tmp_path} holds mockforge.yaml and mockforge.toml "
            "[remove all but one, or choose with --config]"
        )
    ]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    found = errors(tmp_path, environ={"MOCKFORGE_CONFIG": "nope.yaml"})
    assert found == ["cannot read nope.yaml: no such file or directory [check the path]"]


class Secrets(msgspec.Struct, frozen=True):
    pin: Annotated[int, Meta(description="PIN", extra={"secret": True})] = 1
    size: Annotated[ByteSize, Meta(description="Size", extra={"secret": True})] = ByteSize(1)
    codes: Annotated[tuple[int, ...], Meta(description="Codes", extra={"secret": True})] = ()
    word: Annotated[str | None, Meta(description="Word", extra={"secret": True})] = None


@pytest.mark.parametrize(
    "value",
    ["pin: s3cret", "size: s3cret", "codes: s3cret", "codes: [1, s3cret]", "word: [s3cret]",
     "word: {s3cret: 1}"],
)  # fmt: skip
def test_secrets_are_not_in_messages(tmp_path: Path, value: str) -> None:
    (tmp_path / "mockforge.yaml").write_text(f"secrets: {{{value}}}")
    with pytest.raises(ConfigError, match=r"expected .*, got something else") as caught:
        load_settings(SettingsModel([ConfigSection("secrets", Secrets)]), cwd=tmp_path, environ={})
    assert "s3cret" not in f"{caught.value} {caught.value.hint}"


def test_checking_a_file_tries_each_profile(tmp_path: Path) -> None:
    file = tmp_path / "mockforge.yaml"
    file.write_text(
        "sample: {limits: {least: 5}, prot: 1}\n"
        "grpc: {}\n"
        "profiles: {ci: {sample: {limits: {most: 3}}}, dev: {}}\n"
    )
    found = [(finding.severity, finding.line) for finding in check_file(MODEL, file)]
    assert found == [("error", 1)]
    file.write_text(file.read_text().replace(", prot: 1", ""))
    found = [(finding.severity, finding.line) for finding in check_file(MODEL, file)]
    assert found == [("info", 2), ("error", 3)]
    file.write_text("sample: {port: 1}")
    assert check_file(MODEL, file) == []


def test_the_environment_can_be_checked_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mockforge.yaml").write_text("wrong: 1")
    assert check_environment(MODEL, environ={"MOCKFORGE_SAMPLE_PORT": "1"}) == []
    (finding,) = check_environment(MODEL, environ={"MOCKFORGE_SAMPLE_PORT": "x"})
    assert (finding.code, finding.path) == ("config.invalid", "sample.port")
    assert str(finding) == (
        "MOCKFORGE_SAMPLE_PORT (sample.port): error: "
        "expected an integer between 0 and 65535, got 'x' [config.invalid]"
    )
