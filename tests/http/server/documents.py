"""Small documents that the tests of answers are served from."""

from __future__ import annotations

from typing import Any


def document(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An OpenAPI 3.1 document with these paths."""
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths, **more}


def get(*responses: tuple[str, Any], **more: Any) -> dict[str, Any]:
    """A path item whose GET has these responses by status."""
    return {
        "get": {
            "responses": {status: {"description": "d", **body} for status, body in responses},
            **more,
        }
    }


def content(**media: Any) -> dict[str, Any]:
    """``content`` of a response: ``json={...}`` stands for ``application/json``."""
    names = {"json": "application/json", "xml": "application/xml", "text": "text/plain"}
    return {"content": {names.get(name, name): value for name, value in media.items()}}


PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "name": {"type": "string"},
        "email": {"type": "string", "format": "email"},
        "secret": {"type": "string", "writeOnly": True},
    },
}
