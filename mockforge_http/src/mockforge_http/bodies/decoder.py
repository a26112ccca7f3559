"""The body of one operation: chooses the declared media type, undoes content codings, reads the value.

A JSON body of a type that was seen before takes one dictionary look-up besides the decoding itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from mockforge.mocking.contenttype import ContentType, parse_content_type
from mockforge.mocking.fields import essence
from mockforge.mocking.malformed import MalformedError
from mockforge_http.bodies.coding import decode_content
from mockforge_http.bodies.media import FORM, Reader, is_items, may_be_empty, media_reader
from mockforge_http.bodies.result import NO_BODY, BodyResult, Reading
from mockforge_http.bodies.select import MediaSelector, likely_type
from mockforge_http.bodies.spec import DEFAULT_LIMITS, BodyLimits, MediaSpec
from mockforge_http.findings import RequestFinding, excerpt, found
from mockforge_http.operations.negotiate import is_json
from mockforge_http.values.shape import list_of, shape_of

_MOST_CHOICES: Final = 32
_LONGEST_KEY: Final = 256
MAX_FINDINGS: Final = 50
"""Most findings about one body; a client that gets fifty things wrong has enough to do."""


class _Choice(NamedTuple):
    """What a Content-Type leads to."""

    media_type: str
    content_type: ContentType
    read: Reader
    plain_json: bool
    sequence: bool


class BodyDecoder:
    """Decodes the bodies of one operation.

    ``content`` are the declared media types (none: bodies are ignored), ``required`` whether a body must
    be sent. What a Content-Type led to is remembered for up to 32 of its spellings, and as many readers
    are kept.
    """

    def __init__(
        self,
        content: Mapping[str, MediaSpec],
        *,
        required: bool = False,
        limits: BodyLimits = DEFAULT_LIMITS,
    ) -> None:
        self.required = required
        self._content = content
        self._limits = limits
        self._decode_json = limits.json_decoder()
        self._selector = MediaSelector(content)
        self._choices: dict[bytes, _Choice] = {}
        self._readers: dict[tuple[str, str], tuple[Reader, bool]] = {}

    def decode(
        self, content_type: bytes | None, content_encoding: bytes | None, raw: bytes
    ) -> BodyResult:
        """The value of the body ``raw``, given the two header fields; never raises for client input."""
        if not self._content:
            return NO_BODY
        if not raw:
            return self._empty(content_type)
        choice = self._choices.get(content_type) if content_type is not None else None
        if choice is None:
            choice = self._choose(content_type, raw)
            if choice is None:
                return BodyResult(None, findings=(self._unsupported(content_type or b""),))
        media_type = choice.media_type
        try:
            if content_encoding:
                raw = decode_content(raw, content_encoding.decode("latin-1"), self._limits.max_body)
            if choice.plain_json:
                return BodyResult(media_type, self._decode_json(raw))
            return _read(choice, raw)
        except MalformedError as error:
            return BodyResult(media_type, findings=(_finding(error),))

    def _choose(self, header: bytes | None, raw: bytes) -> _Choice | None:
        """The declared media type for a body; ``None`` if there is none."""
        if not header:
            media_type = self._selector.guess(raw)
            content_type = parse_content_type(media_type)
            if "*" in content_type.name:
                content_type = parse_content_type(likely_type(raw))
            return self._choice(media_type, content_type)
        text = header.decode("latin-1")
        content_type = parse_content_type(text)
        selected = self._selector.select(text) if content_type.name else None
        if selected is None:
            return None
        choice = self._choice(selected, content_type)
        if len(header) <= _LONGEST_KEY and "boundary" not in content_type.params:
            if len(self._choices) >= _MOST_CHOICES:
                self._choices.clear()
            self._choices[header] = choice
        return choice

    def _choice(self, media_type: str, content_type: ContentType) -> _Choice:
        read, sequence = self._reader(media_type, content_type.name)
        charset = (content_type.charset or "utf-8").lower()
        plain_json = is_json(content_type.name) and charset in ("utf-8", "utf8")
        return _Choice(media_type, content_type, read, plain_json, sequence)

    def _reader(self, media_type: str, name: str) -> tuple[Reader, bool]:
        known = self._readers.get((media_type, name))
        if known is None:
            spec = self._content[media_type]
            sequence = spec.item_schema is not None and spec.schema is None and is_items(name)
            shape = shape_of(spec.schema)
            if sequence:
                shape = list_of(shape_of(spec.item_schema))
            known = (media_reader(name, shape, spec, self._limits), sequence)
            if len(self._readers) >= _MOST_CHOICES:
                self._readers.clear()
            self._readers[media_type, name] = known
        return known

    def _empty(self, header: bytes | None) -> BodyResult:
        """No bytes: no body, unless one is required and its media type has a form for nothing: a form
        without fields, an empty text, an empty file."""
        if not self.required:
            return NO_BODY
        choice = self._choose(header, b"") if header else None
        if choice is not None and may_be_empty(choice.content_type.name):
            return _read(choice, b"")
        finding = RequestFinding(
            "body",
            "",
            "body.missing",
            "A request body is required, but none was sent.",
            expected=self._declared(),
        )
        return BodyResult(None, findings=(finding,))

    def _declared(self) -> str:
        return ", ".join(self._content)

    def _unsupported(self, header: bytes) -> RequestFinding:
        sent = excerpt(header)
        hint = ""
        if essence(sent) == FORM:
            hint = " (curl -d sends this type unless -H 'Content-Type: ...' says otherwise)"
        return RequestFinding(
            "body",
            "",
            "body.unsupported-media-type",
            f"The operation takes no body of type `{sent}`{hint}. Declared: {self._declared()}.",
            expected=self._declared(),
            actual=sent,
        )


def decode_body(
    content_type: bytes | None,
    content_encoding: bytes | None,
    raw: bytes,
    media: Mapping[str, MediaSpec],
    *,
    required: bool = False,
    limits: BodyLimits = DEFAULT_LIMITS,
) -> BodyResult:
    """Decode a single body; keep a :class:`BodyDecoder` where there are more of them."""
    decoder = BodyDecoder(media, required=required, limits=limits)
    return decoder.decode(content_type, content_encoding, raw)


def _read(choice: _Choice, raw: bytes) -> BodyResult:
    reading = Reading()
    value = choice.read(raw, choice.content_type, reading)
    return BodyResult(
        choice.media_type,
        value,
        tuple(_finding(problem) for problem in reading.problems[:MAX_FINDINGS]),
        tuple(reading.parts),
        reading.checkable,
        choice.sequence,
    )


def _finding(error: MalformedError) -> RequestFinding:
    return found(
        "body",
        "",
        f"body.{error.code}",
        f"The request body {error.reason}.",
        pointer=error.pointer,
        expected=error.expected,
        actual=error.actual,
    )
