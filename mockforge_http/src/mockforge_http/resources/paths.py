"""Which paths of a document may be a collection with its items: told from the paths alone, so that nothing
has to be decoded before it is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, NamedTuple

from mockforge_http.documents import OperationRef

Role = Literal["list", "find", "create", "set", "read", "replace", "change", "delete"]
"""What an operation does to a collection. ``find`` is a further list below the collection
(``/pet/findByStatus``); ``set`` changes an item that the body names (``PUT /pet``)."""

_ITEM: Final = re.compile(r"(?P<parent>.*)/\{(?P<name>[^{}/]+)\}(?P<suffix>(?:\.\w+)?/?)")
_EXPRESSION: Final = re.compile(r"\{[^{}/]+\}")


class Member(NamedTuple):
    """An operation with its role in a collection."""

    role: Role
    ref: OperationRef


class Candidate(NamedTuple):
    """What looks like a collection.

    ``path`` is the template of the collection, ``item`` that of an item (``path``, the parameter
    ``parameter``, ``suffix``), ``depth`` the number of parameters before the last.
    """

    path: str
    item: str
    parameter: str
    suffix: str
    depth: int
    members: tuple[Member, ...]

    def of(self, role: Role) -> list[OperationRef]:
        """The operations with this role."""
        return [member.ref for member in self.members if member.role == role]

    def holds(self, other: Candidate) -> bool:
        """Whether ``other`` is a collection below an item of this one."""
        return blank(other.path).startswith(blank(self.item) + "/")


def blank(template: str) -> str:
    """``template`` with the names of its parameters left out: what is equal matches the same paths."""
    return _EXPRESSION.sub("{}", template)


def candidates(refs: Iterable[OperationRef], *, declared: Iterable[str] = ()) -> list[Candidate]:
    """The candidates among the operations of one document, in its order: pairs of paths ``/pets`` and
    ``/pets/{id}`` of which an item can be read and there is a way to make one. ``declared`` are paths
    that are collections whether they can be filled by requests or not."""
    by_path: dict[str, dict[str, OperationRef]] = {}
    for ref in refs:
        if "?" not in ref.template and "#" not in ref.template:
            by_path.setdefault(ref.template, {})[ref.method] = ref
    wanted = {blank(path.rstrip("/")) for path in declared}
    found: dict[str, Candidate] = {}
    for template, methods in by_path.items():
        match = _ITEM.fullmatch(template)
        if match is None or "GET" not in methods:
            continue
        path = _collection_path(match["parent"], match["suffix"], by_path)
        above = by_path.get(path, {})
        explicit = blank(path.rstrip("/")) in wanted
        if path in found or not (explicit or "POST" in above or "PUT" in methods):
            continue
        members = (*_members(above, methods), *_finders(path, by_path))
        depth = len(_EXPRESSION.findall(path))
        suffix = match["suffix"]
        found[path] = Candidate(path, template, match["name"], suffix, depth, members)
    return list(found.values())


def _collection_path(parent: str, suffix: str, known: Mapping[str, object]) -> str:
    for path in (parent + suffix, parent, parent + "/"):
        if path in known:
            return path
    return parent or "/"


def _members(
    above: Mapping[str, OperationRef], item: Mapping[str, OperationRef]
) -> Iterator[Member]:
    roles: tuple[tuple[Mapping[str, OperationRef], str, Role], ...] = (
        (above, "GET", "list"),
        (above, "POST", "create"),
        (above, "PUT", "set"),
        (above, "PATCH", "set"),
        (item, "GET", "read"),
        (item, "PUT", "replace"),
        (item, "PATCH", "change"),
        (item, "POST", "change"),
        (item, "DELETE", "delete"),
    )
    for methods, method, role in roles:
        if method in methods:
            yield Member(role, methods[method])


def _finders(path: str, by_path: Mapping[str, Mapping[str, OperationRef]]) -> Iterator[Member]:
    """GET operations one literal segment below the collection."""
    prefix = path.rstrip("/") + "/"
    for template, methods in by_path.items():
        rest = template.removeprefix(prefix)
        if rest != template and rest and "/" not in rest and "{" not in rest and "GET" in methods:
            yield Member("find", methods["GET"])
