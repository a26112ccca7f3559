"""Messages of the process: form, level, file, and that the file cannot grow without end."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockforge.config import LoggingConfig
from mockforge.errors import ExitCode, StartError
from mockforge.logs import close_logging, configure_logging

log = logging.getLogger("mockforge.test")


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    level = logging.getLogger().level
    yield
    close_logging()
    logging.getLogger().setLevel(level)


def test_text_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LoggingConfig())
    log.warning("mind the %s", "gap")
    log.debug("not shown")
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.endswith("warning mockforge.test: mind the gap\n")
    assert output.err.count("\n") == 1


def test_one_json_object_per_message(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LoggingConfig(json=True, level="debug"))
    try:
        raise ValueError("line one\nline two")  # noqa: TRY301 - to have a traceback
    except ValueError:
        log.exception("failed: %s", "é")
    log.debug("small")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["level"], first["logger"]) == ("error", "mockforge.test")
    assert first["message"] == "failed: é"
    assert "ValueError: line one\nline two" in first["exception"]
    assert second["level"] == "debug"
    assert "exception" not in second


def test_setting_up_again_replaces_and_leaves_foreign_handlers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    foreign = list(logging.getLogger().handlers)
    configure_logging(LoggingConfig())
    configure_logging(LoggingConfig(json=True))
    log.warning("once")
    assert len(capsys.readouterr().err.splitlines()) == 1
    close_logging()
    assert logging.getLogger().handlers == foreign


@pytest.mark.parametrize("max_files", [1, 3])
def test_the_file_is_bounded(tmp_path: Path, max_files: int) -> None:
    path = tmp_path / "mockforge.log"
    configure_logging(LoggingConfig(file=path, max_file_size_mb=1, max_files=max_files))
    for _ in range(5 * 1024):
        log.info("x" * 1024)
    files = list(tmp_path.iterdir())
    assert len(files) == max_files
    assert sum(file.stat().st_size for file in files) <= max_files * 1024**2
    assert path.stat().st_size > 0


def test_a_file_that_cannot_be_written_is_an_error_naming_it(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"cannot write the log file .*missing/x\.log") as caught:
        configure_logging(LoggingConfig(file=tmp_path / "missing/x.log"))
    assert caught.value.exit_code is ExitCode.NOT_STARTED
