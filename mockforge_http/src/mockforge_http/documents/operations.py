"""Which operations a document has: a list made once, when the document is prepared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from mockforge.errors import DocumentError

from .index import OperationLists, OperationRef, Version
from .pointer import Tokens, join, split
from .report import Report
from .servers import base_paths
from .store import Missing, Store

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class ItemStep(NamedTuple):
    """A Path Item Object on the way along its references: the first step is what is listed, each
    further one what the one before refers to. Members of earlier steps win."""

    item: dict[str, Any]
    file: str
    tokens: Tokens


def item_steps(store: Store, file: str, tokens: Tokens) -> list[ItemStep]:
    """The Path Item Object at ``tokens`` of ``file`` and those it refers to.

    DocumentError: the references lead nowhere or in a circle, or it is not an object.
    """
    steps: list[ItemStep] = []
    seen: set[tuple[str, Tokens]] = set()
    while True:
        if (file, tokens) in seen:
            raise DocumentError(f"the path item #{join(tokens)} refers to itself")
        seen.add((file, tokens))
        try:
            item = store.get(file, tokens)
        except Missing:
            raise DocumentError(f"the path item #{join(tokens)} leads nowhere") from None
        if not isinstance(item, dict):
            raise DocumentError(f"the path item #{join(tokens)} is not an object")
        steps.append(ItemStep(item, file, tokens))
        reference = item.get("$ref")
        if not isinstance(reference, str):
            return steps
        try:
            file, tokens = store.target(reference, file)
        except Missing:
            raise DocumentError(f"$ref {reference} leads nowhere") from None


def operations_of(
    store: Store, file: str, tokens: Tokens, template: str, version: Version
) -> Iterator[OperationRef]:
    """The operations of the path item at ``tokens`` of ``file``; DocumentError as for
    :func:`item_steps`, or if an operation is not an object."""
    seen: set[str] = set()
    steps = item_steps(store, file, tokens)
    shared = next((step.item["servers"] for step in steps if step.item.get("servers")), None)
    for step in steps:
        for method, at in _methods(step.item, version):
            if method in seen:
                continue
            seen.add(method)
            there = step.tokens + at
            value, _ = store.follow(store.get(step.file, there), step.file)
            if not isinstance(value, dict):
                raise DocumentError(f"the operation #{join(there)} is not an object")
            operation_id = value.get("operationId")
            tags = value.get("tags")
            yield OperationRef(
                template=template,
                method=method,
                base=step.file,
                pointer=join(there),
                item_base=file,
                item=join(tokens),
                operation_id=operation_id if isinstance(operation_id, str) else None,
                tags=tuple(tag for tag in tags if isinstance(tag, str))
                if isinstance(tags, list)
                else (),
                base_paths=base_paths(value.get("servers") or shared) or None
                if version != "2.0"
                else None,
            )


def _methods(item: dict[str, Any], version: Version) -> Iterator[tuple[str, Tokens]]:
    for key in _METHODS:
        if item.get(key) is not None:
            yield key.upper(), (key,)
    if version == "3.2":
        if item.get("query") is not None:
            yield "QUERY", ("query",)
        others = item.get("additionalOperations")
        if isinstance(others, dict):
            for method, value in others.items():
                if value is not None and not method.startswith("x-"):
                    yield method, ("additionalOperations", method)


def path_items(store: Store, entry: str, keyword: str) -> Iterator[tuple[str, str, Tokens]]:
    """Name, file and tokens of every path item below ``keyword`` (``paths`` or ``webhooks``)."""
    file: str = entry
    tokens: Tokens = (keyword,)
    try:
        names = store.keys(file, tokens)
        if "$ref" in names:
            reference = store.get(file, (*tokens, "$ref"))
            if isinstance(reference, str):
                file, tokens = store.target(reference, file)
                names = store.keys(file, tokens)
    except Missing:
        return
    for name in names:
        if not name.startswith("x-"):
            yield name, file, (*tokens, name)


def list_operations(
    store: Store,
    entry: str,
    version: Version,
    report: Report,
    shown: Callable[[str], str],
) -> OperationLists:
    """Every operation and every webhook, in the order of the document. What cannot be served is left
    out and reported."""
    lists = OperationLists([], [])
    for keyword, into in (("paths", lists.operations), ("webhooks", lists.webhooks)):
        for name, file, tokens in path_items(store, entry, keyword):
            if keyword == "paths" and not name.startswith("/"):
                report.add(
                    "path-relative",
                    f"the path {name!r} does not start with '/'; it is left out",
                    shown(file),
                    tokens,
                    severity="warning",
                )
                continue
            try:
                into.extend(operations_of(store, file, tokens, name, version))
            except DocumentError as error:
                report.add("path-item", error.message, shown(file), tokens, hint=error.hint)
    if not lists.operations and version in ("2.0", "3.0"):
        report.add(
            "no-operations",
            "has no operations: there is nothing to answer",
            shown(entry),
            ("paths",),
            severity="warning",
        )
    return lists


def item_tokens(reference: OperationRef) -> Tokens:
    """The tokens that lead to the path item under which an operation is listed."""
    return split(reference.item)
