"""Webhooks of stubs: requests that are sent after an answer. Made when the answer is out, from the request
that was answered, so that nothing of it is kept while they wait."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from mockforge.errors import MockForgeError
from mockforge.mocking.faults import Delay, compile_delay
from mockforge.mocking.stubs import StubSource
from mockforge.structured import Part
from mockforge_http.stubs.answer import FORBIDDEN
from mockforge_http.stubs.headers import header_lines
from mockforge_http.stubs.kit import Kit

if TYPE_CHECKING:
    from mockforge.mocking.templating import Template, ValueTemplate
    from mockforge_http.stubs.turn import Turn

Path = tuple[Part, ...]

KEYS: Final = ("url", "method", "headers", "json", "text", "body", "delay", "template")
MOST: Final = 10
"""Webhooks of one stub."""
_URL: Final = re.compile(r"https?://[^/?#\s]", re.IGNORECASE)
_METHOD: Final = re.compile(r"[A-Za-z][A-Za-z\-]*")


class Outbound(NamedTuple):
    """A request to send: where to, what, and after how many seconds."""

    url: str
    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    delay: float


class Webhook(NamedTuple):
    """A compiled ``webhook:``; texts may be templates."""

    url: str | Template
    method: str
    headers: tuple[tuple[str, str | Template], ...]
    body: bytes | Template | ValueTemplate
    delay: Delay | None

    def make(self, turn: Turn, number: int = 0) -> Outbound:
        """The request for one answer; ``number`` tells the webhooks of a stub apart. TemplateError."""
        context, chance = turn.context, turn.lasting_chance(f"webhook {number}")
        url = self.url if isinstance(self.url, str) else self.url.render(context, chance)
        headers = [
            (
                name,
                value
                if isinstance(value, str)
                else FORBIDDEN.sub(" ", value.render(context, chance)),
            )
            for name, value in self.headers
        ]
        if isinstance(self.body, bytes):
            body = self.body
        elif hasattr(self.body, "render_json"):
            body = self.body.render_json(context, chance).encode("utf-8", "replace")
        else:
            body = self.body.render(context, chance).encode("utf-8", "replace")
        seconds = 0.0 if self.delay is None else self.delay.sample(chance)
        return Outbound(url.strip(), self.method, tuple(headers), body, seconds)


class WebhookCompiler:
    """Reads ``webhook:`` and ``webhooks:``; what is wrong goes to ``source``. Their texts are templates
    unless they say ``template: false``: there is little else to send on."""

    def __init__(self, source: StubSource, kit: Kit) -> None:
        self._source = source
        self._kit = kit

    def compile(self) -> list[Webhook]:
        """All webhooks of the stub."""
        definition = self._source.definition
        found: list[Webhook | None] = []
        if definition.get("webhook") is not None:
            found.append(self._one(definition["webhook"], ("webhook",)))
        several = definition.get("webhooks")
        if several is not None:
            if not isinstance(several, list) or len(several) > MOST:
                self._source.problem(f"must be a list of at most {MOST} webhooks", ("webhooks",))
            else:
                found += [
                    self._one(item, ("webhooks", number)) for number, item in enumerate(several)
                ]
        return [webhook for webhook in found if webhook is not None]

    def _one(self, spec: Any, path: Path) -> Webhook | None:
        given = self._source.mapping(spec, path, KEYS)
        if "url" not in given:
            if isinstance(spec, dict):
                self._source.problem("needs a `url`", path)
            return None
        templated = given.get("template", True)
        if not isinstance(templated, bool):
            self._source.problem("must be true or false", (*path, "template"))
            return None
        url = self._text(given["url"], (*path, "url"), templated)
        if isinstance(url, str) and not _URL.match(url.strip()):
            self._source.problem("must be an http:// or https:// URL", (*path, "url"))
        method = given.get("method", "POST")
        if not isinstance(method, str) or not _METHOD.fullmatch(method):
            self._source.problem("must be a method such as POST", (*path, "method"))
            return None
        headers = self._headers(given.get("headers"), (*path, "headers"), templated)
        body, media_type = self._body(given, path, templated)
        if media_type and not any(name.lower() == "content-type" for name, _ in headers):
            headers = [("Content-Type", media_type), *headers]
        delay = None
        if given.get("delay") is not None:
            try:
                delay = compile_delay(given["delay"], (*path, "delay"))
            except MockForgeError as error:
                self._source.take(error, (*path, "delay"))
        return None if url is None else Webhook(url, method.upper(), tuple(headers), body, delay)

    def _headers(self, given: Any, path: Path, templated: bool) -> list[tuple[str, str | Template]]:
        found: list[tuple[str, str | Template]] = []
        for name, value, at in header_lines(self._source, given, path):
            text = self._text(value, at, templated)
            if isinstance(text, str) and FORBIDDEN.search(text):
                self._source.problem("a header value is one line", at)
            elif text is not None:
                found.append((name, text))
        return found

    def _body(
        self, given: Mapping[str, Any], path: Path, templated: bool
    ) -> tuple[bytes | Template | ValueTemplate, str | None]:
        kinds = [kind for kind in ("json", "text", "body") if kind in given]
        if len(kinds) > 1:
            at = (*path, kinds[1])
            self._source.problem(
                f"`{kinds[0]}` and `{kinds[1]}` are two bodies", at, hint="keep one"
            )
        if not kinds:
            return b"", None
        kind = kinds[0]
        value, at = given[kind], (*path, kind)
        if kind == "json" or not isinstance(value, str):
            if kind == "text":
                self._source.problem("must be text", at, hint="for anything else there is `json`")
            if templated and self._kit.templates.is_template(value):
                try:
                    place = self._source.place(at)
                    made = self._kit.templates.compile_value(value, place=place)
                except MockForgeError as error:
                    self._source.problem(error.message, at, hint=error.hint)
                else:
                    return made, "application/json"
            try:
                return msgspec.json.encode(value), "application/json"
            except (TypeError, ValueError) as error:
                self._source.problem(f"the value cannot be written as JSON: {error}", at)
                return b"", None
        text = self._text(value, at, templated)
        if isinstance(text, str) or text is None:
            return (text or "").encode("utf-8", "surrogatepass"), "text/plain; charset=utf-8"
        return text, "text/plain; charset=utf-8"

    def _text(self, value: Any, path: Path, templated: bool) -> str | Template | None:
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value:
            self._source.problem("must be text", path)
            return None
        if not templated or not self._kit.templates.is_template(value):
            return value
        try:
            return self._kit.templates.compile(value, place=self._source.place(path))
        except MockForgeError as error:
            self._source.problem(error.message, path, hint=error.hint)
            return None
