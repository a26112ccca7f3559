"""Reading settings: precedence, merging, profiles, relative paths, origins."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mockforge.config import (
    ByteSize,
    CoreConfig,
    Duration,
    LoggingConfig,
    Origin,
    SettingsModel,
    load_settings,
)
from tests.kernel.config.sample import (
    MODEL,
    Color,
    Fixed,
    Group,
    Limits,
    Normal,
    Rule,
    Sample,
    errors,
    read,
    sample,
)


def test_without_any_source_everything_has_its_default(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert sample(settings) == Sample()
    assert settings.section("core", CoreConfig) == CoreConfig()
    assert settings.section("logging", LoggingConfig) == LoggingConfig()
    assert settings.file is None
    assert {settings.origin(key) for key in MODEL.settings} == {Origin("default")}


def test_a_file_sets_every_kind_of_value(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        """
core: {max_request_log_bytes: 1MiB, seed: 7}
sample:
  host: ::1
  port: 8080
  ratio: 1
  on: false
  files: [a.yaml, /abs/b.yaml]
  folder: data
  names: [x, y]
  numbers: [1, 2, 2]
  rules: [{status: 404}, {status: 200, path: /a, after: 500ms}]
  labels: {one: 1}
  targets: {main: {status: 301}}
  mode: "off"
  color: green
  workers: 4
  size: 1.5KiB
  wait: 2m
  token: t0p
  group: {body: 1}
  limits: {most: 3}
  latency: {kind: normal, mean: 10ms}
  extra: [1, {a: b}]
""",
    )
    assert sample(settings) == Sample(
        host="::1",
        port=8080,
        ratio=1.0,
        on=False,
        files=(tmp_path / "a.yaml", Path("/abs/b.yaml")),
        folder=tmp_path / "data",
        names=["x", "y"],
        numbers=frozenset({1, 2}),
        rules=(Rule(404), Rule(200, "/a", Duration(0.5))),
        labels={"one": 1},
        targets={"main": Rule(301)},
        mode="off",
        color=Color.GREEN,
        workers=4,
        size=ByteSize(1536),
        wait=Duration(120),
        token="t0p",
        group=Group(head=Duration(5), body=Duration(1)),
        limits=Limits(most=3),
        latency=Normal(mean=Duration(0.01)),
        extra=[1, {"a": "b"}],
    )
    assert settings.section("core", CoreConfig).seed == 7
    assert type(sample(settings).size) is ByteSize


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mockforge.yaml", "sample:\n  port: 1\n  group: {head: 3s}\n"),
        ("mockforge.yml", "sample: {port: 1, group: {head: 3s}}\n"),
        ("mockforge.json", '{"$schema": "s.json", "sample": {"port": 1, "group": {"head": "3s"}}}'),
        ("mockforge.toml", 'sample.port = 1\n[sample.group]\nhead = "3s"\n'),
    ],
)
def test_every_format_says_the_same(tmp_path: Path, name: str, text: str) -> None:
    settings = read(tmp_path, text, name=name)
    assert sample(settings) == Sample(port=1, group=Group(head=Duration(3)))
    assert settings.file == tmp_path / name


def test_flags_win_over_environment_over_profile_over_file_over_defaults(tmp_path: Path) -> None:
    text = """
sample: {port: 1, ratio: 0.1, mode: enforce, host: file}
profiles: {ci: {sample: {port: 2, ratio: 0.2, mode: "off"}}}
"""
    settings = read(
        tmp_path,
        text,
        profile="ci",
        environ={"MOCKFORGE_SAMPLE_PORT": "3", "MOCKFORGE_SAMPLE__RATIO": "0.3"},
        flags={"sample.port": 4},
    )
    found = sample(settings)
    assert (found.port, found.ratio, found.mode, found.host) == (4, 0.3, "off", "file")
    assert (found.on, settings.profile) == (True, "ci")
    origins = {key: str(settings.origin(f"sample.{key}")) for key in ("port", "ratio", "on")}
    assert origins == {"port": "--sample-port", "ratio": "MOCKFORGE_SAMPLE__RATIO", "on": "default"}
    assert settings.origin("sample.mode") == Origin("file", f"{tmp_path}/mockforge.yaml:3:47")
    assert settings.origin("sample.host") == Origin("file", f"{tmp_path}/mockforge.yaml:2:46")


def test_groups_are_merged_key_by_key_and_lists_replaced(tmp_path: Path) -> None:
    text = """
