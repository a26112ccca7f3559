"""Small collections for the tests of this folder, and what becomes of them."""

from __future__ import annotations

from typing import Any

from mockforge_http.postman import convert
from mockforge_http.postman.reading import Note, Reading

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def collection(*items: Any, **members: Any) -> dict[str, Any]:
    """A collection of ``items``; ``members`` stand beside them."""
    return {"info": {"name": "Pets", "schema": SCHEMA}, "item": list(items), **members}


def item(
    url: Any = "/pets",
    method: str = "GET",
    *responses: dict[str, Any],
    name: str = "",
    beside: dict[str, Any] | None = None,
    **request: Any,
) -> dict[str, Any]:
    """One request with its saved ``responses``; ``request`` are more of its members, ``beside`` those of
    the item."""
    return {
        "name": name,
        "request": {"method": method, "url": url, **request},
        "response": list(responses),
        **(beside or {}),
    }


def folder(name: str, *items: Any, **members: Any) -> dict[str, Any]:
    """A folder."""
    return {"name": name, "item": list(items), **members}


def saved(body: str | None = None, code: Any = 200, **members: Any) -> dict[str, Any]:
    """A saved response; JSON unless ``type`` names another media type."""
    kind = members.pop("type", "application/json")
    header = [{"key": "Content-Type", "value": kind}] if kind else []
    return {"code": code, "header": header + members.pop("header", []), "body": body, **members}


def converted(value: dict[str, Any]) -> tuple[dict[str, Any], list[Note]]:
    """The OpenAPI document made of a collection, and what was noted."""
    reading = Reading("pets.json")
    return convert(value, reading), reading.notes


def document(*items: Any, **members: Any) -> dict[str, Any]:
    """The OpenAPI document made of a collection of ``items``."""
    return converted(collection(*items, **members))[0]


def operation(*items: Any, **members: Any) -> dict[str, Any]:
    """The one operation in the document made of ``items``."""
    ((_, methods),) = document(*items, **members)["paths"].items()
    ((_, found),) = methods.items()
    assert isinstance(found, dict)
    return found


def codes(*items: Any, **members: Any) -> list[str]:
    """The codes of what was noted about ``items``, without the remark about missing responses."""
    notes = converted(collection(*items, **members))[1]
    return [note.code for note in notes if note.code != "postman-unanswered"]
