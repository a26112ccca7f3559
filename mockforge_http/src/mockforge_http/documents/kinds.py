"""What kind of file this is: which OpenAPI version, or what else it looks like."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Raw

from mockforge.errors import DocumentError, Place

from .index import Version
from .limits import Limits

_SUPPORTED: Final = re.compile(r"(2\.0|3\.[012])(?:\.\d+)?(?:-[\w.]+)?")
_ANNOUNCES: Final = re.compile(rb"""^[ \t{]*["']?(?:openapi|swagger)["']?[ \t]*:""", re.MULTILINE)
_COLLECTION: Final = re.compile(rb"schema\.(?:get)?postman\.com/|\"_postman_id\"")
_OTHER_TEXTS: Final = (
    (re.compile(rb"\s*<(?:!doctype html|html)", re.IGNORECASE), "an HTML page"),
    (re.compile(rb"\s*<(?:\?xml|\w+:definitions|application)", re.IGNORECASE), "an XML file"),
    (re.compile(rb"\s*#%RAML"), "a RAML document"),
    (re.compile(rb"\s*FORMAT:\s*1A"), "an API Blueprint"),
    (re.compile(rb"\s*syntax\s*=\s*[\"']proto"), "a Protocol Buffers file"),
    (re.compile(rb"\s*(?:type|schema|directive)\s+\w*\s*\{"), "a GraphQL schema"),
)
_OTHER_KEYS: Final = (
    ("asyncapi", "an AsyncAPI document"),
    ("arazzo", "an Arazzo document"),
    ("overlay", "an OpenAPI Overlay"),
    ("swaggerVersion", "a Swagger 1.x document"),
    ("apis", "a Swagger 1.x document"),
    ("openrpc", "an OpenRPC document"),
    ("smithy", "a Smithy model"),
    ("_postman_variable_scope", "a Postman environment"),
    ("log", "an HTTP archive (HAR)"),
    ("kind", "a Kubernetes manifest"),
    ("services", "a Compose file"),
    ("__schema", "a GraphQL introspection result"),
    ("mappings", "WireMock stub mappings"),
    ("$schema", "a JSON Schema"),
    ("$defs", "a JSON Schema"),
    ("paths", "an OpenAPI document without its version"),
)
_YAML_ROOT: Final = re.compile(rb"^(?:openapi|swagger|'openapi'|'swagger')\s*:", re.MULTILINE)
_HEAD: Final = 64 * 1024
_HINT: Final = "an OpenAPI document starts with `openapi: 3.1.0` (or `swagger: '2.0'`)"


def announces_openapi(head: bytes) -> bool:
    """Whether the first kilobytes of a file, well-formed or not, name an OpenAPI version."""
    return _ANNOUNCES.search(head) is not None


def is_description(path: Path, limits: Limits) -> bool:
    """Whether the file at ``path`` is an OpenAPI document or a Postman collection by what stands at its root,
    wherever that is: documents with sorted keys name their version late. OSError: it cannot be read."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if announces_openapi(head) or announces_collection(head):
            return True
        if len(head) < _HEAD:
            return False
        data = head + file.read(limits.file_bytes)
    if data.lstrip()[:1] != b"{":
        return _YAML_ROOT.search(data) is not None
    try:
        members = msgspec.json.decode(data, type=dict[str, Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return "openapi" in members or "swagger" in members or is_collection(members)


def announces_collection(head: bytes) -> bool:
    """Whether the first kilobytes of a file, well-formed or not, are those of a Postman collection."""
    return _COLLECTION.search(head) is not None


def is_collection(members: dict[str, Raw]) -> bool:
    """Whether a root object with ``members`` is a Postman collection (versions 1, 2.0 and 2.1), or an
    export of the Postman API that holds one as ``collection``."""
    if "openapi" in members or "swagger" in members:
        return False
    if "item" in members:
        return "info" in members
    if "requests" in members:
        return "order" in members or "folders" in members
    inner = bytes(members.get("collection", b""))
    return inner.startswith(b"{") and b'"item":[' in inner


def look_of_text(head: bytes) -> str | None:
    """What a file that starts with ``head`` looks like, if it is neither JSON nor YAML by its look."""
    return next((kind for pattern, kind in _OTHER_TEXTS if pattern.match(head)), None)


def version_of(members: dict[str, Raw], shown: str) -> tuple[Version, bool]:
    """The OpenAPI version that a root object with ``members`` states, and whether it was written as a
    number (YAML: ``swagger: 2.0`` without quotes).

    DocumentError: it states none (says what the file looks like), or one that is not supported.
    """
    keyword = next((key for key in ("openapi", "swagger") if key in members), None)
    if keyword is None:
        look = _look_of(members)
        raise DocumentError(
            f"is not an OpenAPI document; it looks like {look}"
            if look
            else "is not an OpenAPI document: it has neither `openapi` nor `swagger`",
            place=Place(shown),
            hint=_HINT,
        )
    place = Place(shown, path=f"/{keyword}")
    text = bytes(members[keyword]).decode()
    stated = msgspec.json.decode(members[keyword])
    as_number = isinstance(stated, int | float) and not isinstance(stated, bool)
    if as_number:
        stated = text
    if not isinstance(stated, str):
        raise DocumentError(f"`{keyword}` is not a version: {text[:40]}", place=place, hint=_HINT)
    match = _SUPPORTED.fullmatch(stated.strip())
    version: Any = match[1] if match else None
    if version is None or (keyword == "swagger") != (version == "2.0"):
        raise DocumentError(
            f"{keyword} version {stated.strip()!r} is not supported",
            place=place,
            hint="supported are Swagger 2.0 and OpenAPI 3.0, 3.1 and 3.2",
        )
    return version, as_number


def _look_of(members: dict[str, Raw]) -> str | None:
    for key, kind in _OTHER_KEYS:
        if key in members and (key != "kind" or "apiVersion" in members):
            return kind
    if {"type", "properties"} <= members.keys():
        return "a JSON Schema"
    return None


def check_shape(members: dict[str, Raw], version: Version, shown: str) -> None:
    """DocumentError if the root object has nothing to serve: no ``paths`` (2.0, 3.0), or none of
    ``paths``, ``webhooks`` and ``components`` (3.1 and later)."""
    needed = ("paths",) if version in ("2.0", "3.0") else ("paths", "webhooks", "components")
    present = [key for key in needed if key in members]
    if not present:
        raise DocumentError(
            "has no `paths`" if len(needed) == 1 else f"has none of {', '.join(needed)}",
            place=Place(shown),
            hint="add the paths of the API: `paths: {}` if there are none yet",
        )
    for key in ("paths", "webhooks", "components", "info"):
        if key in members and memoryview(members[key])[0] != 0x7B:
            raise DocumentError(f"`{key}` is not an object", place=Place(shown, path=f"/{key}"))
