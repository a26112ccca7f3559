"""Which file a ``$ref`` names, and that it lies inside the document root.

Files of a document are named by their path relative to the root, with ``/`` whatever the system:
``models/pet.yaml``. That name is also the *base* against which the relative references in it count.
"""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urljoin

from mockforge.errors import DocumentError

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def is_uri(reference: str) -> bool:
    """Whether ``reference`` has a scheme (``https:``, ``urn:``, also ``c:``) or an authority."""
    return _SCHEME.match(reference) is not None or reference.startswith("//")


def split_reference(reference: str) -> tuple[str, str]:
    """The part of ``reference`` before ``#`` and the fragment after it."""
    location, _, fragment = reference.partition("#")
    return location, fragment


def join_base(base: str, location: str) -> str:
    """``location`` resolved against ``base`` (RFC 3986 section 5): both are names of files, or URIs.

    ``..`` beyond the root stays in the result, so that leaving the root can be seen.
    """
    if not location:
        return base
    if is_uri(base):
        try:
            return urljoin(base, location)
        except ValueError:  # an IPv6 address that is none
            return location
    if is_uri(location) or location.startswith("/"):
        return location
    location = unquote(location) if "%" in location else location
    folder = posixpath.dirname(base)
    return posixpath.normpath(posixpath.join(folder, location))


class DocumentRoot:
    """The folder that a document's files must lie in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._real = os.path.realpath(folder)
        self._inside = self._real.rstrip(os.sep) + os.sep

    def name_of(self, path: Path) -> str:
        """The name of the file at ``path``; DocumentError if it is not below the root."""
        absolute = os.path.abspath(path)  # noqa: PTH100 - resolves `..` but follows no links
        relative = os.path.relpath(absolute, os.path.abspath(self.folder))  # noqa: PTH100 - as above
        name = relative.replace(os.sep, "/")
        if name.startswith("../") or os.path.isabs(relative):  # noqa: PTH117 - text, not a Path
            raise DocumentError(
                f"{path} does not lie in the document root {self.folder}",
                hint="give a root that holds the document",
            )
        return name

    def path_of(self, name: str) -> Path:
        """The path of the file called ``name``, which may not exist.

        DocumentError (without a place, its message a predicate): it lies outside the root, by its name
        or through a link.
        """
        if "\0" in name:
            raise DocumentError("names no file: it holds a NUL character")
        if name.startswith(("/", "../")) or name == "..":
            raise self._outside(name)
        path = os.path.join(self.folder, name)  # noqa: PTH118 - thousands of these at one start
        real = os.path.realpath(path)
        if not real.startswith(self._inside):
            raise self._outside(name)
        return Path(path)

    def _outside(self, name: str) -> DocumentError:
        return DocumentError(
            f"leaves the document root: {name} is not below {self.folder}",
            hint="move the file there, or widen the root with --spec-root FOLDER (http.spec_root)",
        )
