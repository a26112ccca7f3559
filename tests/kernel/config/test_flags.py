"""Options of the command line made from the model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import click
import msgspec
import pytest
from click.testing import CliRunner

from mockforge.config import ByteSize, SettingsModel, load_settings
from mockforge.config.flags import (
    UnclaimedError,
    argument_settings,
    flag_options,
    flags_from_params,
)
from mockforge.contracts import ConfigSection
from tests.kernel.config.sample import MODEL, Sample, errors, read, sample


def parse(*arguments: str) -> dict[str, Any]:
    """The settings that the command line ``arguments`` gives."""
    found: dict[str, Any] = {}
    command = click.Command(
        "serve",
        params=flag_options(MODEL),
        callback=lambda **params: found.update(flags_from_params(MODEL, params)),
    )
    command.main(list(arguments), standalone_mode=False)
    return found


def help_text() -> str:
    command = click.Command("serve", params=flag_options(MODEL))
    return CliRunner().invoke(command, ["--help"], terminal_width=200).output


def test_nothing_given_is_nothing_said() -> None:
    assert parse() == {}


def test_values_are_typed() -> None:
    assert parse("--sample-port", "0", "--mode", "OFF", "--size", "1KiB", "--seed", "3") == {
        "sample.port": 0,
        "sample.mode": "off",
        "sample.size": "1KiB",
        "core.seed": 3,
    }


def test_a_value_equal_to_the_default_is_given_all_the_same() -> None:
    assert parse("--sample-port", "3000", "--on") == {"sample.port": 3000, "sample.on": True}


def test_booleans_can_be_taken_back() -> None:
    assert parse("--no-on") == {"sample.on": False}
    assert parse("--no-on", "--on") == {"sample.on": True}


def test_lists_are_repeated_and_arguments_come_first() -> None:
    assert parse("--file", "c,d", "a", "--file", "e", "b", "--number", "1", "--number", "2") == {
        "sample.files": ("a", "b", "c,d", "e"),
        "sample.numbers": (1, 2),
    }


def test_a_shared_flag_sets_all_who_share_it(tmp_path: Path) -> None:
    flags = parse("--host", "::")
    assert flags == {"sample.host": "::", "other.host": "::"}
    settings = load_settings(MODEL, environ={}, flags=flags, cwd=tmp_path)
    assert str(settings.origin("other.host")) == "--host"


def test_flags_end_as_settings(tmp_path: Path) -> None:
    flags = parse("a.yaml", "--size", "1KiB", "--number", "7", "--watch", "--max-request-logs", "5")
    settings = read(tmp_path, "sample: {files: [x], size: 3}", flags=flags)
    assert sample(settings) == Sample(
        files=(tmp_path / "a.yaml",), size=ByteSize(1024), numbers=frozenset({7})
    )
    core = settings.section("core")
    assert (core.watch, core.max_request_logs) == (True, 5)
    assert settings.origin("sample.files") == ("flag", "--file")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--sample-port", "70000"],
            "Invalid value for '--sample-port': expected an integer between 0 and 65535, got 70000",
        ),
        (["--sample-port", "x"], "expected an integer between 0 and 65535, got 'x'"),
        (["--mode", "of"], "expected one of enforce, off, warn, got 'of' (did you mean off?)"),
        (["--number", "1", "--number", "x"], "Invalid value for '--number': expected an integer"),
        (["--size", "big"], "expected a size such as 8KiB, 16MiB or 1048576, got 'big'"),
    ],
)
def test_what_does_not_fit_is_said_as_for_files(arguments: list[str], message: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        parse(*arguments)
    assert message in caught.value.format_message()


def test_a_list_that_is_too_long_is_refused_by_the_settings(tmp_path: Path) -> None:
    flags = parse(*(f"--number={number}" for number in range(4)))
    assert errors(tmp_path, flags=flags) == [
        "--number (sample.numbers): expected at most 3 items, got 4"
    ]


def test_the_help_names_type_default_and_variable() -> None:
    text = " ".join(help_text().split())
    for line in (
        "[FILE ...]",
        "--sample-port INTEGER Port [env: MOCKFORGE_SAMPLE_PORT; default: 3000]",
        "--on / --no-on Whether [env: MOCKFORGE_SAMPLE__ON; default: on]",
        "--file PATH Files. Repeatable. [env: MOCKFORGE_SAMPLE__FILES]",
        "--mode [enforce|off|warn] Mode [env: MOCKFORGE_SAMPLE__MODE; default: warn]",
        "--size SIZE Size [env: MOCKFORGE_SAMPLE__SIZE; default: 8KiB]",
        (
            "--host TEXT sample: Address; other: Address of the other "
            "[env: MOCKFORGE_SAMPLE__HOST, MOCKFORGE_OTHER__HOST; "
            "default: sample 127.0.0.1, other ::1]"
        ),
    ):
        assert line in text


def test_choices_and_paths_are_completed() -> None:
    options = {option.opts[0]: option for option in flag_options(MODEL)}
    context = click.Context(click.Command("serve"))
    mode, file = options["--mode"], options["--file"]
    assert [item.value for item in mode.shell_complete(context, "w")] == ["warn"]
    assert [item.type for item in file.shell_complete(context, "a")] == ["file"]
    assert options["--host"].shell_complete(context, "") == []


class Others(msgspec.Struct, frozen=True):
    """Takes all documents that nobody else wants."""

    specs: Annotated[
        tuple[Path, ...],
        msgspec.Meta(description="Documents", extra={"flag": "--spec", "argument": "DOCUMENT"}),
    ] = ()


class Rooted(msgspec.Struct, frozen=True):
    """Takes documents with a key of its own."""

    documents: Annotated[
        tuple[Path, ...],
        msgspec.Meta(description="Own", extra={"argument": "DOCUMENT", "root": "own"}),
    ] = ()


def test_an_argument_goes_to_the_setting_that_takes_its_kind(tmp_path: Path) -> None:
    own, other = tmp_path / "own.yaml", tmp_path / "other.yaml"
    own.write_text("own: 1\n")
    other.write_text("other: {own: 1}\n")
    model = SettingsModel([ConfigSection("others", Others), ConfigSection("rooted", Rooted)])
    paths = (str(other), str(own), "absent.yaml")
    assert argument_settings(model, "DOCUMENT", paths) == {
        "others.specs": (str(other), "absent.yaml"),
        "rooted.documents": (str(own),),
    }


def test_an_argument_of_no_kind_that_is_taken_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("other: 1\n")
    model = SettingsModel([ConfigSection("rooted", Rooted)])
    with pytest.raises(UnclaimedError, match="of no kind that can be served here"):
        argument_settings(model, "DOCUMENT", (str(other),))
