"""Bodies of stubbed answers: fixed bytes, templates, files, and streams by script."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mockforge.errors import Place
from mockforge.mocking.fixtures.cache import Version, version_of
from mockforge.mocking.fixtures.large import LargeFixture
from mockforge_http.stubs.files import Folders, is_text, media_type_of, read_whole

if TYPE_CHECKING:
    from mockforge.mocking.templating import Template, Templates, ValueTemplate
    from mockforge_http.stubs.turn import Turn

JSON: Final = "application/json"
TEXT: Final = "text/plain; charset=utf-8"
BINARY: Final = "application/octet-stream"

_TEMPLATES_KEPT: Final = 16
"""Compiled templates of files that one stub keeps."""


class Body(ABC):
    """``fixed`` are the bytes where they are always the same; ``media_type`` goes into the head where the
    stub names none."""

    fixed: bytes | None = None
    media_type: str | None = None

    @abstractmethod
    def make(self, turn: Turn) -> bytes | Streamed:
        """The body of one answer."""


class Streamed:
    """A body that comes piece by piece; ``length`` is its size where that is known."""

    __slots__ = ("length", "pieces")

    def __init__(self, pieces: AsyncIterator[bytes], length: int | None = None) -> None:
        self.pieces = pieces
        self.length = length


class FixedBody(Body):
    """The same bytes for everyone."""

    def __init__(self, content: bytes, media_type: str | None) -> None:
        self.fixed: bytes | None = content
        self.media_type = media_type

    def make(self, turn: Turn) -> bytes:
        return self.fixed or b""


class TextBody(Body):
    """A template of text."""

    def __init__(self, template: Template, media_type: str | None) -> None:
        self._template = template
        self.media_type = media_type

    def make(self, turn: Turn) -> bytes:
        return self._template.render(turn.context, turn.chance).encode("utf-8", "replace")


class JsonBody(Body):
    """A JSON value with templates in it."""

    media_type = JSON

    def __init__(self, template: ValueTemplate) -> None:
        self._template = template

    def make(self, turn: Turn) -> bytes:
        return self._template.render_json(turn.context, turn.chance).encode("utf-8", "replace")


class FileBody(Body):
    """A file, read for each request; from ``stream_from`` bytes on sent piece by piece. Its name may be a
    template."""

    def __init__(
        self, name: str, folders: Folders, stream_from: int, template: Template | None = None
    ) -> None:
        self._name = name
        self._template = template
        self._folders = folders
        self._stream_from = stream_from
        self.media_type = media_type_of(name) if template is None else None

    def name(self, turn: Turn) -> str:
        """The file that this answer is to come from."""
        if self._template is None:
            return self._name
        name = self._template.render(turn.context, turn.chance)
        turn.media_type = media_type_of(name)
        return name

    def make(self, turn: Turn) -> bytes | Streamed:
        found = self._folders.find(self.name(turn))
        if found.size >= self._stream_from:
            large = LargeFixture(found.path, "", version_of(found.status), found.size)
            return Streamed(large.pieces(), large.size)
        return read_whole(found)


class TemplateFileBody(FileBody):
    """A file whose text is a template, compiled anew when the file has changed. One that is no text is sent
    as it is."""

    def __init__(
        self, name: str, folders: Folders, templates: Templates, template: Template | None = None
    ) -> None:
        super().__init__(name, folders, 0, template)
        self._templates = templates
        self._compiled: OrderedDict[Path, tuple[Version, Template]] = OrderedDict()

    def make(self, turn: Turn) -> bytes:
        name = self.name(turn)
        if not is_text(name):
            return read_whole(self._folders.find(name))
        return self.template(name).render(turn.context, turn.chance).encode("utf-8", "replace")

    def template(self, name: str) -> Template:
        """The compiled template of the file ``name``; at most :data:`_TEMPLATES_KEPT` are kept."""
        found = self._folders.find(name)
        stamp = version_of(found.status)
        known = self._compiled.get(found.path)
        if known is not None and known[0] == stamp:
            self._compiled.move_to_end(found.path)
            return known[1]
        text = read_whole(found).decode("utf-8", "replace")
        made = self._templates.compile(text, place=Place(str(found.path)))
        self._compiled[found.path] = (stamp, made)
        if len(self._compiled) > _TEMPLATES_KEPT:
            self._compiled.popitem(last=False)
        return made


class ScriptBody(Body):
    """A stream that a script sends."""

    def __init__(self, start: Callable[[Turn], AsyncIterator[bytes]], media_type: str) -> None:
        self._start = start
        self.media_type = media_type

    def make(self, turn: Turn) -> Streamed:
        return Streamed(self._start(turn))
