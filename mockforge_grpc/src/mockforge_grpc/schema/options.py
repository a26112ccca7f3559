"""Options with their extensions.

Descriptors give their options as messages of the default pool, which does not know the extensions of a
private one. They are read here as the private pool's own option messages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from .descriptors import plain_options

if TYPE_CHECKING:
    from google.protobuf.descriptor import DescriptorBase
    from google.protobuf.descriptor_pool import DescriptorPool

HTTP: Final = "google.api.http"


class Options:
    """The options of what is in one pool."""

    def __init__(self, pool: DescriptorPool) -> None:
        self._pool = pool
        self._classes: dict[str, type[Message]] = {}
        self._extensions: dict[str, Any] = {}

    def of(self, descriptor: DescriptorBase) -> Message | None:
        """The options of a message, field, method ...; None if it has none."""
        plain = plain_options(descriptor)
        if plain is None:
            return None
        made = self._class(plain.DESCRIPTOR.full_name)
        try:
            options: Message = made.FromString(plain.SerializeToString())
        except DecodeError:  # an extension that is not what its declaration says
            return plain  # type: ignore[no-any-return]  # of a class made at run time
        return options

    def get(self, descriptor: DescriptorBase, name: str) -> Any:
        """The value of the option called ``name`` (full name of an extension); None if it is not set."""
        extension = self._extension(name)
        if extension is None or (options := self.of(descriptor)) is None:
            return None
        if options.DESCRIPTOR.full_name != extension.containing_type.full_name:
            return None
        if extension.is_repeated:
            return options.Extensions[extension] or None
        return options.Extensions[extension] if options.HasExtension(extension) else None

    def _class(self, full_name: str) -> type[Message]:
        if (made := self._classes.get(full_name)) is None:
            made = GetMessageClass(self._pool.FindMessageTypeByName(full_name))
            self._classes[full_name] = made
        return made

    def _extension(self, name: str) -> Any:
        if name not in self._extensions:
            try:
                self._extensions[name] = self._pool.FindExtensionByName(name)
            except KeyError:
                self._extensions[name] = None
        return self._extensions[name]
