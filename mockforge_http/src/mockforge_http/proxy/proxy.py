"""One request passed on, and its answer passed back."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from mockforge.mocking.exchange import Exchange, RawHeaders, Request, Response
from mockforge.upstreams.address import Origin
from mockforge.upstreams.hosts import HostPattern
from mockforge.upstreams.tls import UpstreamTls, client_context
from mockforge_http.config_proxy import ProxySettings
from mockforge_http.problems import problem
from mockforge_http.proxy.body import Abandoned, PassedBody, too_large
from mockforge_http.proxy.errors import UpstreamError
from mockforge_http.proxy.fields import ACCESS, request_fields, response_fields
from mockforge_http.upstreams import Upstream

if TYPE_CHECKING:
    from mockforge_http.proxy.pool import Answer, Pool
    from mockforge_http.recording import Recorder

WHOLE: Final = 64 * 1024
"""Bodies that say to be at most this long are read before the answer begins, so that transformers, checks
and the request log see them; the others are passed on as they come."""

OUTCOMES: Final = ("passed", "refused", "unreachable", "timeout", "failed")
_OUTCOME: Final = {
    "proxy-busy": "refused",
    "proxy-loop": "refused",
    "proxy-refused": "refused",
    "upstream-timeout": "timeout",
    "upstream-unreachable": "unreachable",
}
_SETTING: Final = "http.proxy.allow"
_TLS: Final = "http.proxy.tls"
_FOR_RECORDING: Final = frozenset(
    {b"accept-encoding", b"if-match", b"if-modified-since", b"if-none-match", b"if-range",
     b"if-unmodified-since", b"range"}
)  # fmt: skip
"""What would make the upstream server answer with less than a whole, plain representation."""


class Proxy:
    """Passes requests on by ``settings`` (``http.proxy``). ``own_cors``: the mock itself answers who may
    call it from other origins, so what the upstream server says to that is left out.

    ConfigError: a file of ``settings.tls`` cannot be used. ``recorder``, where one is set, is shown every
    answer that passes.
    """

    def __init__(self, settings: ProxySettings, *, own_cors: bool = True) -> None:
        self.settings = settings
        self.recorder: Recorder | None = None
        self.counts: Counter[str] = Counter()
        """What became of requests, by :data:`OUTCOMES`."""
        self._context = (
            client_context(settings.tls, section=_TLS) if settings.tls != UpstreamTls() else None
        )
        self._drop = frozenset({ACCESS}) if own_cors else frozenset()
        self._allow = _allowed(settings)
        self._via = f"mockforge-{secrets.token_hex(4)}".encode()
        self._pool: Pool | None = None
        self._abandoned = Abandoned()

    @property
    def pool(self) -> Pool | None:
        """The connections there are, once there was a request."""
        return self._pool

    async def forward(
        self,
        exchange: Exchange,
        upstream: Upstream,
        *,
        target: str | None = None,
        headers: Mapping[str, str] | None = None,
        drop: Iterable[bytes] = (),
        preserve_host: bool | None = None,
    ) -> Response:
        """The answer of ``upstream`` to the request of ``exchange``, or a problem document (502, 503, 504)
        that says why there is none.

        The request goes to the same path below ``upstream``, or to ``target``, without the header fields
        ``drop`` (lower case); ``exchange.source`` says who answered
        (``proxy:<host>``, or ``none``). ``upstream`` must be the one of the settings or allowed by
        ``http.proxy.allow``. ``headers`` and ``preserve_host`` stand in for those of the settings.
        """
        origin = upstream.origin
        exchange.source = f"proxy:{origin.authority}"
        try:
            fields = self._fields(exchange.request, origin, headers, drop, preserve_host)
            response = await self._forward(exchange.request, origin, target, fields)
        except UpstreamError as error:
            self.counts[_OUTCOME.get(error.code, "failed")] += 1
            exchange.error = str(error)
            exchange.source = "none"
            extra = [("Retry-After", "1")] if error.status == 503 else []
            return problem(error.status, error.code, str(error), headers=extra)
        self.counts["passed"] += 1
        return response

    def _fields(
        self,
        request: Request,
        origin: Origin,
        headers: Mapping[str, str] | None,
        drop: Iterable[bytes],
        preserve_host: bool | None,
    ) -> RawHeaders:
        settings = self.settings
        if self._via in request.fields.get(b"via", b""):
            raise UpstreamError(
                508, "proxy-loop", f"{origin.authority} passes requests on to this server: a loop."
            )
        own = settings.headers if headers is None else headers
        if self.recorder is not None:
            own = {**own, "Accept-Encoding": "identity"}
            drop = {*drop, *_FOR_RECORDING}
        return request_fields(
            request,
            origin,
            via=b"%b %b" % (request.version.encode(), self._via),
            headers=own,
            preserve_host=settings.preserve_host if preserve_host is None else preserve_host,
            drop=drop,
        )

    async def _forward(
        self, request: Request, origin: Origin, target: str | None, fields: RawHeaders
    ) -> Response:
        pool, recorder = self._pool or self._open(), self.recorder
        answer = await pool.send(
            origin, request.method, target or request.target, fields, request.body
        )
        response = await self._take(request.method, origin, answer)
        return response if recorder is None else recorder.watch(request, response)

    async def _take(self, method: str, origin: Origin, answer: Answer) -> Response:
        limit = int(self.settings.max_body)
        length = _declared(answer)
        try:
            headers = response_fields(answer.fields, origin, drop=self._drop)
            bodiless = method == "HEAD" or answer.status in (204, 304)
            if not bodiless:
                _check_length(length, limit)
            if length is None:
                headers = [field for field in headers if field[0].lower() != "content-length"]
            if not bodiless and (length is None or length > WHOLE):
                body = PassedBody(answer, limit, self._abandoned)
                return Response(answer.status, headers, stream=body)
            pieces = []
            while (piece := await answer.piece()) is not None:
                pieces.append(piece)
        except BaseException:
            await answer.aclose()
            raise
        return Response(answer.status, headers, b"".join(pieces))

    def may_reach(self, origin: Origin) -> bool:
        """Whether requests to ``origin`` can be allowed, by its name: what its address is shows when it is
        connected to."""
        return any(pattern.may_allow(origin.host, origin.port) for pattern in self._allow)

    def _open(self) -> Pool:
        from mockforge_http.proxy.pool import Pool

        context = self._context or client_context(self.settings.tls, section=_TLS)
        self._pool = Pool(self.settings, context, self._allow, setting=_SETTING)
        return self._pool

    def retire(self) -> None:
        """Close the connections as soon as none is in use; call it in the event loop."""
        if self._pool is not None:
            self._pool.retire()

    async def aclose(self) -> None:
        """Close all connections now."""
        if self._pool is not None:
            await self._pool.aclose()


def _allowed(settings: ProxySettings) -> tuple[HostPattern, ...]:
    """``allow`` of the settings, and the server that they name themselves."""
    if settings.upstream is None:
        return settings.allow
    origin = settings.upstream.origin
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    return (HostPattern.parse(f"{host}:{origin.port}"), *settings.allow)


def _check_length(length: int | None, limit: int) -> None:
    if length is not None and length > limit:
        raise too_large(limit)


def _declared(answer: Answer) -> int | None:
    """The length that the answer says its body has (RFC 9112 section 6.3)."""
    length: int | None = None
    for name, value in answer.fields:
        key = name.lower()
        if key == b"transfer-encoding":
            return None
        if key == b"content-length" and value.isdigit():
            length = int(value)
    return length
