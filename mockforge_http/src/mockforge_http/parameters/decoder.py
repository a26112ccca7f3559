"""All parameters of one operation, compiled into readers by place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec import UNSET

from mockforge.mocking.malformed import MalformedError
from mockforge.mocking.pairs import split_cookies
from mockforge.mocking.routing import PathTemplate
from mockforge_http.findings import Location, RequestFinding, found, shortened
from mockforge_http.parameters.content import content_reader, content_shape, querystring_reader
from mockforge_http.parameters.rawpath import RawPath
from mockforge_http.parameters.spec import DELIMITED, ParameterSpec
from mockforge_http.parameters.texts import header_reader, needs_raw, path_reader
from mockforge_http.values.fields import MAX_FIELDS, Claims, Fields, split_fields
from mockforge_http.values.percent import as_utf8, decode_form, decode_percent
from mockforge_http.values.readers import Reader, field_reader, repeated
from mockforge_http.values.shape import Shape, shape_of

Key = tuple[str, str]
"""``in`` and name."""
Values = dict[Key, Any]

_NO_FINDINGS: Final[tuple[RequestFinding, ...]] = ()


class ParameterDecoder:
    """Decodes the parameters of one operation.

    ``specs`` are its parameters, ``template`` its path (a base path in front does not matter).
    ``claimed`` are names of query fields that belong to something else (an API key) and are no members
    of an exploded object. Definitions that OpenAPI says to ignore (header ``Authorization`` ...) are left
    out of ``parameters``. ``defaults`` holds the schema's ``default`` of each optional parameter that has
    one, by ``in`` and name.
    """

    def __init__(
        self,
        specs: Iterable[ParameterSpec],
        template: str = "",
        *,
        claimed: Iterable[str] = (),
        max_fields: int = MAX_FIELDS,
    ) -> None:
        self.parameters: dict[Key, ParameterSpec] = {
            (spec.place, spec.name): spec for spec in specs if not spec.is_ignored
        }
        self.defaults: dict[Key, Any] = {}
        self._max_fields = max_fields
        self._raw_path = RawPath(template)
        self._path: list[tuple[ParameterSpec, Key, int, Callable[[str], Any]]] = []
        self._compound_path: list[tuple[ParameterSpec, Key, int, Callable[[str], Any]]] = []
        self._query: list[tuple[ParameterSpec, Key, Reader]] = []
        self._querystring: list[tuple[ParameterSpec, Key, Callable[[str], Any]]] = []
        self._headers: list[tuple[ParameterSpec, Key, bytes, Callable[[str], Any]]] = []
        self._cookies: list[tuple[ParameterSpec, Key, Reader]] = []
        self._ampersands = False
        self._compile(PathTemplate(template).names, frozenset(claimed))

    # ------------------------------------------------------------------ compiling

    def _compile(self, path_names: Sequence[str], claimed: frozenset[str]) -> None:
        for key, spec in self.parameters.items():
            shape = content_shape(spec) if spec.content else shape_of(spec.schema)
            default = shape.find("default")
            if default is not None and not spec.required:
                self.defaults[key] = default
            if spec.place == "path":
                self._compile_path(key, spec, shape, path_names)
            elif spec.place == "header":
                read = content_reader(spec) if spec.content else header_reader(spec, shape)
                self._headers.append(
                    (spec, key, spec.name.lower().encode("latin-1", "replace"), read)
                )
            elif spec.place == "cookie":
                self._cookies.append((spec, key, self._cookie_reader(spec, shape)))
            elif spec.place == "querystring" and spec.content:
                self._querystring.append((spec, key, querystring_reader(spec)))
            elif spec.place == "query":
                self._query.append((spec, key, self._query_reader(spec, shape, claimed)))

    def _compile_path(
        self, key: Key, spec: ParameterSpec, shape: Shape, names: Sequence[str]
    ) -> None:
        for position, name in enumerate(names):
            if name != spec.name:
                continue
            if spec.content:
                self._path.append((spec, key, position, content_reader(spec)))
            elif needs_raw(spec, shape):
                self._compound_path.append((spec, key, position, path_reader(spec, shape)))
            else:
                self._path.append((spec, key, position, path_reader(spec, shape, str)))

    def _query_reader(self, spec: ParameterSpec, shape: Shape, claimed: frozenset[str]) -> Reader:
        if spec.content:
            return _content_field(spec, decode_form)
        others = [
            other
            for other in self.parameters.values()
            if other.place == "query" and other is not spec
        ]
        roots = [other.name for other in others if other.used_style == "deepObject"]
        return field_reader(
            spec.name,
            shape,
            spec.used_style,
            explode=spec.exploded and spec.used_style not in DELIMITED,
            decode=decode_form,
            claims=Claims({*claimed, *(other.name for other in others)}, roots),
        )

    def _cookie_reader(self, spec: ParameterSpec, shape: Shape) -> Reader:
        style = spec.used_style
        decode = str if style == "cookie" else decode_percent
        if spec.content:
            return _first(_content_field(spec, decode))
        others = {p.name for p in self.parameters.values() if p.place == "cookie" and p is not spec}
        compound = shape.array or shape.object
        if compound and spec.exploded and style == "form":
            self._ampersands = True
        read = field_reader(
            spec.name,
            shape,
            style,
            explode=spec.exploded,
            decode=decode,
            claims=Claims(others),
        )
        return read if compound and spec.exploded else _first(read)

    # ------------------------------------------------------------------ decoding

    def decode(
        self,
        path_values: tuple[str, ...],
        query: str,
        fields: Mapping[bytes, bytes],
        path: str = "",
    ) -> tuple[Values, Sequence[RequestFinding]]:
        """The values that were sent, by ``in`` and name, and what is wrong; never raises for client input.

        ``path_values`` are the decoded values in the order of the template, ``path`` and ``query`` the
        two halves of the target as sent, ``fields`` the header fields by lower-case name.
        """
        values: Values = {}
        findings: list[RequestFinding] | None = None
        if self._path or self._compound_path:
            findings = self._decode_path(path_values, path, values)
        if self._query:
            findings = _join(findings, self._decode_query(query, values))
        if self._querystring:
            findings = _join(findings, self._decode_querystring(query, values))
        if self._headers:
            findings = _join(findings, self._decode_headers(fields, values))
        if self._cookies:
            findings = _join(findings, self._decode_cookies(fields, values))
        return values, findings or _NO_FINDINGS

    def _decode_path(
        self, path_values: tuple[str, ...], path: str, values: Values
    ) -> list[RequestFinding] | None:
        findings: list[RequestFinding] | None = None
        for spec, key, position, read in self._path:
            try:
                values[key] = read(path_values[position])
            except MalformedError as error:
                findings = _join(findings, [_malformed(spec, error)])
        if self._compound_path:
            texts = self._raw_path.texts(as_utf8(path), path_values)
            for spec, key, position, read in self._compound_path:
                try:
                    values[key] = read(texts[position])
                except MalformedError as error:
                    findings = _join(findings, [_malformed(spec, error)])
        return findings

    def _decode_query(self, query: str, values: Values) -> list[RequestFinding] | None:
        findings: list[RequestFinding] | None = None
        if query:
            try:
                fields = split_fields(as_utf8(query), self._max_fields)
            except MalformedError as error:
                return [_too_many(error)]
        else:
            fields = {}
        for spec, key, read in self._query:
            try:
                value = read(fields)
            except MalformedError as error:
                findings = _join(findings, [_malformed(spec, error)])
                continue
            if value is UNSET:
                if spec.required:
                    findings = _join(findings, [_missing(spec, fields)])
            elif spec.allow_empty and fields.get(spec.name) == [""]:
                # "Which the server SHOULD interpret as the parameter being unused."
                continue
            else:
                values[key] = value
        return findings

    def _decode_querystring(self, query: str, values: Values) -> list[RequestFinding] | None:
        findings: list[RequestFinding] = []
        for spec, key, read in self._querystring:
            if not query:
                if spec.required:
                    findings.append(_missing(spec, ()))
                continue
            try:
                values[key] = read(as_utf8(query))
            except MalformedError as error:
                findings.append(_malformed(spec, error))
        return findings or None

    def _decode_headers(
        self, fields: Mapping[bytes, bytes], values: Values
    ) -> list[RequestFinding] | None:
        findings: list[RequestFinding] = []
        for spec, key, name, read in self._headers:
            raw = fields.get(name)
            if raw is None:
                if spec.required:
                    findings.append(_missing(spec, ()))
                continue
            try:
                values[key] = read(as_utf8(raw.decode("latin-1")))
            except MalformedError as error:
                findings.append(_malformed(spec, error))
        return findings or None

    def _decode_cookies(
        self, fields: Mapping[bytes, bytes], values: Values
    ) -> list[RequestFinding] | None:
        findings: list[RequestFinding] = []
        raw = fields.get(b"cookie")
        header = as_utf8(raw.decode("latin-1")) if raw is not None else ""
        cookies = split_cookies(header)
        spread = split_cookies(header, ampersands=True) if self._ampersands else cookies
        for spec, key, read in self._cookies:
            try:
                value = read(spread if spec.exploded and spec.used_style == "form" else cookies)
            except MalformedError as error:
                findings.append(_malformed(spec, error))
                continue
            if value is not UNSET:
                values[key] = value
            elif spec.required:
                findings.append(_missing(spec, cookies))
        return findings or None


def _content_field(spec: ParameterSpec, decode: Callable[[str], str]) -> Reader:
    read_text = content_reader(spec)
    name = spec.name

    def read(fields: Fields) -> Any:
        values = fields.get(name)
        if values is None:
            return UNSET
        if len(values) > 1:
            raise repeated(values)
        return read_text(decode(values[0]))

    return read


def _first(read: Reader) -> Reader:
    """Of cookies with one name, the first counts: user agents send the one with the longest path first
    (RFC 6265 section 5.4)."""
    return lambda fields: read({name: values[:1] for name, values in fields.items()})


# ---------------------------------------------------------------------- findings


def _join(
    findings: list[RequestFinding] | None, more: list[RequestFinding] | None
) -> list[RequestFinding] | None:
    return more if findings is None else findings if more is None else findings + more


def _location(spec: ParameterSpec) -> Location:
    return "query" if spec.place == "querystring" else spec.place


def _what(spec: ParameterSpec) -> str:
    if spec.place == "querystring":
        return f"The query string (`{spec.name}`)"
    kind = {"path": "path", "query": "query", "header": "header", "cookie": "cookie"}[spec.place]
    return f"The {kind} parameter `{spec.name}`"


def _malformed(spec: ParameterSpec, error: MalformedError) -> RequestFinding:
    return found(
        _location(spec),
        spec.name,
        f"parameter.{error.code}",
        f"{_what(spec)} {error.reason}.",
        pointer=error.pointer,
        expected=error.expected,
        actual=error.actual,
    )


def _missing(spec: ParameterSpec, sent: Iterable[str]) -> RequestFinding:
    """A required parameter is not there; names among ``sent`` that are nearly its own are pointed out."""
    near = next((name for name in sent if _is_near(name, spec.name)), None)
    hint = f" (`{shortened(near)}` was sent)" if near is not None else ""
    return RequestFinding(
        _location(spec),
        spec.name,
        "parameter.missing",
        f"{_what(spec)} is required, but it was not sent{hint}.",
    )


def _is_near(sent: str, name: str) -> bool:
    return sent != name and (sent.lower() == name.lower() or sent.partition("[")[0] == name)


def _too_many(error: MalformedError) -> RequestFinding:
    return RequestFinding(
        "query",
        "",
        f"parameter.{error.code}",
        f"The query string {error.reason}.",
        expected=error.expected,
    )
