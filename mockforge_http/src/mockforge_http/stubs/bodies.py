"""Bodies of stubbed answers: fixed bytes, templates, files, and streams by script."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Final

from mockforge.mocking.fixtures.cache import version_of
from mockforge.mocking.fixtures.large import LargeFixture
from mockforge_http.stubs.files import FileFound, Folders, is_text, media_type_of, read_whole

if TYPE_CHECKING:
    from mockforge.mocking.templating import Template, ValueTemplate
    from mockforge_http.stubs.filetemplates import FileTemplates
    from mockforge_http.stubs.turn import Turn

JSON: Final = "application/json"
TEXT: Final = "text/plain; charset=utf-8"
BINARY: Final = "application/octet-stream"


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
    """A file, read for each request, or sent piece by piece where it is large. Its name may be a
    template."""

    def __init__(self, name: str, folders: Folders, template: Template | None = None) -> None:
        self._name = name
        self._template = template
        self._folders = folders
        self.media_type = media_type_of(name) if template is None else None

    def name(self, turn: Turn) -> str:
        """The file that this answer is to come from."""
        if self._template is None:
            return self._name
        name = self._template.render(turn.context, turn.chance)
        turn.media_type = media_type_of(name)
        return name

    def make(self, turn: Turn) -> bytes | Streamed:
        return self._content(self._folders.find(self.name(turn)))

    def _content(self, found: FileFound) -> bytes | Streamed:
        if found.size >= self._folders.stream_from:
            large = LargeFixture(found.path, "", version_of(found.status), found.size)
            return Streamed(large.pieces(), large.size)
        return read_whole(found, self._folders.largest)


class TemplateFileBody(FileBody):
    """A file whose text is a template, of which ``files`` has the compiled one. One that is no text is sent
    as it is."""

    def __init__(
        self, name: str, folders: Folders, files: FileTemplates, template: Template | None = None
    ) -> None:
        super().__init__(name, folders, template)
        self._files = files

    def make(self, turn: Turn) -> bytes | Streamed:
        name = self.name(turn)
        found = self._folders.find(name)
        if not is_text(name):
            return self._content(found)
        template = self._files.get(found)
        return template.render(turn.context, turn.chance).encode("utf-8", "replace")


class ScriptBody(Body):
    """A stream that a script sends."""

    def __init__(self, start: Callable[[Turn], AsyncIterator[bytes]], media_type: str) -> None:
        self._start = start
        self.media_type = media_type

    def make(self, turn: Turn) -> Streamed:
        return Streamed(self._start(turn))
