"""One call that is passed on. It stands where the player of a script would: the session hands it what the
client sends.

What the client sends is written upstream as it comes, at most ``grpc.max_queued`` messages or
``grpc.max_message`` bytes ahead; what the upstream server sends is read no faster than the client takes it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from mockforge.errors import MockForgeError
from mockforge_grpc.proxy.metadata import passed_back, passed_on, status_of
from mockforge_grpc.status import Code, Status

if TYPE_CHECKING:
    from mockforge_grpc.proxy.passing import Proxy
    from mockforge_grpc.services.session import Session
    from mockforge_grpc.transport.call import Metadata

_OF_GRPCIO: Final = (
    "CLIENT: Received message larger",
    "Deadline Exceeded",
    "Received RST_STREAM",
    "Received http2",
    "Received message larger",
    "Stream removed",
)
"""How messages begin that grpcio makes up."""

log = logging.getLogger("mockforge.grpc.proxy")


class Relay:
    """Passes the call of ``session`` on."""

    def __init__(self, proxy: Proxy, session: Session) -> None:
        self._proxy = proxy
        self._session = session
        self._begun = perf_counter()
        self._queue: deque[bytes] = deque()
        self._half_closed = False
        self._held = False
        self._more = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._task: asyncio.Task[None] | None = None
        self._over = False
        self._told = False
        recorder = proxy.recorder
        self._transcript = None if recorder is None else recorder.begin(session)
        self.held = 0
        """Bytes of messages that wait to be written."""

    def begin(self) -> None:
        """Start; what the client has sent so far is taken from the session."""
        session = self._session
        upstream = self._proxy.settings.upstream
        session.exchange.source = f"proxy:{upstream.target if upstream else ''}"
        session.take_over(self)
        self._proxy.relays.add(self)
        self._task = session.call.loop.create_task(self._run())

    # -------------------------------------------------------------- what the session hands on

    def start(self) -> None:
        """Everything is under way already."""

    def message(self, data: bytes) -> None:
        """The client sent a message."""
        if self._over:
            return
        if self._transcript is not None:
            self._transcript.came(data)
        session, size = self._session, len(data)
        self._queue.append(data)
        self.held += size
        self._more.set()
        if not session.world.notes.holding.take(size):
            session.finish(Status(Code.RESOURCE_EXHAUSTED, "the mock holds too many messages"))
        elif not self._held and (
            len(self._queue) >= session.max_queued or self.held > session.world.max_message
        ):
            self._held = True
            session.call.hold()

    def half_closed(self) -> None:
        """The client has said all."""
        self._half_closed = True
        self._more.set()

    def writable(self) -> None:
        """The client reads again."""
        self._writable.set()

    def stop(self) -> None:
        """The call is over."""
        if not self._over:
            self._over = True
            if self._task is not None:
                self._task.cancel()

    async def ended(self) -> None:
        """Wait until nothing is left of it."""
        if self._task is not None:
            await asyncio.wait((self._task,))

    # -------------------------------------------------------------- the upstream side

    async def _run(self) -> None:
        rpc: Any = None
        writing: asyncio.Task[None] | None = None
        outcome = "cancelled"
        try:
            rpc = self._call()
            writing = asyncio.get_running_loop().create_task(self._write(rpc))
            outcome = await self._read(rpc)
        except asyncio.CancelledError:
            # Stopped by the end of the call; whoever awaits this task wants no more of it.
            pass
        except Exception as error:
            outcome = "failed"
            self._fail(error)
        finally:
            self._over = True
            self._proxy.relays.discard(self)
            self._give_back(self.held)
            self._proxy.counts[outcome] += 1
            if writing is not None:
                writing.cancel()
            if rpc is not None:
                rpc.cancel()
            if self._transcript is not None:
                self._transcript.forget()

    def _call(self) -> Any:
        settings, call = self._proxy.settings, self._session.call
        timeout = call.timeout
        if timeout is not None:
            timeout = max(timeout - (perf_counter() - self._begun), 0.001)
        elif float(settings.timeout):
            timeout = float(settings.timeout)
        # On the wire all kinds of calls are streams of messages.
        rpc = self._proxy.channel().stream_stream(self._session.route.path)
        metadata = passed_on(call.metadata, settings.metadata)
        return rpc(metadata=(*metadata, ("via", self._proxy.via)), timeout=timeout)

    async def _write(self, rpc: Any) -> None:
        import grpc.aio

        try:
            while True:
                while self._queue:
                    data = self._queue.popleft()
                    await rpc.write(data)
                    self._give_back(len(data))
                    self._release()
                if self._half_closed:
                    break
                self._more.clear()
                await self._more.wait()
            await rpc.done_writing()
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            # The call is over; reading says how.
            return

    def _give_back(self, size: int) -> None:
        self.held -= size
        self._session.world.notes.holding.give(size)

    def _release(self) -> None:
        if self._held and len(self._queue) <= self._session.max_queued // 2:
            self._held = False
            self._session.call.release()

    async def _read(self, rpc: Any) -> str:
        import grpc.aio

        session, transcript = self._session, self._transcript
        metadata: Metadata = ()
        try:
            metadata = passed_back(await rpc.initial_metadata())
            async for data in rpc:
                self._metadata(metadata)
                if transcript is not None:
                    transcript.said(data)
                session.send(data)
                if session.call.blocked:
                    self._writable.clear()
                    await self._writable.wait()
        except grpc.aio.AioRpcError:
            # How it ended is asked below.
            pass
        code, message, given = await rpc.code(), await rpc.details(), await rpc.trailing_metadata()
        status = status_of(code.value[0], message or "", given, session.world.schema)
        trailers = passed_back(given)
        answered = status.ok or self._is_theirs(status)
        self._over = True
        if transcript is not None and answered:
            transcript.end(status, metadata, trailers)
        self._metadata(metadata)
        session.add_trailers(trailers)
        if not answered:
            session.exchange.error = f"upstream: {status.code.name}: {status.message}"
        session.finish(status)
        return "passed" if answered else "failed"

    def _is_theirs(self, status: Status) -> bool:
        """Whether the upstream server said this, and not grpcio of a server that is not reached, or too late:
        the library does not tell the two apart itself."""
        if status.code is Code.UNAVAILABLE:
            return self._proxy.is_connected
        return not status.message.startswith(_OF_GRPCIO)

    def _metadata(self, metadata: Metadata) -> None:
        """Send initial metadata, once."""
        if metadata and not self._told:
            self._told = True
            self._session.send_metadata(metadata)

    def _fail(self, error: Exception) -> None:
        session = self._session
        if isinstance(error, MockForgeError):
            session.fail(error)
            return
        log.exception("passing %s on failed", session.route.path)
        session.exchange.error = f"{type(error).__name__}: {error}"
        session.finish(Status(Code.INTERNAL, "the call could not be passed on"))
