"""Connections to upstream servers: a bounded number of them, to addresses that were checked.

On httpcore, the lower half of httpx: it pools, times and streams, and neither adds to a request nor takes
from an answer (no redirects, cookies, decoding). Imported when the first request is passed on, as it costs
4 MB and 50 ms.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from ssl import SSLContext
from typing import Any, cast

import anyio
import httpcore

from mockforge.mocking.exchange import RawHeaders
from mockforge.upstreams.address import Origin
from mockforge.upstreams.hosts import HostPattern
from mockforge.upstreams.permitted import RefusedError, permitted_addresses
from mockforge_http.config_proxy import ProxySettings
from mockforge_http.proxy.errors import UpstreamError
from mockforge_http.proxy.fields import target_below

_REPEATABLE = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PUT", "TRACE"})
"""Idempotent methods (RFC 9110 section 9.2.2): sent again where a kept connection turns out to be gone."""

_connected: ContextVar[bool] = ContextVar("connected")
"""Whether a connection was made for the request that is being sent."""


class Pool:
    """Sends requests by ``settings``; ``context`` is for servers with TLS, ``allow`` the hosts that may be
    connected to, from the setting of that name."""

    def __init__(
        self,
        settings: ProxySettings,
        context: SSLContext,
        allow: Sequence[HostPattern],
        *,
        setting: str,
    ) -> None:
        self._timeout = float(settings.timeout)
        self._idle_timeout = float(settings.idle_timeout)
        self._slots = anyio.Semaphore(settings.max_connections, fast_acquire=True)
        self._retired = False
        self._closing: asyncio.Task[None] | None = None
        self.waiting = 0
        """Requests that wait for a connection."""
        self.active = 0
        """Requests under way, until their answer is read."""
        self._pool = httpcore.AsyncConnectionPool(
            context,
            max_connections=settings.max_connections,
            keepalive_expiry=float(settings.keep_alive),
            network_backend=_Network(allow, setting),
        )

    @property
    def idle(self) -> int:
        """Open connections that wait for a request."""
        return sum(connection.is_idle() for connection in self._pool.connections)

    async def send(
        self, origin: Origin, method: str, target: str, fields: RawHeaders, body: bytes
    ) -> Answer:
        """The answer of ``origin``, of which the head is there and the body is still to be read.

        Whoever gets it must close it. UpstreamError: there is none.
        """
        await self._take_slot()
        try:
            with anyio.fail_after(self._timeout):
                response, timeouts = await self._send(origin, method, target, fields, body)
        except TimeoutError:
            self._free_slot()
            raise self._too_slow(origin) from None
        except BaseException:
            self._free_slot()
            raise
        timeouts["read"] = self._idle_timeout
        return Answer(response, origin, self._free_slot)

    async def _send(
        self, origin: Origin, method: str, target: str, fields: RawHeaders, body: bytes
    ) -> tuple[httpcore.Response, dict[str, float]]:
        url = httpcore.URL(
            scheme=origin.scheme,
            host=origin.host,
            port=origin.port,
            target=target_below(origin, target),
        )
        attempts = 2 if method in _REPEATABLE else 1
        while True:
            attempts -= 1
            _connected.set(False)
            timeouts = dict.fromkeys(("connect", "read", "write"), self._timeout)
            request = httpcore.Request(
                method, url, headers=fields, content=body, extensions={"timeout": timeouts}
            )
            with _explained(origin):
                try:
                    return await self._pool.handle_async_request(request), timeouts
                except (httpcore.RemoteProtocolError, httpcore.ReadError):
                    if not attempts or _connected.get():
                        raise

    async def _take_slot(self) -> None:
        self.waiting += 1
        try:
            with anyio.fail_after(self._timeout):
                await self._slots.acquire()
        except TimeoutError:
            raise UpstreamError(
                503,
                "proxy-busy",
                f"All connections to upstream servers were in use for {self._timeout:g} s "
                "(http.proxy.max_connections).",
            ) from None
        finally:
            self.waiting -= 1
        self.active += 1

    def _free_slot(self) -> None:
        self.active -= 1
        self._slots.release()
        if self._retired and not self.active:
            self.retire()

    def _too_slow(self, origin: Origin) -> UpstreamError:
        return UpstreamError(
            504,
            "upstream-timeout",
            f"{origin.authority} did not begin to answer within {self._timeout:g} s "
            "(http.proxy.timeout).",
        )

    def retire(self) -> None:
        """Close all connections as soon as none is in use."""
        self._retired = True
        if not self.active:
            self._closing = asyncio.get_running_loop().create_task(self._pool.aclose())

    async def aclose(self) -> None:
        """Close all connections, those in use as well."""
        await self._pool.aclose()


class Answer:
    """An answer that is being read."""

    __slots__ = ("_free", "_origin", "_pieces", "_response", "fields", "status")

    def __init__(
        self, response: httpcore.Response, origin: Origin, free: Callable[[], None]
    ) -> None:
        self.status = response.status
        self.fields: list[tuple[bytes, bytes]] = response.headers
        self._response = response
        self._origin = origin
        self._free: Callable[[], None] | None = free
        # The pool's stream is an object whose ``__aiter__`` is a generator.
        self._pieces = cast("AsyncGenerator[bytes]", response.stream.__aiter__())  # type: ignore[union-attr]

    @property
    def closed(self) -> bool:
        """Whether its connection is given back."""
        return self._free is None

    async def piece(self) -> bytes | None:
        """The next piece of the body; ``None`` at its end. UpstreamError: it broke off."""
        try:
            with _explained(self._origin):
                return await self._pieces.__anext__()
        except StopAsyncIteration:
            await self.aclose()
            return None
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Give the connection back, or close it where the body was not read to its end."""
        free, self._free = self._free, None
        if free is None:
            return
        try:
            with anyio.CancelScope(shield=True):
                await self._pieces.aclose()
                await self._response.aclose()
        finally:
            free()