sample:
  names: [a, b]
  labels: {one: 1, two: 2}
  group: {head: 1s}
  limits: {least: 2}
profiles:
  ci:
    sample:
      names: [c]
      labels: {two: 22}
      group: {body: 2s}
      limits: {most: 5}
"""
    settings = read(tmp_path, text, profile="ci", environ={"MOCKFORGE_SAMPLE__LABELS__THREE": "3"})
    found = sample(settings)
    assert found.names == ["c"]
    assert found.labels == {"one": 1, "two": 22, "three": 3}
    assert found.group == Group(Duration(1), Duration(2))
    assert found.limits == Limits(2, 5)
    assert str(settings.origin("sample.labels")) == "MOCKFORGE_SAMPLE__LABELS__THREE"
    assert settings.origin("sample.group.head").where.endswith("mockforge.yaml:5:11")
    assert settings.origin("sample.group.body").where.endswith("mockforge.yaml:12:15")


def test_a_section_with_all_keys_commented_out_changes_nothing(tmp_path: Path) -> None:
    text = """
core:
sample:
  port: 1
  group: {head: 1s}
profiles:
  ci:
    sample:
      group:
  dev:
"""
    for profile in ("ci", "dev"):
        assert sample(read(tmp_path, text, profile=profile)) == Sample(
            port=1, group=Group(head=Duration(1))
        )


def test_null_takes_away_what_may_be_missing(tmp_path: Path) -> None:
    text = """
sample: {wait: 3s, limits: {most: 3}}
profiles: {ci: {sample: {wait: null, limits: null}}}
"""
    found = sample(read(tmp_path, text, profile="ci"))
    assert (found.wait, found.limits) == (None, None)


def test_an_empty_mapping_turns_an_optional_group_on(tmp_path: Path) -> None:
    settings = read(tmp_path, "sample: {limits: {}}")
    assert sample(settings).limits == Limits()
    assert settings.value("sample.limits.most") == 9
    assert settings.origin("sample.limits").kind == "file"
    assert settings.origin("sample.limits.most").kind == "default"
    assert read(tmp_path, "sample: {}").value("sample.limits.most") is None


def test_a_scalar_gives_way_to_a_group_and_the_reverse(tmp_path: Path) -> None:
    text = """
