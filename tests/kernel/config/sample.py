"""A section with every kind of setting there can be, and how tests read settings."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from mockforge.config import ByteSize, Duration, Settings, SettingsModel, load_settings
from mockforge.contracts import ConfigSection
from mockforge.errors import ConfigError, all_errors

Port = Annotated[int, Meta(ge=0, le=65535)]


class Color(Enum):
    RED = "red"
    GREEN = "green"


class Rule(msgspec.Struct, frozen=True):
    """One rule."""

    status: Annotated[int, Meta(ge=100, le=599, description="Status to answer")]
    path: Annotated[str, Meta(min_length=1, description="Path it is for")] = "/"
    after: Annotated[Duration | None, Meta(description="Wait first")] = None


class Fixed(msgspec.Struct, frozen=True, tag="fixed", tag_field="kind"):
    every: Annotated[Duration, Meta(description="Always this long")]


class Normal(msgspec.Struct, frozen=True, tag="normal", tag_field="kind"):
    mean: Annotated[Duration, Meta(description="On average")]
    deviation: Annotated[Duration, Meta(description="Standard deviation")] = Duration(0)


class Group(msgspec.Struct, frozen=True):
    """A group."""

    head: Annotated[Duration, Meta(description="First")] = Duration(10)
    body: Annotated[Duration, Meta(description="Second")] = Duration(20)


class Limits(msgspec.Struct, frozen=True):
    """May be left out altogether."""

    least: Annotated[int, Meta(description="At least")] = 1
    most: Annotated[int, Meta(description="At most")] = 9

    def __post_init__(self) -> None:
        if self.least > self.most:
            raise ValueError(f"least is {self.least} and must not be above most, {self.most}")


class Sample(msgspec.Struct, frozen=True):
    """A sample.

    Second paragraph.
    """

    host: Annotated[str, Meta(description="Address", extra={"flag": "--host"})] = "127.0.0.1"
    port: Annotated[
        Port,
        Meta(
            description="Port",
            extra={"flag": "--sample-port", "env": "MOCKFORGE_SAMPLE_PORT"},
        ),
    ] = 3000
    ratio: Annotated[float, Meta(gt=0, le=1, description="Share")] = 0.5
    on: Annotated[bool, Meta(description="Whether", extra={"flag": "--on"})] = True
    files: Annotated[
        tuple[Path, ...],
        Meta(description="Files", extra={"flag": "--file", "argument": "FILE"}),
    ] = ()
    folder: Annotated[Path | None, Meta(description="Folder")] = None
    names: Annotated[list[str], Meta(description="Names")] = []
    numbers: Annotated[
        frozenset[int], Meta(max_length=3, description="Numbers", extra={"flag": "--number"})
    ] = frozenset()
    rules: Annotated[tuple[Rule, ...], Meta(description="Rules")] = ()
    labels: Annotated[dict[str, int], Meta(description="Labels")] = {}
    targets: Annotated[dict[str, Rule], Meta(description="Rules by name")] = {}
    mode: Annotated[
        Literal["enforce", "warn", "off"], Meta(description="Mode", extra={"flag": "--mode"})
    ] = "warn"
    color: Annotated[Color, Meta(description="Color")] = Color.RED
    workers: Annotated[int | Literal["auto"], Meta(description="Workers")] = "auto"
    size: Annotated[ByteSize, Meta(description="Size", extra={"flag": "--size"})] = ByteSize(8192)
    wait: Annotated[Duration | None, Meta(description="Wait")] = None
    token: Annotated[str | None, Meta(description="Token", extra={"secret": True})] = None
    group: Annotated[Group, Meta(description="The group")] = Group(head=Duration(5))
    limits: Annotated[Limits | None, Meta(description="Limits")] = None
    latency: Annotated[Fixed | Normal | None, Meta(description="Latency")] = None
    extra: Annotated[Any, Meta(description="Anything")] = None


class Other(msgspec.Struct, frozen=True):
    """Shares a flag with the sample."""

    host: Annotated[str, Meta(description="Address of the other", extra={"flag": "--host"})] = "::1"


MODEL = SettingsModel([ConfigSection("sample", Sample), ConfigSection("other", Other)])


def read(
    folder: Path,
    text: str | None = None,
    *,
    name: str = "mockforge.yaml",
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
    profile: str | None = None,
) -> Settings:
    """The settings with ``text`` as the file in ``folder``."""
    if text is not None:
        (folder / name).write_text(text, encoding="utf-8")
    return load_settings(
        MODEL, environ=environ or {}, flags=flags or {}, profile=profile, cwd=folder
    )


def sample(settings: Settings) -> Sample:
    return settings.section("sample", Sample)


def errors(folder: Path, text: str | None = None, **options: Any) -> list[str]:
    """What is wrong, a line each: the place without the folder, the message, the hint in brackets."""
    try:
        read(folder, text, **options)
    except ConfigError as error:
        return [
            f"{one}{f' [{one.hint}]' if one.hint else ''}".replace(f"{folder}/", "")
            for one in all_errors(error)
        ]
    return []
