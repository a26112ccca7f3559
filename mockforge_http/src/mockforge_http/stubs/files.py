"""Files that stubs answer with: found below the folder of the stub's file or the fixtures, never outside, and
read when they are asked for."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from mockforge.errors import MockForgeError, Place
from mockforge.mocking.fixtures.loaders import Binary, Text

_LONGEST_NAME: Final = 1024

_TYPES: Final = {
    **Binary.media_types,
    **Text.media_types,
    ".json": "application/json",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".csv": "text/csv; charset=utf-8",
    **dict.fromkeys((".txt", ".log"), "text/plain; charset=utf-8"),
}


class FileError(MockForgeError):
    """A file that a stub names cannot be used."""


class FileFound(NamedTuple):
    """A regular file inside one of the folders, and what it was when it was found."""

    path: Path
    status: os.stat_result

    @property
    def size(self) -> int:
        """Bytes."""
        return self.status.st_size


class Folders:
    """Where the files of one stub may lie; looked through in order. Files from ``stream_from`` bytes on are
    not to be read whole; the largest that is has ``largest``."""

    __slots__ = ("_roots", "largest", "stream_from")

    def __init__(self, roots: Iterable[Path | None], stream_from: int, largest: int) -> None:
        real = (os.path.realpath(root) for root in roots if root is not None)
        self._roots = tuple(dict.fromkeys(real))
        self.stream_from = stream_from
        self.largest = largest

    def find(self, name: str) -> FileFound:
        """The file ``name``; FileError says why there is none. Neither ``..`` nor a link leads out."""
        if not self._roots:
            raise FileError(
                f"there is no folder that {name!r} could be in",
                hint="set http.fixtures, or put the stub into a file",
            )
        parts = name.replace("\\", "/").split("/")
        if not name or len(name) > _LONGEST_NAME or "\0" in name or "" in parts or ".." in parts:
            raise FileError(
                f"{name[:80]!r} cannot be the name of a file",
                hint="a path below the folder of the stub's file, without `..`",
            )
        for root in self._roots:
            found = _inside(root, parts)
            if found is not None:
                return found
        where = " or ".join(self._roots)
        raise FileError(f"there is no file {name!r} in {where}")


def _inside(root: str, parts: list[str]) -> FileFound | None:
    try:
        real = os.path.realpath(os.path.join(root, *parts), strict=True)  # noqa: PTH118 - hot
        status = os.stat(real)  # noqa: PTH116 - hot
    except (OSError, ValueError):
        return None
    if not real.startswith(root.rstrip(os.sep) + os.sep) or not stat.S_ISREG(status.st_mode):
        return None
    return FileFound(Path(real), status)


def media_type_of(name: str) -> str:
    """The media type that goes with the ending of a file's name."""
    return _TYPES.get(Path(name).suffix.lower(), "application/octet-stream")


def is_text(name: str) -> bool:
    """Whether a file is text, by the ending of its name; one without an ending is."""
    media_type = media_type_of(name)
    return (
        media_type.startswith("text/")
        or media_type
        in ("application/json", "application/yaml", "application/xml", "image/svg+xml")
        or not Path(name).suffix
    )


def read_whole(found: FileFound, largest: int) -> bytes:
    """The content; FileError if it is gone or larger than ``largest`` bytes."""
    try:
        with found.path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileError(f"cannot be read: {reason}", place=Place(str(found.path))) from error
    if len(content) > largest:
        raise FileError(
            f"larger than {largest} bytes (http.fixture_max_size)", place=Place(str(found.path))
        )
    return content
