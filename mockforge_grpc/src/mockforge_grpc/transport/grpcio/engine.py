"""The listening server on grpc.aio."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import grpc
import grpc.aio

from mockforge.certificates import server_context
from mockforge.errors import StartError
from mockforge.open_files import allow_connections
from mockforge.sockets import UNIX, address_of, bind, remove_socket_file, socket_file
from mockforge_grpc.status import Code, Status
from mockforge_grpc.transport.engine import HOST_SETTING, NO_TLS, PORT_SETTING, Engine
from mockforge_grpc.transport.grpcio.call import CODES, FAILED, Context, GrpcioCall

if TYPE_CHECKING:
    from mockforge.config.listeners import ListenerTls
    from mockforge_grpc.transport.call import Application
    from mockforge_grpc.transport.limits import GrpcLimits

log = logging.getLogger("mockforge.grpc")

CALL_BYTES: Final = 23_000
"""Estimate of what an open call holds, its share of the connection included."""

_CANCELLED: Final = Status(Code.CANCELLED, "the client cancelled the call")
_EXPIRED: Final = Status(Code.DEADLINE_EXCEEDED, "Deadline Exceeded")
_GOING: Final = Status(Code.UNAVAILABLE, "the server ends")


class GrpcioEngine(Engine):
    """Calls by generic handlers of grpc.aio; ``held`` is the number of bytes that wait to be written. grpcio
    does not tell connections: ``connections`` is always 0, and ``bytes_*`` count messages only."""

    name: ClassVar[str] = "grpcio"
    wire_faults: ClassVar[bool] = False

    def __init__(
        self,
        application: Application,
        limits: GrpcLimits,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ListenerTls = NO_TLS,
    ) -> None:
        super().__init__(application, limits, host=host, port=port, tls=tls)
        self.held = 0
        self.loop: asyncio.AbstractEventLoop
        self.calls: set[GrpcioCall] = set()
        self._server: Any = None
        self._stopping: asyncio.Task[None] | None = None
        self._addresses: list[str] = []
        self._tls_addresses: list[str] = []
        self._socket_file: tuple[Path, int] | None = None
        self._draining = False

    async def start(self) -> None:
        allow_connections(self.limits.max_connections, "grpc.max_connections")
        self.loop = asyncio.get_running_loop()
        credentials = self._credentials()
        server = grpc.aio.server(handlers=(_Handlers(self),), options=_options(self.limits))
        self._server = server
        try:
            self._addresses = await self._listen(server, self._port, None)
            if credentials is not None:
                self._tls_addresses = await self._listen(server, self._tls.port, credentials)
            await server.start()
        except BaseException:
            await server.stop(None)
            raise

    def _credentials(self) -> Any:
        tls = self._tls
        if tls.cert is None:
            return None
        if self._host.startswith(UNIX):
            raise StartError(
                f"TLS cannot be served at {self._host}",
                hint="set grpc.host (--host) to an address, or unset grpc.tls.cert",
            )
        server_context(tls.cert, tls.key, tls.client_ca, section="grpc.tls")  # says what is wrong
        key = (tls.key or tls.cert).read_bytes()
        ca = None if tls.client_ca is None else tls.client_ca.read_bytes()
        return grpc.ssl_server_credentials(
            [(key, tls.cert.read_bytes())], ca, require_client_auth=ca is not None
        )

    async def _listen(self, server: Any, port: int, credentials: Any) -> list[str]:
        """Bind by the project's rules, which name who has a port, and let grpcio bind the same."""
        setting = PORT_SETTING if credentials is None else "grpc.tls.port"
        scheme = "grpc" if credentials is None else "grpcs"
        if self._host.startswith(UNIX):
            for bound in await bind(self._host, port, setting=setting, host_setting=HOST_SETTING):
                bound.close()
            self._add(server, self._host, None, setting)
            self._socket_file = socket_file(self._host)
            return [self._host]
        sockets = await bind(self._host, port, setting=setting, host_setting=HOST_SETTING)
        addresses = [address_of(bound, scheme) for bound in sockets]
        for bound in sockets:
            bound.close()
        for address in addresses:
            self._add(server, address.removeprefix(f"{scheme}://"), credentials, setting)
        return addresses

    def _add(self, server: Any, address: str, credentials: Any, setting: str) -> None:
        try:
            if credentials is None:
                server.add_insecure_port(address)
            else:
                server.add_secure_port(address, credentials)
        except RuntimeError as error:
            raise StartError(
                f"grpcio cannot bind to {address}: {error}", hint=f"check {setting}"
            ) from error

    def addresses(self) -> list[str]:
        return list(self._addresses)

    def tls_addresses(self) -> list[str]:
        return list(self._tls_addresses)

    @property
    def connections(self) -> int:
        return 0

    @property
    def streams(self) -> int:
        return len(self.calls)

    def memory_bytes(self) -> int:
        return CALL_BYTES * len(self.calls)

    def held_bytes(self) -> int:
        return self.held

    def is_secure(self, auth_context: Any) -> bool:
        """Whether a call with this ``auth_context`` came over TLS."""
        return b"ssl" in auth_context.get("transport_security_type", ())

    def _close(self) -> None:
        self._draining = True
        if self._socket_file is not None:
            remove_socket_file(*self._socket_file)
            self._socket_file = None

    async def drain(self) -> None:
        self._close()
        if self._server is not None:
            await self._server.stop(_FOR_EVER)

    def abort(self) -> None:
        self._close()
        if self._server is not None and self._stopping is None:
            self._stopping = self.loop.create_task(self._server.stop(None))

    async def stopped(self) -> None:
        if self._stopping is not None:
            await self._stopping

    # -------------------------------------------------------------- calls

    async def unary(self, path: str, request: bytes, context: Context) -> bytes:
        """A unary call: one message in, and then whatever the application does about it."""
        call = GrpcioCall(self, path, context)
        try:
            self._begin(call)
            if call.finished is None:
                self._deliver(call, request)
            while call.finished is None:
                await self._write_headers(call, context)
                if len(call.outbox) > 1:
                    break
                await call.wait()
            return await self._end_unary(call, context)
        finally:
            self._cancelled(call, context)
            self._forget(call)

    async def _end_unary(self, call: GrpcioCall, context: Context) -> bytes:
        await self._write_headers(call, context)
        status = call.finished
        if status is not None and status.ok and len(call.outbox) == 1:
            message = call.outbox.popleft()
            call.wrote(message)
            if call.trailers:
                context.set_trailing_metadata(tuple(call.trailers))
            if status.message:
                context.set_details(status.message)
            return message
        # Not what a unary method does: written as a stream would be, and grpcio is told by an abort.
        await self._write(call, context)
        while call.finished is None:
            await call.wait()
            await self._write(call, context)
        await context.abort(CODES[call.finished.code], call.finished.message, tuple(call.trailers))
        raise AssertionError  # pragma: no cover - abort raises

    async def stream(self, path: str, request: bytes | None, context: Context) -> None:
        """A call of any kind, message by message; ``request`` is the only one where the client sends one."""
        call = GrpcioCall(self, path, context)
        reading: asyncio.Task[None] | None = None
        try:
            self._begin(call)
            if call.finished is None:
                if request is None:
                    reading = self.loop.create_task(self._read(call, context))
                else:
                    self._deliver(call, request)
            while True:
                await self._write(call, context)
                if call.finished is not None and not call.outbox:
                    break
                await call.wait()
            status = call.finished
            context.set_code(CODES[status.code])
            if status.message:
                context.set_details(status.message)
            if call.trailers:
                context.set_trailing_metadata(tuple(call.trailers))
        finally:
            if reading is not None:
                reading.cancel()
            self._cancelled(call, context)
            self._forget(call)

    def _begin(self, call: GrpcioCall) -> None:
        self.stats.calls += 1
        self.calls.add(call)
        try:
            call.receiver = self.application.begin(call)
        except Exception:
            log.exception("the application failed in a call of %s", call.path)
            self.stats.failed += 1
            call.finish(FAILED)

    def _deliver(self, call: GrpcioCall, request: bytes) -> None:
        """The only message of a client."""
        self.stats.messages_in += 1
        self.stats.bytes_in += len(request)
        call.guard(call.receiver.message, request)
        if call.finished is None:
            call.guard(call.receiver.half_closed)

    async def _read(self, call: GrpcioCall, context: Context) -> None:
        """Deliver messages until there are no more or the call is over."""
        try:
            while not call.over:
                message = await context.read()
                held = call.held
                if held is not None:
                    await held.wait()
                if message is grpc.aio.EOF:
                    # So grpcio says also that the call was cancelled, a little before it cancels the handler.
                    await asyncio.sleep(_DOUBT)
                if call.over:
                    return
                if message is grpc.aio.EOF:
                    call.guard(call.receiver.half_closed)
                    return
                self.stats.messages_in += 1
                self.stats.bytes_in += len(message)
                call.guard(call.receiver.message, message)
        except (grpc.aio.BaseError, grpc.aio.AbortError):
            return  # the call is over: its handler is told

    async def _write_headers(self, call: GrpcioCall, context: Context) -> None:
        if call.headers is not None:
            headers, call.headers = call.headers, None
            if headers or call.finished is None:
                await context.send_initial_metadata(tuple(headers))

    async def _write(self, call: GrpcioCall, context: Context) -> None:
        await self._write_headers(call, context)
        while call.outbox:
            message = call.outbox.popleft()
            await context.write(message)
            call.wrote(message)

    def _cancelled(self, call: GrpcioCall, context: Context) -> None:
        """If the application did not finish the call, the client, its deadline, or the server ended it."""
        if call.over or not hasattr(call, "receiver"):
            return
        call.over = True
        remaining = context.time_remaining()
        if remaining is not None and remaining <= 0:
            self.stats.count("deadline")
            call.tell(_EXPIRED, by="deadline")
            return
        self.stats.cancelled += 1
        if self._draining:
            call.tell(_GOING, by="connection")
        else:
            call.tell(_CANCELLED, by="client")

    def _forget(self, call: GrpcioCall) -> None:
        call.over = True
        call.drop()
        self.calls.discard(call)
        if hasattr(call, "receiver"):
            del call.receiver  # it knows the call: a cycle would wait for the garbage collector


