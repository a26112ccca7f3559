"""What becomes of header fields between client and upstream server (RFC 9110 section 7.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from mockforge.mocking.exchange import RawHeaders, Request
from mockforge.upstreams.address import Origin
from mockforge.upstreams.fields import field_value, of_the_connection
from mockforge_http.upstreams import PORTS

_WRITTEN_HERE: Final = frozenset({b"content-length", b"expect", b"host", b"via"})
_HAVE_CONTENT: Final = frozenset({"PATCH", "POST", "PUT"})
"""Methods whose requests say that they have no content (RFC 9110 section 8.6)."""
_POINTERS: Final = frozenset({"content-location", "location"})


def request_fields(
    request: Request,
    origin: Origin,
    *,
    via: bytes,
    headers: Mapping[str, str],
    preserve_host: bool,
    drop: Iterable[bytes] = (),
) -> RawHeaders:
    """The fields to send to ``origin``, in the client's order and spelling.

    Fields of the connection are taken out, ``via`` is added, and ``headers`` replace what the client sent
    under these names. ``drop`` names further fields (lower case) to leave out.
    """
    ours = {name.lower().encode("latin-1"): (name, value) for name, value in headers.items()}
    gone = (
        of_the_connection(request.fields.get(b"connection", b"")) | _WRITTEN_HERE | {*drop, *ours}
    )
    host = origin.authority.encode("ascii")
    if preserve_host:
        host = request.fields.get(b"host") or host
    fields = [] if b"host" in ours else [(b"Host", host)]
    fields += [(name, value) for name, value in request.raw_headers if name.lower() not in gone]
    fields += [(name.encode("latin-1"), field_value(value)) for name, value in ours.values()]
    before = request.fields.get(b"via")
    fields.append((b"Via", via if before is None else before + b", " + via))
    if request.body or request.method in _HAVE_CONTENT:
        fields.append((b"Content-Length", b"%d" % len(request.body)))
    return fields


def response_fields(
    raw: Iterable[tuple[bytes, bytes]], origin: Origin, *, drop: Iterable[str] = ()
) -> list[tuple[str, str]]:
    """The fields of an answer of ``origin`` to pass on: without those of the connection and those that
    ``drop`` names (lower case; ``access-control-*`` for all that begin so), and with addresses of the
    upstream server made relative, so that redirects stay at the mock."""
    raw = list(raw)
    named = b",".join(value for name, value in raw if name.lower() == b"connection")
    gone = of_the_connection(named)
    dropped = frozenset(drop)
    fields = []
    for name, value in raw:
        key = name.lower()
        if key in gone:
            continue
        text, plain = value.decode("latin-1"), key.decode("latin-1")
        if plain in dropped or (plain.startswith("access-control-") and ACCESS in dropped):
            continue
        if plain in _POINTERS:
            text = relative(text, origin)
        fields.append((name.decode("latin-1"), text))
    return fields


ACCESS: Final = "access-control-*"
"""Every field of the CORS protocol."""


def relative(url: str, origin: Origin) -> str:
    """``url`` as a client of the mock can use it: the path below ``origin.base``, where it leads there."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return url
    if parts.netloc:
        scheme = parts.scheme or origin.scheme
        if (scheme, host, port or PORTS[origin.scheme]) != (*origin[:2], origin.port):
            return url
    elif parts.scheme or not parts.path.startswith("/"):
        return url
    path = parts.path
    if origin.base:
        if path != origin.base and not path.startswith(f"{origin.base}/"):
            return url
        path = path[len(origin.base) :]
    path = f"/{path.lstrip('/')}"
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return path + query + fragment


def target_below(origin: Origin, target: str) -> bytes:
    """The request target for ``origin`` (RFC 9112 section 3.2.1): ``target`` below its base path."""
    return target.encode("latin-1") if target == "*" else f"{origin.base}{target}".encode("latin-1")
