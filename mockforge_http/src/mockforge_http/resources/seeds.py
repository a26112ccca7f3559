"""The items that a collection begins with, read from a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mockforge.errors import MockForgeError, Place, StartError
from mockforge.mocking.fixtures import BUILT_IN
from mockforge_http.resources.identity import Path as KeyPath
from mockforge_http.resources.identity import as_text, get_at, set_at
from mockforge_http.resources.kept import Kept
from mockforge_http.resources.names import folded

if TYPE_CHECKING:
    from mockforge.contracts import FixtureLoader

_LARGEST: Final = 16 * 1024**2


class Seed:
    """Items of the file at ``path``, each with the values of the path parameters ``parents`` (found in its
    properties of that name) and its id at ``identity``."""

    def __init__(
        self,
        path: Path,
        loaders: Iterable[FixtureLoader],
        identity: KeyPath,
        parents: Sequence[str],
    ) -> None:
        self._entries: list[tuple[tuple[str, ...], str, dict[str, Any]]] = []
        for number, item in enumerate(_items(path, loaders, identity), 1):
            if not isinstance(item, dict):
                raise _error(path, f"item {number} is no object")
            text = as_text(get_at(item, identity))
            if text is None:
                set_at(item, identity, number)
                text = str(number)
            self._entries.append((_parents(path, number, item, parents), text, item))

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items, in the order of the file."""
        return [item for _, _, item in self._entries]

    def fill(self, kept: Kept) -> None:
        """Put the items into a collection."""
        for parents, text, item in self._entries:
            kept.put(parents, text, item)


def _items(path: Path, loaders: Iterable[FixtureLoader], identity: KeyPath) -> list[Any]:
    suffix = path.suffix.lower()
    loader = next((each for each in (*loaders, *BUILT_IN) if suffix in each.suffixes), None)
    if loader is None:
        raise _error(path, f"no loader reads {suffix or 'files without an ending'}")
    try:
        if path.stat().st_size > _LARGEST:
            raise _error(path, f"larger than {_LARGEST} bytes")
        value = loader.load(path, path.read_bytes()).value
    except OSError as error:
        raise _error(path, (error.strerror or str(error)).lower()) from None
    except MockForgeError:
        raise
    except (ValueError, RecursionError) as error:
        raise _error(path, str(error)) from error
    if isinstance(value, dict):
        # By id: {"rex": {...}}.
        for key, item in value.items():
            if isinstance(item, dict) and get_at(item, identity) is None:
                set_at(item, identity, key)
        return list(value.values())
    if not isinstance(value, list):
        raise _error(path, "expected a list of objects, or objects by id")
    return value


def _parents(
    path: Path, number: int, item: dict[str, Any], wanted: Sequence[str]
) -> tuple[str, ...]:
    by_name = {folded(name): as_text(value) for name, value in item.items()}
    found = []
    for name in wanted:
        text = by_name.get(folded(name))
        if text is None:
            raise _error(path, f"item {number} does not say which {name} it is below")
        found.append(text)
    return tuple(found)


def _error(path: Path, message: str) -> StartError:
    return StartError(
        message,
        hint="a seed is a list of objects, or an object of objects by id",
        place=Place(str(path)),
    )
