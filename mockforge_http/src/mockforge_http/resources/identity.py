"""Which property of an item is its id, and ids for new items."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID
from zlib import crc32

from mockforge.mocking.data import Dice
from mockforge_http.documents import Located
from mockforge_http.resources.names import ID_ENDINGS, ID_NAMES, folded, singular

if TYPE_CHECKING:
    from mockforge_http.operations.answering import Answering
    from mockforge_http.render.schema import SchemaNode

Path = tuple[str, ...]
_SCALARS: Final = frozenset({"string", "integer", "number"})
_ATTEMPTS: Final = 20
_CONSTRAINED: Final = ("pattern", "enum", "const", "format", "maxLength", "minLength")
_TOKENS: Final = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")
_SAFE: Final = re.compile(r"[^/?#\s\x00-\x1f\x7f]{1,200}")
"""What can stand in a path without anyone taking it apart."""
_LONGEST_CHOSEN: Final = 500
_INTEGER: Final = re.compile(r"-?[0-9]{1,19}")


class Identity(NamedTuple):
    """Where in an item its id is (``("id",)``, ``("metadata", "name")``), and the schema of the id."""

    path: Path
    node: SchemaNode


def get_at(value: Any, path: Path) -> Any:
    """The value at ``path``; ``None`` where there is nothing."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def set_at(value: dict[str, Any], path: Path, inner: Any) -> None:
    """Put ``inner`` at ``path``, with the objects on the way there."""
    for name in path[:-1]:
        below = value.get(name)
        if not isinstance(below, dict):
            below = value[name] = {}
        value = below
    value[path[-1]] = inner


def as_text(value: Any) -> str | None:
    """An id as it stands in a path; ``None`` for what can be none."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(int(value)) if value == int(value) else str(value)


class Identifier:
    """Finds the property that the path parameter ``parameter`` of a collection at ``path`` stands for."""

    def __init__(self, parameter: str, path: str, given: str | None = None) -> None:
        name = folded(parameter)
        segments = [part for part in path.split("/") if part and "{" not in part]
        last = folded(segments[-1].partition(".")[0]) if segments else ""
        one = singular(last)
        self.given = given
        self.exact = name
        self.short = [
            name.removeprefix(each)
            for each in (last, one)
            if each and name != each and name.startswith(each)
        ]
        token = folded(_TOKENS.split(parameter)[-1])
        self.last_token = token if token != name else None
        """``name`` of ``database_name``, ``ip`` of ``floatingIp``."""
        self.generic = (
            name in (one, last)
            or name.endswith(ID_ENDINGS)
            or (len(name) > 2 and one.endswith(name))
        )

    def find(self, node: SchemaNode) -> Identity | None:
        """The id among the declared properties of ``node``."""
        names = node.gathered("properties")
        if self.given is not None:
            return _scalar(node, (self.given,)) if self.given in names else None
        by_folded: dict[str, str] = {}
        for name in names:
            by_folded.setdefault(folded(name), name)
        for wanted in self._wanted(by_folded):
            found = _scalar(node, (wanted,))
            if found is not None:
                return found
        metadata = node.property("metadata") if "metadata" in names else None
        if metadata is not None and self.exact in metadata.gathered("properties"):
            found = _scalar(metadata, (self.exact,))
            if found is not None:
                return Identity(("metadata", *found.path), found.node)
        return None

    def _wanted(self, by_folded: dict[str, str]) -> Iterator[str]:
        # A company with both an `id` and a `company_id` is known by the first.
        for name in (*self.short, self.exact):
            if name in by_folded:
                yield by_folded[name]
        if self.last_token in by_folded:
            yield by_folded[self.last_token]
        if self.generic:
            for name in ID_NAMES:
                if folded(name) in by_folded:
                    yield by_folded[folded(name)]


def _scalar(node: SchemaNode, path: Path) -> Identity | None:
    schema = node.property(path[0])
    if schema is None:
        return None
    found = schema.find("type")
    kinds = found[0] if found else "string"
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if kind in _SCALARS:
            return Identity(path, schema)
    return None


class Ids:
    """Makes ids that the schema of the property and that of the path parameter both accept."""

    def __init__(
        self, identity: Identity, parameter: Located | None, answering: Answering, label: str
    ) -> None:
        self._answering = answering
        self._seed = crc32(label.encode(), answering.seed)
        self._schema = Located(identity.node.schema, identity.node.base)
        self._accepts = answering.accepts(self._schema)
        self._fits: Callable[[Any], bool] | None = None
        self._kinds = _kinds(identity.node)
        self._constrained = any(identity.node.find(keyword) for keyword in _CONSTRAINED)
        self._lowest = _lowest(identity.node)
        if parameter is not None:
            self._fits = answering.accepts(parameter)
        self._parameter_is_number = parameter is not None and _is_number(parameter, answering)

    def make(
        self,
        next_number: Callable[[], int],
        is_free: Callable[[str], bool],
        taken: Callable[[], int],
    ) -> Any:
        """A new id; ``None`` if none could be made. Ids that clients chose may be in the way of the
        numbers: ``taken`` is how many there can be."""
        made = self._search(_ATTEMPTS, next_number, is_free)
        return self._search(taken(), next_number, is_free) if made is None else made

    def _search(
        self, attempts: int, next_number: Callable[[], int], is_free: Callable[[str], bool]
    ) -> Any:
        for _ in range(attempts):
            number = next_number()
            for value in self._candidates(number):
                text = as_text(value)
                if text and _SAFE.fullmatch(text) and self.may_be_chosen(value) and is_free(text):
                    return value
        return None

    def may_be_chosen(self, value: Any) -> bool:
        """Whether ``value``, which a client sent, may stand in the item and, encoded, in the path."""
        text = as_text(value)
        if text is None or text in (".", "..") or len(text) > _LONGEST_CHOSEN:
            return False
        return self._accepts(value) and self._fits_path(text)

    def _fits_path(self, text: str) -> bool:
        if self._fits is None or self._fits(text):
            return not self._parameter_is_number or is_integer(text)
        return is_integer(text) and self._fits(int(text))

    def _candidates(self, number: int) -> Iterator[Any]:
        if "string" not in self._kinds:
            yield self._lowest + number - 1
            yield float(number)
            return
        if self._parameter_is_number:
            yield str(number)
        dice = Dice(self._seed << 32 | number)
        text = str(UUID(int=dice.getrandbits(128), version=4))
        if self._constrained:
            generator = self._answering.compile(self._schema, use_examples=False, name="id")
            yield generator.generate(Dice(self._seed << 32 | number))
        yield text
        yield text.replace("-", "")[:12]
        yield str(number)


def _kinds(node: SchemaNode) -> list[str]:
    found = node.find("type")
    kinds = found[0] if found else "string"
    return [str(kind) for kind in kinds] if isinstance(kinds, list) else [str(kinds)]


def _lowest(node: SchemaNode) -> int:
    found = node.find("minimum") or node.find("exclusiveMinimum")
    if found is None or isinstance(found[0], bool) or not isinstance(found[0], int | float):
        return 1
    return max(1, int(found[0]) + (node.find("minimum") is None))


def _is_number(parameter: Located, answering: Answering) -> bool:
    from mockforge_http.render.schema import SchemaNode

    node = SchemaNode(parameter.value, parameter.base, answering.schemas)
    return "string" not in _kinds(node)


def is_integer(text: str) -> bool:
    """Whether ``text`` is a whole number, as long as 64 bits may make it."""
    return _INTEGER.fullmatch(text) is not None