class _Network(httpcore.AnyIOBackend):
    """Connects to none but permitted addresses."""

    def __init__(self, allow: Sequence[HostPattern], setting: str) -> None:
        self._allow = allow
        self._setting = setting

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as in the base class
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await permitted_addresses(host, port, self._allow, setting=self._setting)
        except RefusedError as error:
            raise UpstreamError(502, "proxy-refused", f"Not passed on: {error}.") from None
        except OSError as error:
            raise httpcore.ConnectError(error) from error
        _connected.set(True)
        failure: Exception | None = None
        for address in addresses:
            try:
                return await super().connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except httpcore.ConnectError as error:
                failure = error
        assert failure is not None  # noqa: S101 - there is at least one address
        raise failure


@contextmanager
def _explained(origin: Origin) -> Iterator[None]:
    """Errors of httpcore as what they mean for a client."""
    where = origin.authority
    try:
        yield
    except httpcore.ConnectError as error:
        raise UpstreamError(
            502, "upstream-unreachable", f"{where} cannot be reached: {_text(error)}."
        ) from error
    except httpcore.TimeoutException as error:
        raise UpstreamError(504, "upstream-timeout", f"{where} was too slow.") from error
    except httpcore.LocalProtocolError as error:
        raise UpstreamError(
            502, "proxy-request", f"The request cannot be passed on: {_text(error)}."
        ) from error
    except (httpcore.RemoteProtocolError, httpcore.NetworkError, OSError) as error:
        # OSError: alerts of TLS reach us as they are.
        raise UpstreamError(
            502, "upstream-broken", f"{where} broke off its answer: {_text(error)}."
        ) from error


def _text(error: BaseException) -> str:
    """What the innermost error says. The pool takes causes away; httpcore's errors hold theirs as an
    argument too."""
    inner: object = error
    while isinstance(inner, BaseException):
        error = inner
        inner = error.__cause__ or next(iter(error.args), None)
    return (str(error) or type(error).__name__).rstrip(".")