_MOST_HANDLERS: Final = 4096
"""Handlers of methods with one request that are kept."""
_DOUBT: Final = 0.005
"""Seconds between the two signs of a cancelled call: on a busy machine the second comes that late."""
_FOR_EVER: Final = 10.0**8
"""Seconds of grace: the kernel aborts when it has waited long enough."""


class _Handlers(grpc.GenericRpcHandler):
    """Takes every path. A handler is not told its path: so each path has its own."""

    def __init__(self, engine: GrpcioEngine) -> None:
        self._engine = engine
        self._known: dict[tuple[str, bool], Any] = {}

    def service(self, handler_call_details: Any) -> Any:
        path: str = handler_call_details.method
        kind = self._engine.application.kind(path)
        if kind is None or kind.client_streaming:
            return self._messages(path)
        made = self._known.get((path, kind.server_streaming))
        if made is None:
            if len(self._known) >= _MOST_HANDLERS:
                self._known.clear()
            made = self._stream(path) if kind.server_streaming else self._unary(path)
            self._known[path, kind.server_streaming] = made
        return made

    def _unary(self, path: str) -> Any:
        engine = self._engine

        async def unary(request: bytes, context: Context) -> bytes:
            return await engine.unary(path, request, context)

        return grpc.unary_unary_rpc_method_handler(unary)

    def _stream(self, path: str) -> Any:
        engine = self._engine

        async def stream(request: bytes, context: Context) -> None:
            await engine.stream(path, request, context)

        return grpc.unary_stream_rpc_method_handler(stream)

    def _messages(self, path: str) -> Any:
        engine = self._engine

        async def messages(_: Any, context: Context) -> None:
            await engine.stream(path, None, context)

        return grpc.stream_stream_rpc_method_handler(messages)


def _options(limits: GrpcLimits) -> list[tuple[str, int]]:
    """The limits as grpcio's channel arguments. SO_REUSEPORT is off: with it a second server would take the
    same port without a word."""
    options = [
        ("grpc.so_reuseport", 0),
        ("grpc.max_receive_message_length", limits.max_message),
        ("grpc.max_send_message_length", -1),
        ("grpc.max_metadata_size", limits.max_metadata),
        ("grpc.absolute_max_metadata_size", limits.max_metadata),
        ("grpc.max_concurrent_streams", limits.max_concurrent_streams),
        ("grpc.max_allowed_incoming_connections", limits.max_connections),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_ping_strikes", 0),
    ]
    if limits.ping:
        options.append(("grpc.keepalive_time_ms", round(limits.ping * 1000)))
        options.append(("grpc.keepalive_timeout_ms", round(limits.pong * 1000)))
    if limits.idle:
        options.append(("grpc.max_connection_idle_ms", round(limits.idle * 1000)))
    if limits.handshake:
        options.append(("grpc.server_handshake_timeout_ms", round(limits.handshake * 1000)))
    return options
