"""A request body on its way to a server that declares one media type for it."""

from __future__ import annotations

from typing import Any

from mockforge_http.bodies import BodyLimits, BodyResult, EncodingSpec, MediaSpec, decode_body
from mockforge_http.findings import RequestFinding
from tests.http.values.nodes import node

FORM = "application/x-www-form-urlencoded"
BOUNDARY = "XX"


def send(
    media_type: str,
    raw: bytes,
    schema: Any = True,
    *,
    sent: str | None = None,
    encoding: dict[str, EncodingSpec] | None = None,
    limits: BodyLimits | None = None,
    components: dict[str, Any] | None = None,
    **media: Any,
) -> BodyResult:
    """What a server makes of ``raw``, which is ``sent`` as the declared media type unless told else."""
    described = None if schema is None else node(schema, **(components or {}))
    spec = MediaSpec(described, encoding=encoding or {}, **media)
    content_type = sent or media_type
    if content_type.startswith("multipart/") and "boundary" not in content_type:
        content_type += f"; boundary={BOUNDARY}"
    return decode_body(
        content_type.encode(), None, raw, {media_type: spec}, limits=limits or BodyLimits()
    )


def value_of(media_type: str, raw: bytes, schema: Any = True, **more: Any) -> Any:
    """The value of ``raw``, with which nothing is wrong."""
    result = send(media_type, raw, schema, **more)
    assert not result.findings, result.findings
    return result.value


def finding_of(media_type: str, raw: bytes, schema: Any = True, **more: Any) -> RequestFinding:
    """The one thing that is wrong with ``raw``."""
    result = send(media_type, raw, schema, **more)
    assert len(result.findings) == 1, result.findings
    assert result.findings[0].location == "body"
    return result.findings[0]


def part(content: bytes, name: str | None = None, **headers: str) -> bytes:
    """One part of a multipart body; ``filename`` among ``headers`` goes into the disposition."""
    lines = []
    if name is not None:
        disposition = f'form-data; name="{name}"'
        filename = headers.pop("filename", None)
        if filename is not None:
            disposition += f'; filename="{filename}"'
        lines.append(f"Content-Disposition: {disposition}")
    lines += [f"{header.replace('_', '-')}: {value}" for header, value in headers.items()]
    head = "".join(f"{line}\r\n" for line in lines).encode()
    return head + b"\r\n" + content


def multipart(*parts: bytes, boundary: str = BOUNDARY) -> bytes:
    """A multipart body of ``parts``."""
    mark = boundary.encode()
    return b"".join(b"--" + mark + b"\r\n" + p + b"\r\n" for p in parts) + b"--" + mark + b"--\r\n"
