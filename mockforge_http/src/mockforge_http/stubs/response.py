"""The ``response:`` of a stub: from what it says to what answers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeVar

import msgspec

from mockforge.errors import MockForgeError
from mockforge.mocking.faults import Fault, compile_delay, compile_fault
from mockforge.mocking.stubs import StubSource
from mockforge.mocking.templating import Template
from mockforge.structured import Part
from mockforge_http.stubs.answer import FORBIDDEN, STATUS, StubAnswer
from mockforge_http.stubs.bodies import (
    BINARY,
    JSON,
    TEXT,
    Body,
    FileBody,
    FixedBody,
    JsonBody,
    ScriptBody,
    TemplateFileBody,
    TextBody,
)
from mockforge_http.stubs.files import Folders, is_text
from mockforge_http.stubs.headers import header_lines
from mockforge_http.stubs.kit import Forward, Kit
from mockforge_http.stubs.streams import EVENT_STREAM, Chunks, Events, compile_stream

T = TypeVar("T")
Path = tuple[Part, ...]

BODIES: Final = ("json", "text", "base64", "file", "sse", "chunks", "proxy")
KEYS: Final = ("status", "headers", *BODIES, "template", "delay", "fault", "bandwidth")
LOWEST: Final = 200
HIGHEST: Final = 999


class ResponseCompiler:
    """Reads ``response:`` and each of ``responses:``; what is wrong goes to ``source``."""

    def __init__(self, source: StubSource, kit: Kit) -> None:
        self._source = source
        self._kit = kit

    def compile(self, spec: Any, path: Path) -> StubAnswer | None:
        """One answer; ``None`` where it is wrong."""
        before = len(self._source.problems)
        given = self._source.mapping(spec, path, KEYS)
        templated = self._templated(given, path)
        forward = self._forward(given, path)
        status = self._status(given.get("status", 200), (*path, "status"), templated)
        body = self._body(given, path, templated)
        headers = self._headers(given.get("headers"), (*path, "headers"), templated)
        typed = any(name.lower() == "content-type" for name, _ in headers)
        delay = self._attempt(compile_delay, given, "delay", path)
        fault = self._fault(given, path)
        if len(self._source.problems) > before or status is None:
            return None
        media_type = None if body is None else body.media_type
        # A header given as nothing is left out, the one that is added by itself as well.
        if media_type is not None and not typed:
            headers = (("Content-Type", media_type), *headers)
        sent = tuple((name, value) for name, value in headers if value is not None)
        return StubAnswer(
            status, sent, body, typed=typed, delay=delay, fault=fault, forward=forward
        )

    # -------------------------------------------------------------- parts

    def _templated(self, given: Mapping[str, Any], path: Path) -> bool:
        templated = given.get("template", self._kit.expand)
        if not isinstance(templated, bool):
            self._source.problem("must be true or false", (*path, "template"))
            return False
        return templated

    def _forward(self, given: Mapping[str, Any], path: Path) -> Forward | None:
        if "proxy" not in given:
            return None
        at = (*path, "proxy")
        for key in ("status", "headers"):
            if key in given:
                self._source.problem(
                    f"the upstream decides on the {key}: leave it out", (*path, key)
                )
        if self._kit.forward is None:
            self._source.problem("nothing can be forwarded here", at)
            return None
        try:
            forward = self._kit.forward(given["proxy"], at)
        except MockForgeError as error:
            self._source.take(error, at)
            return None
        if forward.refused is not None:
            self._source.warn(
                "stub.proxy-refused", forward.refused, at, hint="add it to http.proxy.allow"
            )
        return forward

    def _status(self, value: Any, path: Path, templated: bool) -> int | Template | None:
        if isinstance(value, int) and not isinstance(value, bool):
            if LOWEST <= value <= HIGHEST:
                return value
        elif isinstance(value, str):
            if STATUS.fullmatch(value):
                return int(value)
            if templated and self._kit.templates.is_template(value):
                return self._template(value, path)
        self._source.problem(f"must be a status from {LOWEST} to {HIGHEST}", path)
        return None

    def _headers(
        self, given: Any, path: Path, templated: bool
    ) -> tuple[tuple[str, str | Template | None], ...]:
        return tuple(
            (name, self._header(value, at, templated))
            for name, value, at in header_lines(self._source, given, path)
        )

    def _header(self, value: Any, path: Path, templated: bool) -> str | Template | None:
        if value is None:
            return None
        if isinstance(value, bool):
            value = "true" if value else "false"
        if isinstance(value, int | float):
            value = str(value)
        if not isinstance(value, str):
            self._source.problem("must be text, a number, or a list of them", path)
            return None
        if templated and self._kit.templates.is_template(value):
            return self._template(value, path)
        if FORBIDDEN.search(value):
            self._source.problem("a header value is one line", path)
            return None
        return value

    def _fault(self, given: Mapping[str, Any], path: Path) -> Fault | None:
        fault = self._attempt(compile_fault, given, "fault", path)
        if "bandwidth" not in given or given["bandwidth"] is None:
            return fault
        if fault is not None:
            self._source.problem(
                "`fault` and `bandwidth` do not go together",
                (*path, "bandwidth"),
                hint="leave one of them out",
            )
        spec = {"bandwidth": {"bandwidth": given["bandwidth"]}}
        return self._attempt(compile_fault, spec, "bandwidth", path)

    def _attempt(
        self,
        compiler: Callable[[Any, Path], T],
        given: Mapping[str, Any],
        key: str,
        path: Path,
    ) -> T | None:
        spec = given.get(key)
        if spec is None:
            return None
        at = (*path, key)
        return self._source.attempt(partial(compiler, spec, at), at)

    def _template(self, text: str, path: Path) -> Template | None:
        try:
            return self._kit.templates.compile(text, place=self._source.place(path))
        except MockForgeError as error:
            self._source.problem(error.message, path, hint=error.hint)
            return None

    # -------------------------------------------------------------- bodies

    def _body(self, given: Mapping[str, Any], path: Path, templated: bool) -> Body | None:
        kinds = [kind for kind in BODIES if kind in given]
        if not kinds:
            return None
        if len(kinds) > 1:
            self._source.problem(
                f"`{kinds[0]}` and `{kinds[1]}` are two bodies", (*path, kinds[1]), hint="keep one"
            )
            return None
        kind = kinds[0]
        if kind == "proxy":
            return None
        if kind in ("sse", "chunks"):
            # Scripts live by what they set and count: their texts are templates unless it is denied.
            templated = given.get("template") is not False
        maker = getattr(self, f"_{kind}_body")
        body: Body | None = maker(given[kind], (*path, kind), templated)
        return body

    def _json_body(self, value: Any, path: Path, templated: bool) -> Body | None:
        if templated and self._kit.templates.is_template(value):
            try:
                place = self._source.place(path)
                return JsonBody(self._kit.templates.compile_value(value, place=place))
            except MockForgeError as error:
                self._source.problem(error.message, path, hint=error.hint)
                return None
        try:
            return FixedBody(msgspec.json.encode(value), JSON)
        except (TypeError, ValueError) as error:
            self._source.problem(f"the value cannot be written as JSON: {error}", path)
            return None

    def _text_body(self, value: Any, path: Path, templated: bool) -> Body | None:
        if not isinstance(value, str):
            self._source.problem("must be text", path, hint="for anything else there is `json`")
            return None
        if templated and self._kit.templates.is_template(value):
            template = self._template(value, path)
            return None if template is None else TextBody(template, TEXT)
        return FixedBody(value.encode("utf-8", "surrogatepass"), TEXT)

    def _base64_body(self, value: Any, path: Path, templated: bool) -> Body | None:
        try:
            return FixedBody(base64.b64decode("".join(value.split()), validate=True), BINARY)
        except (AttributeError, ValueError, binascii.Error):
            self._source.problem("this is no base64", path)
            return None

    def _file_body(self, value: Any, path: Path, templated: bool) -> Body | None:
        if not isinstance(value, str) or not value:
            self._source.problem("must be the path of a file", path)
            return None
        kit = self._kit
        folders = Folders((self._source.folder, kit.fixtures), kit.stream_from, kit.largest_file)
        if templated and kit.templates.is_template(value):
            template = self._template(value, path)
            if template is None:
                return None
            return TemplateFileBody(value, folders, kit.file_templates, template)
        try:
            found = folders.find(value)
            if templated and is_text(value):
                kit.file_templates.get(found)
                return TemplateFileBody(value, folders, kit.file_templates)
        except MockForgeError as error:
            self._source.problem(str(error), path, hint=error.hint)
            return None
        return FileBody(value, folders)

    def _sse_body(self, value: Any, path: Path, templated: bool) -> Body | None:
        return self._stream_body(Events, value, path, templated, EVENT_STREAM)

    def _chunks_body(self, value: Any, path: Path, templated: bool) -> Body | None:
        return self._stream_body(Chunks, value, path, templated, TEXT)

    def _stream_body(
        self,
        vocabulary: type[Events] | type[Chunks],
        value: Any,
        path: Path,
        templated: bool,
        media_type: str,
    ) -> Body | None:
        compile_value = partial(self._kit.script_value, self._source, templated)
        try:
            start = compile_stream(vocabulary, value, path, compile_value)
        except MockForgeError as error:
            self._source.take(error, path)
            return None
        return ScriptBody(start, media_type)
