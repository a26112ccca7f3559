"""The front of the bridge for one schema: which requests are for it, and who answers them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from mockforge.mocking.exchange import Exchange, Response
from mockforge.mocking.problems import problem
from mockforge_grpc.bridge.protocols import connect, json, web
from mockforge_grpc.bridge.protocols.context import Context
from mockforge_grpc.bridge.rules.compiled import compile_rules
from mockforge_grpc.status import Code, Status
from mockforge_grpc.stubs.methods import BUILT_IN, find_method

if TYPE_CHECKING:
    from mockforge_grpc.bridge.answering import Answer
    from mockforge_grpc.bridge.settings import BridgeSettings
    from mockforge_grpc.schema import Method, Schema
    from mockforge_grpc.transport.call import Application

log = logging.getLogger("mockforge.grpc")

DOCUMENT: Final = "openapi.json"
_MOST_SAID: Final = 20
"""Findings about rules that are logged; ``mockforge lint`` has them all."""
_BINDING_BYTES: Final = 2400
"""A compiled rule with its share of the index."""


class Front:
    """Answers for ``schema``, with calls to ``application``. Made once for each load of the protos."""

    def __init__(self, application: Application, schema: Schema, settings: BridgeSettings) -> None:
        self.schema = schema
        self._application = application
        self._settings = settings
        self.rules = compile_rules(schema)
        for finding in self.rules.findings[:_MOST_SAID]:
            log.warning("%s", finding)
        self._document: bytes | None = None
        rules = self.rules.index.first_segments()
        self.firsts: frozenset[str] | None = (
            None if rules is None else rules | set(schema.services) | set(BUILT_IN) | {DOCUMENT}
        )
        """First segments of the paths there are; ``None`` if rules leave them open."""

    def respond(self, exchange: Exchange, path: str) -> Answer | None:
        """The answer to a request at ``path`` (below the prefix), ``None`` if it is not for a service."""
        request = exchange.request
        http_method = request.method
        method = find_method(self.schema, path)
        if method is not None:
            return self._respond_method(exchange, method)
        found = self.rules.index.find(http_method, path)
        if found is not None:
            binding = found.rule.target
            exchange.template = self._settings.prefix + binding.path.text
            exchange.source = f"grpc:{binding.method.full_name}"
            return json.answer(self._context(exchange, binding.method), binding, found.raw)
        if path == f"/{DOCUMENT}" and http_method in ("GET", "HEAD"):
            exchange.source = "grpc:openapi"
            exchange.template = f"{self._settings.prefix}/{DOCUMENT}"
            return self._describe() if self._document is None else _json(self._document)
        if http_method == "POST":
            answer = self._respond_unknown(exchange, path)
            if answer is not None:
                return answer
        allowed = self.rules.index.allowed(path)
        return _not_allowed(exchange, allowed) if allowed else None

    async def _describe(self) -> Response:
        """The OpenAPI document, made when it is first asked for."""
        import msgspec

        from mockforge_grpc.bridge.openapi import describe_in_turns

        made = await describe_in_turns(self.schema, self.rules.bindings, self._settings)
        self._document = msgspec.json.encode(made)
        return _json(self._document)

    def memory_bytes(self) -> int:
        """About what rules and document hold."""
        document = 0 if self._document is None else len(self._document)
        return document + _BINDING_BYTES * len(self.rules.bindings)

    def _context(self, exchange: Exchange, method: Method | None, path: str = "") -> Context:
        return Context(
            exchange.request,
            path if method is None else method.path,
            method,
            self.schema,
            self._application,
            self._settings,
        )

    def _respond_method(self, exchange: Exchange, method: Method) -> Answer | None:
        request = exchange.request
        exchange.template = self._settings.prefix + method.path
        exchange.source = f"grpc:{method.full_name}"
        context = self._context(exchange, method)
        if request.method == "POST":
            speak = _protocol(context)
            return json.answer(context) if speak is None else speak(context)
        if request.method in ("GET", "HEAD") and connect.asks_by_get(request):
            return connect.answer_get(context)
        return _not_allowed(exchange, ("POST",))

    def _respond_unknown(self, exchange: Exchange, path: str) -> Answer | None:
        """A POST for a method that does not exist: the application says so, in whatever is spoken. Only
        those in plain JSON to no service at all are left to others."""
        context = self._context(exchange, None, path)
        speak = _protocol(context)
        service, slash, name = path[1:].partition("/")
        if speak is None:
            if not (slash and name) or "/" in name or self.schema.service(service) is None:
                return None
            exchange.source = f"grpc:{service}"
            near = self.schema.nearest_method(path)
            hint = f"; did you mean {near}?" if near else ""
            said = f"{service} has no method {name[:80]}{hint}"
            return json.refusal(Status(Code.UNIMPLEMENTED, said), context)
        exchange.source = "grpc:unknown"
        return speak(context)


def _protocol(context: Context) -> Callable[[Context], Answer] | None:
    """Who answers a POST, ``None`` for plain JSON."""
    request = context.request
    content_type = request.fields.get(b"content-type", b"").decode("latin-1").lower()
    if web.speaks(content_type):
        return web.answer
    if connect.speaks(request, content_type):
        return connect.answer
    if content_type.startswith("application/grpc"):
        return _native
    return None


def _native(context: Context) -> Response:
    return problem(
        415,
        "grpc-on-http-port",
        "gRPC itself is spoken on the port of the gRPC server; this one takes JSON, gRPC-Web and Connect.",
    )


def _json(document: bytes) -> Response:
    return Response(200, [("Content-Type", "application/json")], document)


def _not_allowed(exchange: Exchange, allowed: tuple[str, ...]) -> Response:
    request = exchange.request
    allow = ", ".join(allowed)
    exchange.source = "grpc:none"
    if request.method == "OPTIONS":
        return Response(204, [("Allow", f"{allow}, OPTIONS")])
    return problem(
        405,
        "method-not-allowed",
        f"{request.path} is a path of the gRPC services, but not for {request.method}: use {allow}.",
        headers=[("Allow", allow)],
        allowed=list(allowed),
    )
