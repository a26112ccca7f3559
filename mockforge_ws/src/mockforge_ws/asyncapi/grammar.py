"""The objects of AsyncAPI 3.0 and 3.1: which fields each has, and of what kind.

Names are those of the specification, in camel case. A field is of a plain type, an object, a map or a list
of objects, a schema, or a reference that may not be anything else. Where an object is expected, a reference
to one does as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

Shape = Literal[
    "text",
    "flag",
    "any",
    "texts",
    "object",
    "map",
    "list",
    "ref",
    "refs",
    "schema",
    "schemas",
    "expression",
    "address",
    "oneof",
]


class Field(NamedTuple):
    """``of`` is the object that is meant (of each, in maps and lists), ``choices`` those of a text."""

    shape: Shape
    of: str = ""
    choices: tuple[str, ...] = ()


class Kind(NamedTuple):
    """``required`` fields, all ``fields``, and whether it may have others (``open``)."""

    fields: Mapping[str, Field]
    required: tuple[str, ...] = ()
    open: bool = False


TEXT, FLAG, ANY = Field("text"), Field("flag"), Field("any")
SCHEMA = Field("schema")


def _object(of: str) -> Field:
    return Field("object", of)


def _map(of: str) -> Field:
    return Field("map", of)


def _list(of: str) -> Field:
    return Field("list", of)


_DESCRIBED: Final = {"title": TEXT, "summary": TEXT, "description": TEXT}
_TAGGED: Final = {"tags": _list("tag"), "externalDocs": _object("externalDocs")}
_OPERATION: Final = {
    **_DESCRIBED,
    **_TAGGED,
    "security": _list("securityScheme"),
    "bindings": _object("bindings"),
}
_MESSAGE: Final = {
    **_DESCRIBED,
    **_TAGGED,
    "name": TEXT,
    "headers": SCHEMA,
    "correlationId": _object("correlationId"),
    "contentType": TEXT,
    "deprecated": FLAG,
    "bindings": _object("bindings"),
    "examples": _list("messageExample"),
}

OBJECTS: Final[Mapping[str, Kind]] = {
    "document": Kind(
        {
            "asyncapi": ANY,
            "id": TEXT,
            "info": _object("info"),
            "servers": _map("server"),
            "defaultContentType": TEXT,
            "channels": _map("channel"),
            "operations": _map("operation"),
            "components": _object("components"),
        },
        ("asyncapi", "info"),
    ),
    "info": Kind(
        {
            "title": TEXT,
            "version": TEXT,
            "description": TEXT,
            "termsOfService": TEXT,
            "contact": _object("contact"),
            "license": _object("license"),
            **_TAGGED,
        },
        ("title", "version"),
    ),
    "contact": Kind({"name": TEXT, "url": TEXT, "email": TEXT}),
    "license": Kind({"name": TEXT, "url": TEXT}, ("name",)),
    "server": Kind(
        {
            "host": TEXT,
            "protocol": TEXT,
            "protocolVersion": TEXT,
            "pathname": TEXT,
            **_DESCRIBED,
            **_TAGGED,
            "variables": _map("serverVariable"),
            "security": _list("securityScheme"),
            "bindings": _object("bindings"),
        },
        ("host", "protocol"),
    ),
    "serverVariable": Kind(
        {"enum": Field("texts"), "default": TEXT, "description": TEXT, "examples": Field("texts")}
    ),
    "channel": Kind(
        {
            "address": Field("address"),
            "messages": _map("message"),
            **_DESCRIBED,
            **_TAGGED,
            "servers": Field("refs", "server"),
            "parameters": _map("parameter"),
            "bindings": _object("channelBindings"),
        }
    ),
    "parameter": Kind(
        {
            "enum": Field("texts"),
            "default": TEXT,
            "description": TEXT,
            "examples": Field("texts"),
            "location": Field("expression"),
        }
    ),
    "channelBindings": Kind({"ws": _object("wsChannelBinding")}, open=True),
    "wsChannelBinding": Kind(
        {
            "method": Field("oneof", choices=("GET", "POST")),
            "query": SCHEMA,
            "headers": SCHEMA,
            "bindingVersion": TEXT,
        }
    ),
    "bindings": Kind({}, open=True),
    "operation": Kind(
        {
            **_OPERATION,
            "action": Field("oneof", choices=("send", "receive")),
            "channel": Field("ref", "channel"),
            "messages": Field("refs", "message"),
            "traits": _list("operationTrait"),
            "reply": _object("operationReply"),
        },
        ("action", "channel"),
    ),
    "operationTrait": Kind(_OPERATION),
    "operationReply": Kind(
        {
            "address": _object("operationReplyAddress"),
            "channel": Field("ref", "channel"),
            "messages": Field("refs", "message"),
        }
    ),
    "operationReplyAddress": Kind(
        {"description": TEXT, "location": Field("expression")}, ("location",)
    ),
    "message": Kind({**_MESSAGE, "payload": SCHEMA, "traits": _list("messageTrait")}),
    "messageTrait": Kind(_MESSAGE),
    "messageExample": Kind({"name": TEXT, "summary": TEXT, "headers": ANY, "payload": ANY}),
    "correlationId": Kind({"description": TEXT, "location": Field("expression")}, ("location",)),
    "tag": Kind(
        {"name": TEXT, "description": TEXT, "externalDocs": _object("externalDocs")}, ("name",)
    ),
    "externalDocs": Kind({"description": TEXT, "url": TEXT}, ("url",)),
    "securityScheme": Kind({"type": TEXT, "description": TEXT}, ("type",), open=True),
    "components": Kind(
        {
            "schemas": Field("schemas"),
            "servers": _map("server"),
            "channels": _map("channel"),
            "operations": _map("operation"),
            "messages": _map("message"),
            "securitySchemes": _map("securityScheme"),
            "serverVariables": _map("serverVariable"),
            "parameters": _map("parameter"),
            "correlationIds": _map("correlationId"),
            "replies": _map("operationReply"),
            "replyAddresses": _map("operationReplyAddress"),
            "externalDocs": _map("externalDocs"),
            "tags": _map("tag"),
            "operationTraits": _map("operationTrait"),
            "messageTraits": _map("messageTrait"),
            "serverBindings": _map("bindings"),
            "channelBindings": _map("channelBindings"),
            "operationBindings": _map("bindings"),
            "messageBindings": _map("bindings"),
        }
    ),
}

MOVED: Final[Mapping[tuple[str, str], str]] = {
    ("server", "url"): "AsyncAPI 3 has `host` and `pathname` in place of it",
    ("channel", "publish"): "AsyncAPI 3 has `operations` at the root in place of it",
    ("channel", "subscribe"): "AsyncAPI 3 has `operations` at the root in place of it",
    ("operation", "message"): "AsyncAPI 3 has `messages`, a list of references, in place of it",
    ("operation", "operationId"): "in AsyncAPI 3 the key of an operation is its id",
    ("message", "schemaFormat"): "in AsyncAPI 3 it stands in the payload, beside `schema`",
    ("parameter", "schema"): "parameters of AsyncAPI 3 are texts: they have `enum` and `default`",
    ("document", "tags"): "in AsyncAPI 3 it stands in `info`",
    ("document", "externalDocs"): "in AsyncAPI 3 it stands in `info`",
}
"""What AsyncAPI 2 had, and where it went."""
