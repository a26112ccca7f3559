"""Messages of the process itself: set up from the ``logging`` section, with the standard library.

Called by ``mockforge serve`` at start and again at each reload. Not to be confused with the request
log, which is the journal's.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mockforge.errors import StartError

if TYPE_CHECKING:
    from mockforge.config import LoggingConfig

_QUIET: Final = ("asyncio", "watchfiles", "hypercorn.access")
"""Loggers of libraries that are of no interest below warnings."""

_installed: list[logging.Handler] = []


class TextFormatter(logging.Formatter):
    """``12:30:01 warning mockforge.http: message``."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(level)s %(name)s: %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        record.level = record.levelname.lower()
        return super().format(record)


class JsonFormatter(logging.Formatter):
    """One JSON object per line: ``time``, ``level``, ``logger``, ``message`` and ``exception``."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure_logging(config: LoggingConfig) -> None:
    """Send messages to standard error, and to ``config.file`` if there is one.

    Replaces what an earlier call set up and nothing else. StartError if the file cannot be opened;
    then what was set up before stays.
    """
    formatter = JsonFormatter() if config.json else TextFormatter()
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if config.file is not None:
        handlers.append(_file_handler(config, config.file))
    close_logging()
    root = logging.getLogger()
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
        _installed.append(handler)
    root.setLevel(config.level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _file_handler(config: LoggingConfig, path: Path) -> logging.Handler:
    from logging.handlers import RotatingFileHandler

    class Bounded(RotatingFileHandler):
        """The standard library's handler never rotates without backups: the file would grow."""

        def doRollover(self) -> None:  # noqa: N802 - the name to override
            if not self.backupCount:
                Path(self.baseFilename).write_bytes(b"")
            super().doRollover()

    try:
        return Bounded(
            path,
            maxBytes=config.max_file_size_mb * 1024**2,
            backupCount=config.max_files - 1,
            encoding="utf-8",
        )
    except OSError as error:
        raise StartError(
            f"cannot write the log file {path}: {(error.strerror or str(error)).lower()}",
            hint="see logging.file",
        ) from error


def close_logging() -> None:
    """Take away what :func:`configure_logging` installed, and close its file."""
    root = logging.getLogger()
    while _installed:
        handler = _installed.pop()
        root.removeHandler(handler)
        handler.close()
