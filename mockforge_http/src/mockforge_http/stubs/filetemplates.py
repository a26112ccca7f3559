"""The templates of files (``file:`` with ``template: true``): compiled when a file is first asked for and
when it has changed, kept for all stubs together."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mockforge.errors import Place
from mockforge.mocking.fixtures.cache import Version, version_of
from mockforge_http.stubs.files import FileFound, read_whole

if TYPE_CHECKING:
    from mockforge.mocking.templating import Template, Templates

_ENTRY_BYTES: Final = 2_000
_CHARACTER_BYTES: Final = 4
"""About what a template keeps of each character: the text, and what it was translated to."""


class FileTemplates:
    """Keeps as many bytes of them as ``templates`` keep programs ready to run (``core.templates.cache``), but
    at least the one in use; the least used go first, counted in ``evicted``. ``largest`` is the size of the
    largest file in bytes."""

    def __init__(self, templates: Templates, largest: int) -> None:
        self._templates = templates
        self._largest = largest
        self._kept: OrderedDict[Path, tuple[Version, Template, int]] = OrderedDict()
        self.limit = templates.limits.cache
        self.held = 0
        """Bytes kept."""
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, found: FileFound) -> Template:
        """The template of a file. TemplateError with the place; FileError: it cannot be read."""
        stamp = version_of(found.status)
        known = self._kept.get(found.path)
        if known is not None:
            if known[0] == stamp:
                self._kept.move_to_end(found.path)
                return known[1]
            self._drop(found.path)
        text = read_whole(found, self._largest).decode("utf-8", "replace")
        made = self._templates.compile(text, place=Place(str(found.path)))
        size = _ENTRY_BYTES + _CHARACTER_BYTES * len(text)
        self._kept[found.path] = (stamp, made, size)
        self.held += size
        while self.held > self.limit and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))
            self.evicted += 1
        return made

    def _drop(self, path: Path) -> None:
        self.held -= self._kept.pop(path)[2]
