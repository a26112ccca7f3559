"""Why a reference leads nowhere, and what may have been meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import NamedTuple

from mockforge.errors import DocumentError

from .files import DocumentRoot, is_uri, join_base, split_reference
from .limits import Limits
from .pointer import join
from .source import read_source
from .store import Missing, Store


class Explanation(NamedTuple):
    """``code`` of the finding, what is wrong, and what to do about it."""

    code: str
    message: str
    hint: str | None


def explain(
    reference: str, base: str, name: str, store: Store, root: DocumentRoot, limits: Limits
) -> Explanation:
    """Why ``reference``, found under ``base`` in the file ``name``, leads nowhere."""
    try:
        file, tokens = store.target(reference, base)
        store.get(file, tokens)
    except Missing as missing:
        if missing.file is not None:
            return _dangling(f"$ref {reference} leads nowhere", nearest(store, missing))
    location, _ = split_reference(reference)
    if location.lower().startswith("file:"):
        return _dangling(
            f"$ref {reference} names a file by its absolute address",
            "write the path relative to this file",
        )
    if is_uri(location):
        return Explanation(
            "ref-remote",
            f"$ref {reference} names another server; nothing is fetched from there",
            "save a copy beside the document and refer to that",
        )
    return _explain_file(reference, join_base(name, location), root, limits)


def _explain_file(reference: str, target: str, root: DocumentRoot, limits: Limits) -> Explanation:
    try:
        path = root.path_of(target)
    except DocumentError as error:
        return _dangling(f"$ref {reference} {error.message}", error.hint)
    try:
        read_source(path, limits).close()
    except DocumentError as error:
        if error.message == "no such file":
            return _dangling(f"$ref {reference} leads to a file that does not exist", error.hint)
        return _dangling(f"$ref {reference} leads to {path}, which {error.message}", error.hint)
    return _dangling(f"$ref {reference} leads nowhere", None)


def _dangling(message: str, hint: str | None) -> Explanation:
    return Explanation("ref-dangling", message, hint)


def nearest(store: Store, missing: Missing) -> str | None:
    """The existing neighbour whose name is nearest to the one that is missing."""
    if missing.file is None or not missing.tokens:
        return None
    parent = missing.tokens[: missing.found]
    wanted = missing.tokens[missing.found]
    try:
        around = store.get(missing.file, parent)
    except Missing:
        return None
    if not isinstance(around, dict):
        return None
    near = get_close_matches(wanted, list(around)[:5000], n=1, cutoff=0.6)
    if not near:
        # Right name, wrong shelf: `#/definitions/Pet` in a document of OpenAPI 3.
        last = missing.tokens[-1]
        for shelf in ("components/schemas", "components/parameters", "components/responses",
                      "definitions", "parameters", "responses"):  # fmt: skip
            there = (*shelf.split("/"), last)
            if store.exists(missing.file, there):
                return f"did you mean #{join(there)}?"
        return None
    return f"did you mean #{join((*parent, near[0], *missing.tokens[missing.found + 1 :]))}?"
