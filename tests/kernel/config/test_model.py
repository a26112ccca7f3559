"""The model: what it lists, and which sections it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta

from mockforge.config import Duration, SettingsModel, load_settings
from mockforge.contracts import ConfigSection
from mockforge.errors import ConfigError, PluginError
from mockforge.plugins import load_plugins
from tests.kernel.config.sample import MODEL, Other, Sample


def section(name: str, **fields: tuple[Any, Any]) -> ConfigSection:
    made = msgspec.defstruct("Made", [(key, kind, value) for key, (kind, value) in fields.items()])
    return ConfigSection(name, made)


def flagged(kind: Any, flag: str) -> Any:
    return Annotated[kind, Meta(description="x", extra={"flag": flag})]


def test_every_setting_has_its_key_names_and_default() -> None:
    port = MODEL.settings["sample.port"]
    assert port.path == ("sample", "port")
    assert port.default == 3000
    assert port.flag == "--sample-port"
    assert port.env == ("MOCKFORGE_SAMPLE_PORT", "MOCKFORGE_SAMPLE__PORT")
    assert port.description == "Port"
    assert MODEL.settings["sample.files"].argument == "FILE"
    assert MODEL.settings["sample.token"].secret
    assert not port.secret


def test_groups_are_listed_key_by_key_with_the_defaults_of_where_they_stand() -> None:
    assert "sample.group" not in MODEL.settings
    assert MODEL.settings["sample.group.head"].default == Duration(5)
    assert MODEL.settings["sample.group.body"].default == Duration(20)
    assert MODEL.settings["sample.group.head"].env == ("MOCKFORGE_SAMPLE__GROUP__HEAD",)


def test_groups_that_may_be_missing_are_listed_themselves_too() -> None:
    assert MODEL.settings["sample.limits"].default is None
    assert MODEL.settings["sample.limits.most"].default == 9


def test_the_kernels_own_sections_are_always_there() -> None:
    assert list(SettingsModel().sections) == ["core", "logging"]


@pytest.mark.parametrize("name", ["", "Http", "a__b", "_a", "a-b", "1a", "profiles"])
def test_a_section_needs_a_plain_name(name: str) -> None:
    with pytest.raises(PluginError, match="cannot be a section of the settings"):
        SettingsModel([section(name)])


def test_a_section_is_brought_by_one_plugin_only() -> None:
    with pytest.raises(PluginError, match="two plugins bring the section core"):
        SettingsModel([section("core")])


@pytest.mark.parametrize("kind", [bytes, dict[int, str], list[bytes], complex, msgspec.Raw])
def test_types_that_no_file_can_say_are_refused(kind: Any) -> None:
    with pytest.raises(TypeError, match=r"a\.b"):
        SettingsModel([section("a", b=(kind | None, None))])


def test_a_section_needs_a_default_for_everything() -> None:
    with pytest.raises(TypeError, match=r"a\.b: a setting must have a default"):
        SettingsModel([ConfigSection("a", msgspec.defstruct("Made", [("b", int)]))])


def test_a_flag_without_a_section_in_its_name_may_be_shared() -> None:
    assert [setting.key for setting in MODEL.flags["--host"]] == ["sample.host", "other.host"]


@pytest.mark.parametrize(
    "sections",
    [
        [section("a", x=(flagged(int, "--x"), 1)), section("b", x=(flagged(str, "--x"), ""))],
        [section("a", x=(flagged(int, "--x"), 1), y=(flagged(int, "--x"), 1))],
        [section("a", x=(flagged(int, "--b-x"), 1)), section("b", x=(flagged(int, "--b-x"), 1))],
        [section("a", x=(flagged(int, "--config"), 1))],
        [
            section("a", x=(flagged(bool, "--x"), True)),
            section("b", x=(flagged(bool, "--no-x"), 1)),
        ],
    ],
)
def test_flags_that_contradict_each_other_are_refused(sections: list[ConfigSection]) -> None:
    with pytest.raises(PluginError, match="flag"):
        SettingsModel(sections)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        (("sample", "prt"), "sample.port"),
        (("sample", "head"), "sample.group.head"),
        (("port",), "sample.port"),
        (("sample", "group", "most"), "sample.limits.most"),
        (("smaple", "ratoi"), "sample.ratio"),
        (("sample", "qqq"), None),
    ],
)
def test_the_setting_that_was_probably_meant(path: tuple[str, ...], meant: str | None) -> None:
    assert MODEL.nearest(path) == meant


def test_every_installed_setting_is_described() -> None:
    model = SettingsModel(load_plugins().config_sections())
    assert [key for key, setting in model.settings.items() if not setting.description] == []
    assert [
        name
        for name, found in model.sections.items()
        if not (found.struct.cls.__doc__ or "").strip()
    ] == []


def test_short_names_of_variables_are_of_one_kind() -> None:
    model = SettingsModel(load_plugins().config_sections())
    for name, settings in model.variables.items():
        assert name.startswith("MOCKFORGE_")
        assert len({type(setting.default) for setting in settings}) == 1


def test_the_structs_of_the_sample_are_what_the_model_is_made_of() -> None:
    assert MODEL.sections["sample"].default == Sample()
    assert MODEL.sections["other"].struct.cls is Other


@pytest.mark.parametrize("value", ["1" * 400, "-" + "9" * 400, ".inf", "1e999"])
def test_numbers_past_what_a_float_holds_are_refused(tmp_path: Path, value: str) -> None:
    model = SettingsModel([section("a", b=(float, 1.0))])
    (tmp_path / "mockforge.yaml").write_text(f"a: {{b: {value}}}")
    with pytest.raises(ConfigError, match="expected a number, got"):
        load_settings(model, cwd=tmp_path, environ={})
