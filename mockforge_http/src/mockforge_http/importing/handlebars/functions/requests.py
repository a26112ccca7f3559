"""Helpers about the request, as the native templates see it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from .collections import lookup
from .documents import Fields
from .values import HelperError, Listed, Mapped, text

if TYPE_CHECKING:
    from mockforge.mocking.matching import Content


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
    """All values of a header, query parameter or cookie, or one of them; prints the first."""
    found = _values(fields, text(name))
    for each in further:
        return lookup(found, each)
    return found


def _values(fields: Any, name: str) -> Fields:
    value = _get(fields, name)
    if value is None:
        return Fields()
    every = _get(fields, "all")
    if isinstance(every, Mapping) and isinstance(every.get(name), list):
        return Fields(every[name])
    return Fields(value if isinstance(value, list | tuple) else [text(value)])


def _get(fields: Any, name: str) -> Any:
    try:
        return fields[name]
    except (KeyError, TypeError, IndexError):
        return None


def _attribute(request: Any, name: str) -> Any:
    return _get(request, name)


def host_of(request: Any) -> str:
    """The host that was asked for, without the port."""
    return _authority(request)[0]


def port_of(request: Any) -> int:
    """The port that was asked for."""
    return _authority(request)[1]


def _authority(request: Any) -> tuple[str, int]:
    given = text(_attribute(request, "host"))
    name, colon, port = given.rpartition(":")
    if colon and port.isdecimal() and len(port) < 6:
        return name, int(port)
    return given, 443 if scheme_of(request) == "https" else 80


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
    return base64.b64encode(_content(request).raw).decode()


def parts_of(request: Any) -> Mapped:
    """The parts of a multipart body by name: each has ``name``, ``headers``, ``body``, ``bodyAsBase64`` and
    ``binary``."""
    made = Mapped()
    for part in _content(request).parts:
        octets = part.content.raw
        made[part.name or ""] = {
            "name": part.name,
            "fileName": part.filename,
            "headers": {name.lower(): Fields([value]) for name, value in part.headers.items()},
            "body": part.content.text,
            "bodyAsBase64": base64.b64encode(octets).decode(),
            "binary": b"\0" in octets,
        }
    return made


def _content(request: Any) -> Content:
    content = getattr(request, "content", None)
    if content is None:
        raise HelperError("this is no request")
    return cast("Content", content)


def is_multipart(request: Any) -> bool:
    """Whether the body is said to have parts."""
    kind = _get(_attribute(request, "headers"), "content-type")
    return text(kind).lower().startswith("multipart/")


REQUESTS: Final[Mapping[str, Callable[..., Any]]] = {
    "allValues": all_values,
    "baseUrl": base_url,
    "bodyAsBase64": body_as_base64,
    "clientIp": client_ip,
    "host": host_of,
    "isMultipart": is_multipart,
    "parts": parts_of,
    "port": port_of,
    "scheme": scheme_of,
    "segment": segment,
    "segments": segments,
}
