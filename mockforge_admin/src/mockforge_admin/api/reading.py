"""From the text of a request to what an endpoint asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from mockforge.nearest import nearest
from mockforge_admin.api.endpoints import ApiError, Endpoint


def read_query(endpoint: Endpoint, pairs: Sequence[tuple[str, str]]) -> Any:
    """The endpoint's query struct made of ``pairs``. ApiError 400: unknown, repeated or wrong parameters."""
    struct = endpoint.query
    known = () if struct is None else struct.__struct_encode_fields__
    given: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            near = nearest(name, known)
            listed = ", ".join(known) or "none"
            raise ApiError(
                400,
                "unknown-parameter",
                f"There is no query parameter {name!r} here.",
                hint=f"did you mean {near}?" if near else f"there are: {listed}",
                parameter=name,
            )
        if name in given:
            raise ApiError(
                400,
                "wrong-parameter",
                f"The query parameter {name!r} is given twice.",
                parameter=name,
            )
        given[name] = value
    if struct is None:
        return None
    try:
        query = msgspec.convert(given, struct, strict=False)
    except msgspec.ValidationError as error:
        message, parameter = _placed(error)
        raise ApiError(400, "wrong-parameter", message, parameter=parameter) from None
    for name, value in given.items():
        if getattr(query, name) is None:  # msgspec reads the word null as such
            raise ApiError(
                400, "wrong-parameter", f"Expected another value than {value!r}.", parameter=name
            )
    return query


def read_body(endpoint: Endpoint, body: bytes) -> Any:
    """The endpoint's body type made of ``body``. ApiError 400 where it is no JSON, 422 if it does not fit."""
    if endpoint.body is None:
        return None
    if not body and (endpoint.body_required or endpoint.body is not bytes):
        if endpoint.body_required:
            raise ApiError(400, "body-missing", "The request has no body, and should have one.")
        return None
    if endpoint.body is bytes:
        return body
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ApiError(400, "not-json", f"The body is no JSON: {error}.") from None
    if endpoint.body is Any:
        return value
    try:
        return msgspec.convert(value, endpoint.body)
    except msgspec.ValidationError as error:
        try:
            return msgspec.convert(_whole_numbers(value), endpoint.body)
        except msgspec.ValidationError:
            pass  # the first error says more
        message, pointer = _placed(error)
        raise ApiError(422, "wrong-body", message, pointer=pointer) from None


def _whole_numbers(value: Any) -> Any:
    """``value`` with 22 for 22.0: to JSON Schema both are integers (section 4.2.3)."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole_numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(each) for each in value]
    return value


def _placed(error: msgspec.ValidationError) -> tuple[str, str]:
    """msgspec's message and the path in it, apart."""
    message, _, path = str(error).partition(" - at `$")
    return f"{message}.", path.removesuffix("`").lstrip(".")