sample: {latency: null}
profiles: {ci: {sample: {latency: {kind: fixed, every: 1s}}}}
"""
    assert sample(read(tmp_path, text, profile="ci")).latency == Fixed(Duration(1))


def test_a_profile_is_chosen_by_the_environment_too(tmp_path: Path) -> None:
    text = "profiles: {ci: {sample: {port: 1}}, dev: {sample: {port: 2}}}"
    assert sample(read(tmp_path, text)).port == 3000
    environ = {"MOCKFORGE_PROFILE": "ci"}
    assert sample(read(tmp_path, environ=environ)).port == 1
    assert sample(read(tmp_path, environ=environ, profile="dev")).port == 2


def test_an_unknown_profile_names_the_known_ones(tmp_path: Path) -> None:
    text = "profiles: {ci: {}, dev: {}}"
    assert errors(tmp_path, text, profile="cis") == [
        "mockforge.yaml has no profile cis; its profiles are ci, dev [did you mean ci?]"
    ]
    assert errors(tmp_path, "sample: {}", profile="ci") == [
        "mockforge.yaml has no profile ci; it has no profiles at all"
    ]


def test_a_profile_without_a_file_is_an_error(tmp_path: Path) -> None:
    found = errors(tmp_path, environ={"MOCKFORGE_PROFILE": "ci"})
    assert found[0].startswith("there is no settings file to take the profile ci from")


def test_the_file_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "my.toml").write_text("sample.files = ['x.yaml']")
    (tmp_path / "mockforge.yaml").write_text("sample: {port: 1}")
    for options in (
        {"file": Path("sub/my.toml"), "environ": {"MOCKFORGE_CONFIG": "none.yaml"}},
        {"environ": {"MOCKFORGE_CONFIG": "sub/my.toml"}},
        {"file": tmp_path / "sub" / "my.toml", "environ": {}},
    ):
        settings = load_settings(MODEL, cwd=tmp_path, **options)
        assert sample(settings).port == 3000
        assert sample(settings).files == (tmp_path / "sub" / "x.yaml",)


def test_no_file_is_looked_for_when_told_so(tmp_path: Path) -> None:
    (tmp_path / "mockforge.yaml").write_text("sample: {port: 1}")
    assert sample(load_settings(MODEL, cwd=tmp_path, environ={}, search=False)).port == 3000


def test_relative_paths_follow_where_they_were_given(tmp_path: Path) -> None:
    (tmp_path / "mockforge.yaml").write_text(
        "sample: {folder: f, files: [a]}\nprofiles: {ci: {sample: {files: [b]}}}"
    )
    work = tmp_path / "work"
    work.mkdir()
    in_file = sample(load_settings(MODEL, cwd=work, environ={}, profile="ci"))
    assert (in_file.folder, in_file.files) == (tmp_path / "f", (tmp_path / "b",))
    elsewhere = load_settings(
        MODEL,
        cwd=work,
        environ={"MOCKFORGE_SAMPLE__FOLDER": "f"},
        flags={"sample.files": ("a", Path("b"))},
    )
    assert sample(elsewhere).folder == work / "f"
    assert sample(elsewhere).files == (work / "a", work / "b")


def test_paths_stay_relative_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mockforge.yaml").write_text("sample: {folder: f}")
    settings = load_settings(MODEL, environ={}, flags={"sample.files": ("a",)})
    assert (sample(settings).folder, sample(settings).files) == (Path("f"), (Path("a"),))
    assert settings.origin("sample.folder") == Origin("file", "mockforge.yaml:1:10")


def test_the_home_folder_may_be_written_as_a_tilde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert sample(read(tmp_path, "sample: {folder: ~/f}")).folder == Path("/home/me/f")


def test_the_process_environment_is_read_if_no_other_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(os.environ):
        if name.startswith("MOCKFORGE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MOCKFORGE_SAMPLE_PORT", "5")
    assert sample(load_settings(MODEL, cwd=tmp_path)).port == 5


def test_sections_of_plugins_that_are_not_there_are_noted_and_not_read(tmp_path: Path) -> None:
    text = "grpc: {port: x}\nprofiles: {ci: {websocket: 3}}\nmine: 1"
    (tmp_path / "mockforge.yaml").write_text(text)
    model = SettingsModel(absent=["mine"])
    settings = load_settings(model, cwd=tmp_path, environ={})
    assert [(finding.severity, finding.line) for finding in settings.findings] == [
        ("info", 1),
        ("info", 3),
        ("info", 2),
    ]
    assert settings.findings[0].message == (
        "settings of the section grpc are not read: mockforge-grpc is not installed or left out"
    )


def test_settings_hold_still_when_they_are_read_again(tmp_path: Path) -> None:
    first = read(tmp_path, "sample: {port: 1}")
    second = read(tmp_path, "sample: {port: 2}")
    assert (sample(first).port, sample(second).port) == (1, 2)


def test_asking_for_a_section_by_the_wrong_struct_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="the section core is not a Sample"):
        read(tmp_path).section("core", Sample)


def test_a_flag_for_no_setting_is_an_error(tmp_path: Path) -> None:
    assert errors(tmp_path, flags={"sample.prot": 1, "zzz": {}}) == [
        "sample.prot: there is no such setting [did you mean sample.port?]",
        "zzz: there is no such setting",
    ]


def test_flags_of_groups_and_keys_are_merged(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        flags={"sample.group.head": "1s", "sample.group": {"head": 7, "body": 8}},
    )
    assert sample(settings).group == Group(Duration(1), Duration(8))


def test_an_error_that_only_shows_when_merged_has_its_place(tmp_path: Path) -> None:
    text = "sample: {limits: {least: 5}}\nprofiles: {ci: {sample: {limits: {most: 3}}}}"
    assert errors(tmp_path, text) == []
    assert errors(tmp_path, text, profile="ci") == [
        "mockforge.yaml:2:26 (profiles.ci.sample.limits): least is 5 and must not be above most, 3"
    ]
    assert errors(tmp_path, "", flags={"sample.limits": {"least": 12}}) == [
        "sample.limits: least is 12 and must not be above most, 9"
    ]


def test_values_handed_over_without_a_flag_have_their_key_as_origin(tmp_path: Path) -> None:
    settings = read(tmp_path, flags={"sample.folder": "f", "sample.port": 1})
    assert settings.origin("sample.folder") == Origin("flag", "sample.folder")
    assert settings.origin("sample.port") == Origin("flag", "--sample-port")
