"""Documents with collections of different shapes."""

from __future__ import annotations

from typing import Any

from tests.http.server.documents import content, document


def answer(schema: Any, **more: Any) -> dict[str, Any]:
    """A response with this schema in JSON."""
    return {"description": "d", **content(json={"schema": schema}), **more}


def body(schema: Any, media_type: str = "application/json") -> dict[str, Any]:
    """A request body with this schema."""
    return {"required": True, "content": {media_type: {"schema": schema}}}


def parameter(name: str, schema: Any, where: str = "query") -> dict[str, Any]:
    """A parameter."""
    return {"name": name, "in": where, "required": where == "path", "schema": schema}


USER = {
    "type": "object",
    "required": ["id", "name", "created"],
    "properties": {
        "id": {"type": "integer", "minimum": 1, "readOnly": True},
        "name": {"type": "string", "minLength": 1},
        "email": {"type": "string", "format": "email"},
        "nick": {"type": ["string", "null"]},
        "role": {"enum": ["admin", "guest"]},
        "password": {"type": "string", "writeOnly": True},
        "created": {"type": "string", "format": "date-time", "readOnly": True},
        "address": {
            "type": "object",
            "properties": {
                "city": {"type": "string"},
                "zone": {"type": "string", "readOnly": True},
                "door": {"type": "string", "writeOnly": True},
            },
        },
    },
}
ERROR = {
    "type": "object",
    "required": ["code", "message", "trace"],
    "properties": {
        "code": {"type": "integer"},
        "message": {"type": "string"},
        "trace": {"type": "string", "format": "uuid"},
    },
}
_REF = {"$ref": "#/components/schemas/User"}
_MISSING = {"404": answer({"$ref": "#/components/schemas/Error"})}
_ID = parameter("userId", {"type": "integer"}, "path")
_HEADERS = {
    "X-Total-Count": {"schema": {"type": "integer"}},
    "Link": {"schema": {"type": "string"}},
}


def users(**more: Any) -> dict[str, Any]:
    """Users, bare, in a list with pages by number; posts below a user, wrapped."""
    paths = {
        "/users": {
            "get": {
                "parameters": [
                    parameter("page", {"type": "integer", "minimum": 1}),
                    parameter("per_page", {"type": "integer", "default": 2}),
                    parameter("role", {"type": "string"}),
                    parameter("name", {"type": "array", "items": {"type": "string"}}),
                    parameter("sort", {"type": "string"}),
                ],
                "responses": {
                    "200": answer({"type": "array", "items": _REF}, headers=_HEADERS),
                },
            },
            "post": {
                "requestBody": body(_REF),
                "responses": {
                    "201": answer(_REF, headers={"Location": {"schema": {"type": "string"}}})
                },
            },
        },
        "/users/{userId}": {
            "parameters": [_ID],
            "get": {"responses": {"200": answer(_REF), **_MISSING}},
            "put": {"requestBody": body(_REF), "responses": {"200": answer(_REF), **_MISSING}},
            "patch": {
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"type": "object"}},
                        "application/merge-patch+json": {"schema": {"type": "object"}},
                        "application/json-patch+json": {"schema": {"type": "array"}},
                    }
                },
                "responses": {"200": answer(_REF), **_MISSING},
            },
            "delete": {"responses": {"204": {"description": "gone"}, **_MISSING}},
        },
        "/users/{userId}/posts": {
            "parameters": [_ID],
            "get": {
                "parameters": [
                    parameter("limit", {"type": "integer"}),
                    parameter("cursor", {"type": "string"}),
                ],
                "responses": {
                    "200": answer(
                        {
                            "type": "object",
                            "required": ["data", "meta"],
                            "properties": {
                                "data": {"type": "array", "items": POST},
                                "meta": {
                                    "type": "object",
                                    "required": ["total", "next_cursor"],
                                    "properties": {
                                        "total": {"type": "integer"},
                                        "next_cursor": {"type": ["string", "null"]},
                                        "has_more": {"type": "boolean"},
                                    },
                                },
                            },
                        }
                    ),
                    **_MISSING,
                },
            },
            "post": {
                "requestBody": body({"type": "object", "properties": {"post": NEW_POST}}),
                "responses": {"201": answer(WRAPPED_POST), **_MISSING},
            },
        },
        "/users/{userId}/posts/{postId}": {
            "parameters": [_ID, parameter("postId", {"type": "string"}, "path")],
            "get": {"responses": {"200": answer(WRAPPED_POST), **_MISSING}},
            "delete": {
                "responses": {
                    "200": answer(
                        {
                            "type": "object",
                            "required": ["id", "deleted"],
                            "properties": {
                                "id": {"type": "string"},
                                "deleted": {"type": "boolean"},
                            },
                        }
                    )
                }
            },
        },
        "/health": {"get": {"responses": {"200": answer({"const": "fine"})}}},
    }
    return document(paths, components={"schemas": {"User": USER, "Error": ERROR}}, **more)


NEW_POST: dict[str, Any] = {
    "type": "object",
    "required": ["title"],
    "properties": {"title": {"type": "string"}},
}
POST: dict[str, Any] = {
    "type": "object",
    "required": ["id", "title", "userId"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "title": {"type": "string"},
        "userId": {"type": "integer"},
    },
}
WRAPPED_POST: dict[str, Any] = {
    "type": "object",
    "required": ["post"],
    "properties": {"post": POST},
}
