"""The sections of the settings that the kernel itself reads: ``core`` and ``logging``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mockforge.config.types import ByteSize, Duration
from mockforge.contracts import ConfigSection


class LogFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The request log on disk, as JSON Lines."""

    path: Annotated[Path | None, Meta(description="File to append to; unset = off")] = None
    max_bytes: Annotated[
        ByteSize, Meta(description="Size at which the file is put aside and a new one begun")
    ] = ByteSize(64 * 1024**2)
    backups: Annotated[
        int, Meta(ge=0, description="Files put aside that are kept; the oldest go first")
    ] = 3


class StateSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is remembered between requests, by all protocols together: scenarios, resources, values."""

    store: Annotated[
        str, Meta(description="Where it is kept: `memory`, or a store that a plugin brings")
    ] = "memory"
    max_entries: Annotated[
        int, Meta(ge=1, description="Entries kept; then the oldest of the fullest part go")
    ] = 100_000
    max_bytes: Annotated[
        ByteSize,
        Meta(description="Bytes of state kept; whichever limit is met first counts"),
    ] = ByteSize(32 * 1024**2)


class TemplateSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Templates in stubs, for all protocols."""

    expand: Annotated[
        bool,
        Meta(
            description="Take the answers of stubs for templates, unless they say `template: false`",
            extra={"env": "MOCKFORGE_RESPONSE_TEMPLATE_EXPAND"},
        ),
    ] = False
    env: Annotated[
        tuple[str, ...],
        Meta(description="Environment variables that templates may read: `{{ env.HOME }}`"),
    ] = ()
    fuel: Annotated[
        int,
        Meta(
            ge=1000,
            description="Steps one rendering may take; a turn of a loop takes about ten. Then it fails",
        ),
    ] = 1_000_000
    max_output: Annotated[
        ByteSize,
        Meta(
            description="Characters that one rendering may put out, and that any text or list made on the "
            "way may have"
        ),
    ] = ByteSize(4 * 1024**2)
    max_time: Annotated[Duration, Meta(description="How long one rendering may take")] = Duration(1)
    cache: Annotated[
        ByteSize,
        Meta(
            description="Bytes of templates kept ready to run; others are made ready again each time"
        ),
    ] = ByteSize(16 * 1024**2)


class CoreConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The request log, and how the process runs."""

    only: Annotated[
        tuple[str, ...],
        Meta(
            description="Protocols to run, others of MockForge's own are not imported (`--only`); "
            "empty = all that are installed",
            extra={"env": "MOCKFORGE_ONLY"},
        ),
    ] = ()
    without: Annotated[
        tuple[str, ...],
        Meta(
            description="Plugins to leave out; they are not imported (`--without`)",
            extra={"env": "MOCKFORGE_WITHOUT"},
        ),
    ] = ()
    max_request_logs: Annotated[
        int,
        Meta(
            ge=0,
            description="Requests kept in the request log; the oldest go first",
            extra={"flag": "--max-request-logs", "env": "MOCKFORGE_MAX_REQUEST_LOGS"},
        ),
    ] = 1000
    max_request_log_bytes: Annotated[
        ByteSize,
        Meta(description="Bytes the request log may hold; whichever limit is met first counts"),
    ] = ByteSize(16 * 1024**2)
    max_logged_body: Annotated[
        ByteSize,
        Meta(description="Bytes kept of each request and response body; longer ones are cut"),
    ] = ByteSize(8 * 1024)
    redact: Annotated[
        tuple[str, ...],
        Meta(description="Header fields whose values are not kept in the request log"),
    ] = ("authorization", "cookie", "set-cookie", "x-api-key")
    log_file: Annotated[LogFile, Meta(description="The request log on disk")] = LogFile()
    log_queue: Annotated[
        int,
        Meta(ge=1, description="Requests waiting for request loggers; further ones are dropped"),
    ] = 1000
    memory_budget: Annotated[
        ByteSize,
        Meta(
            description="Bytes of memory (RSS) that the process should stay below: above it caches are given "
            "back, then new connections are refused. 0 = no limit"
        ),
    ] = ByteSize(0)
    drain_timeout: Annotated[
        Duration,
        Meta(description="How long requests under way may take to finish when the process stops"),
    ] = Duration(10)
    seed: Annotated[
        int,
        Meta(
            description="Start of all generated data: the same seed and the same requests give the "
            "same answers, byte for byte",
            extra={"flag": "--seed"},
        ),
    ] = 0
    state: Annotated[StateSettings, Meta(description="What is remembered between requests")] = (
        StateSettings()
    )
    templates: Annotated[TemplateSettings, Meta(description="Templates in stubs")] = (
        TemplateSettings()
    )
    watch: Annotated[
        bool,
        Meta(
            description="Reload when a file changes; a broken file keeps the last good state",
            extra={"flag": "--watch"},
        ),
    ] = False


class LoggingConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Messages of the process itself, on standard error."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(
            description="The least severe messages that are shown",
            extra={"flag": "--log-level", "env": "MOCKFORGE_LOG_LEVEL"},
        ),
    ] = "info"
    json: Annotated[bool, Meta(description="One JSON object per message")] = False
    file: Annotated[Path | None, Meta(description="Also write the messages to this file")] = None
    max_file_size_mb: Annotated[
        int, Meta(ge=1, description="Megabytes at which the file is put aside and a new one begun")
    ] = 10
    max_files: Annotated[
        int, Meta(ge=1, description="Files kept, the current one included; the oldest go first")
    ] = 5


KERNEL_SECTIONS = (ConfigSection("core", CoreConfig), ConfigSection("logging", LoggingConfig))
"""What every installation has, whatever plugins there are."""
