"""OpenAPI 2.0 (Swagger) to the model."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from .model import Answer, Body, Credential, Header, Location, Media, Operation, Parameter
from .node import DanglingError, Node, Store, made
from .paths import path_operations, statuses

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_COLLECTIONS = {
    "csv": ("form", False),
    "ssv": ("spaceDelimited", False),
    "tsv": ("tabDelimited", False),
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
}


def operations(store: Store, root: Node) -> Iterator[Operation]:
    """Every operation below ``paths``; path items that lead nowhere have none."""
    for item, path, method, node in path_operations(store, root, _methods):
        yield _operation(store, root, item, path, method, node)


def _methods(item: Node) -> Iterator[tuple[str, Node]]:
    for method in METHODS:
        node = item.get(method)
        if node is not None:
            yield method.upper(), node


def _operation(
    store: Store, root: Node, item: Node, path: str, method: str, node: Node
) -> Operation:
    return Operation(
        method=method,
        path=path,
        base=str(root.value.get("basePath") or "").rstrip("/"),
        node=node,
        parameters=lambda: [
            parameter
            for written in _declared(store, item, node)
            if (parameter := _parameter(written)) is not None
        ],
        body=partial(_body, store, root, item, node),
        statuses=statuses(node),
        answer=partial(_answer, store, root, node),
        credentials=partial(_credentials, root, node),
    )


def _declared(store: Store, item: Node, node: Node) -> list[Node]:
    found: dict[tuple[str, str], Node] = {}
    for place in (item, node):
        listed = place.get("parameters")
        for written in listed.elements() if listed else ():
            parameter = store.follow(written)
            found[str(parameter.value["in"]), str(parameter.value["name"])] = parameter
    return list(found.values())


def _parameter(node: Node) -> Parameter | None:
    where = str(node.value["in"])
    if where in {"body", "formData"}:
        return None
    location: Location = where  # type: ignore[assignment]  # a word of the document
    style, explode = _COLLECTIONS.get(str(node.value.get("collectionFormat")), ("form", False))
    if style == "form" and location in {"path", "header"}:
        style = "simple"
    return Parameter(
        name=str(node.value["name"]),
        location=location,
        required=node.value.get("required") is True or where == "path",
        schema=made(_field(node.value), node),
        style=style,
        explode=explode,
        examples=(node.value["x-example"],) if "x-example" in node.value else (),
    )


def _body(store: Store, root: Node, item: Node, node: Node) -> Body | None:
    declared = _declared(store, item, node)
    consumes = node.value.get("consumes", root.value.get("consumes")) or []
    for parameter in declared:
        if parameter.value["in"] == "body":
            names = consumes or ["application/json"]
            return Body(
                parameter.value.get("required") is True,
                tuple(Media(name, parameter.get("schema")) for name in names),
            )
    fields = [parameter for parameter in declared if parameter.value["in"] == "formData"]
    if not fields:
        return None
    return _form(fields, [name for name in consumes if "form" in name])


def _form(fields: list[Node], consumes: list[str]) -> Body:
    """``formData`` parameters as the object schema that they describe."""
    required = [parameter.value["name"] for parameter in fields if parameter.value.get("required")]
    files = any(parameter.value.get("type") == "file" for parameter in fields)
    schema: dict[str, Any] = {
        "type": "object",
        "required": required,
        "properties": {parameter.value["name"]: _field(parameter.value) for parameter in fields},
    }
    encoding = {
        parameter.value["name"]: {"style": style, "explode": explode}
        for parameter in fields
        if parameter.value.get("type") == "array"
        for style, explode in [
            _COLLECTIONS.get(str(parameter.value.get("collectionFormat")), ("form", False))
        ]
    }
    name = "multipart/form-data" if files else "application/x-www-form-urlencoded"
    if consumes and name not in consumes:
        name = consumes[0]
    holder = made({"schema": schema, "encoding": encoding}, fields[0])
    return Body(
        bool(required), (Media(name, holder.child("schema"), None, holder.child("encoding")),)
    )


def _field(parameter: dict[str, Any]) -> dict[str, Any]:
    """The schema in a parameter that is not in the body."""
    schema = {
        key: value for key, value in parameter.items() if key not in {"required", "name", "in"}
    }
    if schema.get("type") == "file":
        return {"type": "string", "format": "binary"}
    return schema


def _answer(store: Store, root: Node, node: Node, status: str) -> Answer:
    response = store.follow(node.child("responses").child(status))
    examples = response.value.get("examples") or {}
    schema = response.get("schema")
    headers = response.get("headers")
    produces = node.value.get("produces", root.value.get("produces")) or []
    # No schema: no content, unless there is an example of it.
    names = list(examples)
    if schema is not None:
        names = list(produces) or names or ["*/*"]
    return Answer(
        key=status,
        media=tuple(
            Media(name, schema, examples=(examples[name],) if name in examples else ())
            for name in names
        ),
        headers=tuple(
            Header(name, required=False, schema=header)
            for name, header in (headers.members() if headers else ())
            if name.lower() != "content-type"
        ),
    )


def _credentials(root: Node, node: Node) -> list[Credential]:
    """The schemes of the first alternative that asks for any."""
    wanted = node.value.get("security", root.value.get("security")) or []
    alternative: dict[str, Any] = next((entry for entry in wanted if entry), {})
    schemes = root.value.get("securityDefinitions") or {}
    found = []
    for name in alternative:
        scheme = schemes.get(name)
        if scheme is None:
            raise DanglingError(f"security scheme {name!r} is not declared")
        if scheme.get("type") == "apiKey":
            found.append(Credential("apiKey", scheme["name"], scheme["in"]))
        else:
            found.append(Credential("basic" if scheme.get("type") == "basic" else "bearer"))
    return found
