"""OpenAPI 3.0, 3.1 and 3.2 to the model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from .model import Answer, Body, Credential, Header, Location, Media, Operation, Parameter
from .node import DanglingError, Node, Store
from .paths import path_operations, statuses

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
_UNDECLARABLE_HEADERS = {"accept", "content-type", "authorization"}
"""Parameter objects with these names are ignored (Parameter Object, ``name``)."""


def operations(store: Store, root: Node) -> Iterator[Operation]:
    """Every operation below ``paths``; path items that lead nowhere have none."""
    for item, path, method, node in path_operations(store, root, _methods):
        yield _operation(store, root, item, path, method, node)


def _methods(item: Node) -> Iterator[tuple[str, Node]]:
    for method in METHODS:
        node = item.get(method)
        if node is not None and isinstance(node.value, dict):
            yield method.upper(), node
    others = item.get("additionalOperations")
    if others is not None:
        yield from others.members()


def _operation(
    store: Store, root: Node, item: Node, path: str, method: str, node: Node
) -> Operation:
    return Operation(
        method=method,
        path=path,
        base=_base(node.get("servers") or item.get("servers") or root.get("servers")),
        node=node,
        parameters=partial(_parameters, store, item, node),
        body=partial(_body, store, node),
        statuses=statuses(node),
        answer=partial(_answer, store, node),
        credentials=partial(_credentials, store, root, node),
    )


def _base(servers: Node | None) -> str:
    """Path of the first server, its variables at their defaults."""
    if servers is None or not isinstance(servers.value, list) or not servers.value:
        return ""
    server = servers.value[0]
    url = str(server.get("url", "/"))
    for name, variable in (server.get("variables") or {}).items():
        url = url.replace("{" + name + "}", str(variable.get("default", "")))
    if "://" in url:
        url = "//" + url.partition("://")[2]
    return urlsplit(url).path.rstrip("/")


def _parameters(store: Store, item: Node, node: Node) -> list[Parameter]:
    found: dict[tuple[str, str], Parameter] = {}
    for place in (item, node):
        listed = place.get("parameters")
        for written in listed.elements() if listed else ():
            parameter = _parameter(store, store.follow(written))
            if parameter is not None:
                found[parameter.location, parameter.name] = parameter
    return list(found.values())


def _parameter(store: Store, node: Node) -> Parameter | None:
    name, where = str(node.value["name"]), str(node.value["in"])
    if where == "header" and name.lower() in _UNDECLARABLE_HEADERS:
        return None
    style = str(node.value.get("style") or _STYLES.get(where, "form"))
    location: Location = where  # type: ignore[assignment]  # a word of the document
    content = node.get("content")
    media = next(iter(_media(store, content)), None) if content else None
    return Parameter(
        name=name,
        location=location,
        required=node.value.get("required") is True or where == "path",
        schema=node.get("schema"),
        style=style,
        explode=bool(node.value.get("explode", style in {"form", "cookie"})),
        allow_reserved=node.value.get("allowReserved") is True,
        media=media,
        examples=_examples(store, node),
    )


def _body(store: Store, node: Node) -> Body | None:
    written = node.get("requestBody")
    if written is None:
        return None
    body = store.follow(written)
    media = tuple(_media(store, body.get("content")))
    return Body(body.value.get("required") is True, media) if media else None


def _media(store: Store, content: Node | None) -> Iterator[Media]:
    for name, written in content.members() if content else ():
        node = store.follow(written)
        yield Media(
            name=name,
            schema=node.get("schema"),
            items=node.get("itemSchema"),
            encoding=node.get("encoding"),
            examples=_examples(store, node),
        )


def _examples(store: Store, node: Node) -> tuple[Any, ...]:
    """Values of ``example`` and ``examples`` (``value``; 3.2: ``dataValue``, ``serializedValue``)."""
    found = (
        [node.value["example"]] if isinstance(node.value, dict) and "example" in node.value else []
    )
    named = node.get("examples")
    for _, written in named.members() if named else ():
        try:
            example = store.follow(written).value
        except DanglingError:
            continue
        if not isinstance(example, dict):
            continue
        found += [example[key] for key in ("value", "dataValue") if key in example]
        if "serializedValue" in example:
            found.append(_parsed(example["serializedValue"]))
    return tuple(found)


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text


def _answer(store: Store, node: Node, status: str) -> Answer:
    written = node.child("responses").child(status)
    response = store.follow(written)
    headers = response.get("headers")
    return Answer(
        key=status,
        media=tuple(_media(store, response.get("content"))),
        headers=tuple(
            _header(store, name, store.follow(header))
            for name, header in (headers.members() if headers else ())
            if name.lower() != "content-type"  # ignored: Response Object, `headers`
        ),
    )


def _header(store: Store, name: str, node: Node) -> Header:
    content = node.get("content")
    return Header(
        name=name,
        required=node.value.get("required") is True,
        schema=node.get("schema"),
        explode=node.value.get("explode") is True,
        media=next(iter(_media(store, content)), None) if content else None,
    )


def _credentials(store: Store, root: Node, node: Node) -> list[Credential]:
    """The schemes of the first alternative that asks for any."""
    wanted = node.value.get("security", root.value.get("security")) or []
    alternative: dict[str, Any] = next((entry for entry in wanted if entry), {})
    components = root.get("components")
    schemes = components.get("securitySchemes") if components else None
    found = []
    for name in alternative:
        scheme = schemes.get(name) if schemes else None
        if scheme is None:
            raise DanglingError(f"security scheme {name!r} is not declared")
        found.append(_credential(store.follow(scheme).value))
    return found


def _credential(scheme: Any) -> Credential:
    kind = scheme.get("type")
    if kind == "apiKey":
        return Credential("apiKey", scheme["name"], scheme["in"])
    if kind == "http":
        return Credential(str(scheme.get("scheme", "basic")).lower())
    return Credential("none" if kind == "mutualTLS" else "bearer")
