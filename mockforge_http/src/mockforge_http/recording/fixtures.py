"""A folder of recorded fixtures: plain files by method and path (see :mod:`mockforge.mocking.fixtures`)."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec

from mockforge.mocking.fields import essence
from mockforge.mocking.fixtures.loaders import BUILT_IN, JSON
from mockforge.mocking.fixtures.segments import MAX_NAME, method_name, segment_names
from mockforge.mocking.recording.writing import write_file
from mockforge_http.recording.answers import header
from mockforge_http.recording.exchanged import Exchanged

_MOST_REMEMBERED: Final = 10_000
_ENTRY_BYTES: Final = 150


class FixtureFolder:
    """Writes fixtures to ``folder``. Only what a fixture can say is written: answers with 200, no encoding,
    and a media type that its file would be answered with again. Of two answers to a path the later counts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[Path, bytes] = {}

    @property
    def held(self) -> int:
        """About how many bytes are in memory."""
        return _ENTRY_BYTES * len(self._known)

    @property
    def limit(self) -> int:
        """The most that there may be."""
        return _ENTRY_BYTES * _MOST_REMEMBERED

    def add(self, exchanged: Exchanged) -> str:
        """Write ``exchanged``: ``recorded``, ``repeated`` where it adds nothing, ``left_out``."""
        path = self._path(exchanged)
        if path is None:
            return "left_out"
        digest = blake2b(exchanged.answer, digest_size=16).digest()
        if self._known.get(path) == digest:
            return "repeated"
        write_file(path, exchanged.answer)
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[path] = digest
        return "recorded"

    def _path(self, exchanged: Exchanged) -> Path | None:
        names, method = segment_names(exchanged.path), method_name(exchanged.method)
        if names is None or method is None or exchanged.status != 200 or not exchanged.answer:
            return None
        if header(exchanged.headers, "content-encoding"):
            return None
        last = names.pop() if names else "index"
        ending = _ending(exchanged, last)
        if ending is None or len((last + ending).encode()) > MAX_NAME:
            return None
        return self._folder.joinpath(method, *names, last + ending)


def _ending(exchanged: Exchanged, name: str) -> str | None:
    """What the name of the file must end with beyond ``name``; ``None`` if no ending would do."""
    wanted = essence(header(exchanged.headers, "content-type"))
    if wanted == JSON:
        try:
            msgspec.json.decode(exchanged.answer)
        except (msgspec.DecodeError, RecursionError):
            return None
    elif wanted.startswith("text/"):
        try:
            exchanged.answer.decode("utf-8")
        except UnicodeDecodeError:
            return None
    fitting = [
        suffix
        for loader in BUILT_IN
        for suffix in loader.suffixes
        if (loader.verbatim(suffix) or "").partition(";")[0] == wanted
    ]
    if not fitting:
        return None
    own = Path(name).suffix.lower()
    return "" if own in fitting else fitting[0]
