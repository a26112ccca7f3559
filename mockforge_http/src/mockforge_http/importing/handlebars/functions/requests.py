"""Helpers about the request, as the native templates see it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final

from .collections import lookup
from .documents import Fields
from .values import Listed, text


class Segments(Listed):
    """The segments of a path; prints the path."""

    __slots__ = ()

    def __str__(self) -> str:
        return "/" + "/".join(map(text, self))


def segments(path: Any) -> Segments:
    """The parts of a path between slashes."""
    source = text(path).removeprefix("/")
    return Segments(source.split("/") if source else [])


def segment(path: Any, index: Any) -> Any:
    """One of them, or nothing."""
    return lookup(segments(path), index)


def all_values(fields: Any, name: Any, *further: Any) -> Any:
    """All values of a header, query parameter or cookie, or one of them."""
    found = _values(fields, text(name))
    for each in further:
        return lookup(found, each)
    return found


def values(fields: Any, name: Any, *further: Any) -> Any:
    """The first value, or one of them."""
    found = all_values(fields, name, *further)
    if further or not isinstance(found, Fields):
        return found
    return text(found[0]) if found else None


def _values(fields: Any, name: str) -> Fields:
    value = _get(fields, name)
    if value is None:
        return Fields()
    every = getattr(value, "all", None)
    if callable(every):
        every = every()
    if isinstance(every, list | tuple):
        return Fields(every)
    return Fields(value if isinstance(value, list | tuple) else [text(value)])


def _get(fields: Any, name: str) -> Any:
    if isinstance(fields, Mapping):
        return fields.get(name)
    try:
        return fields[name]
    except (KeyError, TypeError, IndexError, AttributeError):
        return None


def _attribute(request: Any, name: str) -> Any:
    try:
        return request[name]
    except (KeyError, TypeError, IndexError, AttributeError):
        return getattr(request, name, None)


def host_of(request: Any) -> str:
    """The host that was asked for, without the port."""
    return _authority(request)[0]


def port_of(request: Any) -> int:
    """The port that was asked for."""
    return _authority(request)[1]


def _authority(request: Any) -> tuple[str, int]:
    given = values(_attribute(request, "headers"), "host")
    name, colon, port = text(given).rpartition(":")
    if colon and port.isdecimal() and len(port) < 6:
        return name, int(port)
    return text(given), 443 if scheme_of(request) == "https" else 80


def scheme_of(request: Any) -> str:
    """``http`` or ``https``."""
    return text(_attribute(request, "scheme")) or "http"


def base_url(request: Any) -> str:
    """Scheme, host and port."""
    scheme = scheme_of(request)
    host, port = _authority(request)
    usual = {"http": 80, "https": 443}.get(scheme)
    return f"{scheme}://{host}" if port == usual else f"{scheme}://{host}:{port}"


def client_ip(request: Any) -> str:
    """The client's address."""
    client = text(_attribute(request, "client"))
    host, colon, port = client.rpartition(":")
    return host.strip("[]") if colon and port.isdecimal() else client


def body_as_base64(request: Any) -> str:
    """The body in Base64."""
    raw = _attribute(request, "raw")
    if not isinstance(raw, bytes):
        raw = text(_attribute(request, "body")).encode()
    return base64.b64encode(raw).decode()


def is_multipart(request: Any) -> bool:
    """Whether the body is said to have parts."""
    kind = values(_attribute(request, "headers"), "content-type")
    return text(kind).lower().startswith("multipart/")


REQUESTS: Final[Mapping[str, Callable[..., Any]]] = {
    "allValues": all_values,
    "baseUrl": base_url,
    "bodyAsBase64": body_as_base64,
    "clientIp": client_ip,
    "host": host_of,
    "isMultipart": is_multipart,
    "port": port_of,
    "scheme": scheme_of,
    "segment": segment,
    "segments": segments,
    "values": values,
}
