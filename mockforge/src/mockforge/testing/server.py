"""A mock server in a thread of the test process."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from functools import partial
from os import PathLike, fspath
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import anyio
import msgspec
from anyio.abc import TaskStatus
from anyio.from_thread import BlockingPortal, start_blocking_portal
from msgspec import UNSET

from mockforge.config import Settings, load_settings
from mockforge.config.flags import argument_settings
from mockforge.contracts import ConnectionInfo, Target
from mockforge.errors import MockForgeError
from mockforge.explanations import Explanation
from mockforge.kernel import Kernel
from mockforge.mocking.exchange import Request
from mockforge.observe.journal import Criteria, Journal, JournalEntry
from mockforge.observe.metrics import Registry
from mockforge.plugins import Plugins, Selection, load_plugins
from mockforge.plugins.settings import settings_model
from mockforge.testing.calls import Call, failure, times
from mockforge.testing.stubs import StubHandle, definition_of

DEFAULTS: Final = {
    "core.drain_timeout": 1.0,
    "core.max_logged_body": 1024**2,
    "http.cache": False,
    "grpc.cache": False,
    "http.check": "never",
}
"""Settings that suit tests: no waiting, bodies whole in the journal, nothing left in the user's cache
folder, no other process at work. Those that no loaded plugin has are left out."""

_MOST: Final = 1_000_000
"""Connections that are listed."""

_SERVERS: Final = {"websocket": "ws", "grpc": "grpc"}
"""Which server stubs with a key go to; all others are HTTP's."""

Document = str | PathLike[str] | Mapping[str, Any]


class MockServer:
    """Mock servers for the time of a ``with`` (or ``async with``) block.

    ``documents`` are paths of API descriptions, or descriptions as dictionaries. ``settings`` are
    those of ``mockforge.yaml``, nested or with dotted keys (``{"http": {"dynamic": True}}``,
    ``{"http.dynamic": True}``); neither a settings file nor the environment has a say. Servers listen
    on any free port of 127.0.0.1. ``only`` names the protocols to run (``None``: all that are
    installed). ``plugins`` are plugin objects of the test's own, by name or just listed.

    Raises :class:`~mockforge.errors.MockForgeError` on entering, as ``mockforge serve`` would.
    """

    def __init__(
        self,
        *documents: Document,
        settings: Mapping[str, Any] | None = None,
        only: Iterable[str] | None = ("http",),
        seed: int | None = None,
        plugins: Mapping[str, object] | Iterable[object] = (),
    ) -> None:
        self._documents = documents
        self._given = dict(settings or {})
        if seed is not None:
            self._given["core.seed"] = seed
        self._selection = Selection(only=None if only is None else tuple(only))
        self._extra = _named(plugins)
        self._stack = ExitStack()
        self._portal: BlockingPortal | None = None
        self._kernel: Kernel | None = None
        self._ended: Future[None] | None = None

    # -------------------------------------------------------------- life

    def start(self) -> None:
        """Start; for use without ``with``, then call :meth:`stop`."""
        if self._portal is not None:
            raise RuntimeError("the server runs already")
        with ExitStack() as stack:
            loaded = load_plugins(self._selection, extra=self._extra)
            settings = self._settings(loaded, stack)
            use_uvloop = importlib.util.find_spec("uvloop") is not None
            portal = stack.enter_context(
                start_blocking_portal(backend_options={"use_uvloop": use_uvloop})
            )
            self._ended, self._kernel = portal.start_task(self._run, settings, loaded)
            self._portal = portal
            self._stack = stack.pop_all()

    def stop(self) -> None:
        """Drain and stop. Raises what made a server end by itself, if one did."""
        portal, kernel, ended = self._portal, self._kernel, self._ended
        self._portal = self._ended = None
        if portal is None or kernel is None or ended is None:
            return
        with self._stack:
            portal.call(kernel.stop)
            ended.result()

    @staticmethod
    async def _run(
        settings: Settings, plugins: Plugins, *, task_status: TaskStatus[Kernel]
    ) -> None:
        await Kernel(settings, plugins).run(task_status.started)

    def _settings(self, plugins: Plugins, stack: ExitStack) -> Settings:
        model = settings_model(plugins)
        ports = {key: 0 for key in model.settings if key.endswith(".port")}
        known = {key: value for key, value in DEFAULTS.items() if key in model.settings}
        flags: dict[str, Any] = {**ports, **known}
        if self._documents:
            paths = tuple(self._path(document, stack) for document in self._documents)
            flags |= argument_settings(model, "DOCUMENT", paths)
        for key, value in self._given.items():
            if isinstance(value, Mapping) and "." not in key:
                flags.update({f"{key}.{name}": item for name, item in value.items()})
            else:
                flags[key] = value
        return load_settings(model, environ={}, flags=flags, search=False)

    @staticmethod
    def _path(document: Document, stack: ExitStack) -> str:
        if not isinstance(document, Mapping):
            return fspath(document)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mockforge-"))
        path = Path(folder) / "document.json"
        path.write_bytes(msgspec.json.encode(document))
        return str(path)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        await anyio.to_thread.run_sync(self.start)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self.stop)

    # -------------------------------------------------------------- the running server

    @property
    def kernel(self) -> Kernel:
        """The kernel; call it through the event loop it runs in only."""
        if self._kernel is None or self._portal is None:
            raise RuntimeError("the server does not run: use it in a with block")
        return self._kernel

    @property
    def url(self) -> str:
        """Where HTTP is served, without a slash at the end."""
        return self.address("http")

    def address(self, protocol: str) -> str:
        """The address of a protocol's server, as in the ready line of ``mockforge serve``."""
        addresses = self.kernel.addresses
        if protocol not in addresses:
            raise KeyError(f"no server for {protocol}; running: {', '.join(addresses) or 'none'}")
        return addresses[protocol]

    @property
    def plugins(self) -> Plugins:
        """What is loaded, and what went wrong in it."""
        return self.kernel.plugins

    @property
    def metrics(self) -> Registry:
        """The metrics; ``server.metrics.render()`` gives the text for Prometheus."""
        self._settle()
        return self.kernel.metrics

    def reload(self) -> None:
        """Read documents and settings again. Raises what could not be read (its last good state
        stays)."""
        problems = self._running.call(self.kernel.reload)
        if problems:
            raise problems[0]

    # -------------------------------------------------------------- stubs

    def stub(
        self,
        stub: Mapping[str, Any] | str | None = None,
        path: str | None = None,
        *,
        response: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
        **more: Any,
    ) -> StubHandle:
        """Put a stub, which answers from the next request on.

        Either whole, as in a file: ``server.stub({"request": {...}, "response": {...}})``; or by method and
        path and what it answers: ``server.stub("GET", "/pets/1", json={"id": 1}, status=200)`` with
        ``status headers json text base64 file template delay fault``, or all of it as ``response`` (a list:
        one after the other). ``request`` holds further criteria, everything else goes into the stub as it
        is (``id``, ``priority``, ``times``, ``scenario``, ``webhook`` ...). A stub with the same ``id`` is
        replaced. One with ``websocket`` goes to the WebSocket server, one with ``grpc`` to that of gRPC.

        StubError: what is wrong with it.
        """
        definition = definition_of(stub, path, response, more)
        protocol = next((name for key, name in _SERVERS.items() if key in definition), "http")
        put = self._running.call(self._stubs(protocol).put, definition)
        return StubHandle(put, partial(self._remove_stub, protocol), self._calls_of_stub)

    def explain(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = UNSET,
        body: bytes | str = b"",
        protocol: str = "http",
    ) -> Explanation:
        """Which stubs come nearest to a request and what is different about it; nothing is called or
        counted. ``str.join("\\n", explanation.lines())`` is for people.

        With ``protocol="grpc"`` a call is meant: ``target`` is ``/pkg.Service/Method``, ``json`` its message,
        ``headers`` its metadata, and ``method`` has no say (``POST``)."""
        fields = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        if json is not UNSET:
            body = msgspec.json.encode(json)
            if not any(name.lower() == b"content-type" for name, _ in fields):
                fields.append((b"Content-Type", b"application/json"))
        raw = body.encode() if isinstance(body, str) else body
        request = Request(
            method.upper(), target, fields, raw, protocol=protocol, client="127.0.0.1:0"
        )
        server = self._server(protocol)
        explanation: Explanation = self._running.call(server.explain, request)
        return explanation

    def reset(self) -> None:
        """Back to the start: stubs as they were loaded, their counts, scenarios and state; the recorded
        requests are forgotten."""
        for server in self.kernel.servers:
            self._running.call(server.reset)
        self.clear()

    def _server(self, protocol: str) -> Any:
        for server in self.kernel.servers:
            if server.name == protocol:
                return server
        name = {"http": "HTTP", "ws": "WebSocket", "grpc": "gRPC"}.get(protocol, protocol)
        raise RuntimeError(f"there is no {name} server: run it with only=({protocol!r},)")

    def _stubs(self, protocol: str) -> Any:
        server = self._server(protocol)
        return server.stub_set()

    def _remove_stub(self, protocol: str, stub_id: str) -> bool:
        removed: bool = self._running.call(self._stubs(protocol).remove, stub_id)
        return removed

    def _calls_of_stub(self, stub_id: str) -> list[JournalEntry]:
        return self.journal.find(Criteria(source=f"stub:{stub_id}"))

    # -------------------------------------------------------------- open connections

    def connections(self, protocol: str | None = None) -> list[ConnectionInfo]:
        """The open connections, the oldest first; of all servers, or of one (``"ws"``)."""
        return self._running.call(partial(self.kernel.connections.infos, _MOST, protocol=protocol))

    def push(
        self,
        message: Any,
        *,
        path: str | None = None,
        room: str | None = None,
        connection: int | None = None,
        protocol: str = "ws",
    ) -> int:
        """Send ``message`` to the clients that are connected to ``path``, that are in ``room``, or to that of
        the ``connection`` with this id; how many those were. It is written like ``send`` in a script: a text,
        ``{"base64": ...}``, any other mapping or list as JSON. Bytes are a binary message.

        MockForgeError: it is no message, or there is no such server.
        """
        named = {"path": path, "room": room, "connection": connection}
        given = [(kind, name) for kind, name in named.items() if name is not None]
        if len(given) != 1:
            raise TypeError("push takes one of path, room and connection")
        target = Target(*given[0])  # type: ignore[arg-type] # the names of the parameters
        return self._running.call(self.kernel.connections.push, protocol, target, message)

    def close_connection(self, connection: int, code: int | None = None, reason: str = "") -> bool:
        """Close the connection with this id; whether there was one."""
        return self._running.call(self.kernel.connections.close, connection, code, reason)

    # -------------------------------------------------------------- what was called

    @property
    def journal(self) -> Journal:
        """The request log: every exchange whose answer the client has received is in it."""
        self._settle()
        return self.kernel.journal

    def requests(
        self, method: str | None = None, path: str | None = None, **parts: Any
    ) -> list[JournalEntry]:
        """The recorded requests, oldest first; of those calls alone that are described as for
        :meth:`assert_called`."""
        return Call(method=method, path=path, **parts).find(self.journal)

    def clear(self) -> None:
        """Forget the recorded requests."""
        self.journal.clear()

    def assert_called(
        self,
        method: str | None = None,
        path: str | None = None,
        *,
        times: int | None = None,
        **parts: Any,
    ) -> list[JournalEntry]:
        """Assert that there was such a request (exactly ``times``, if given), and return what was
        recorded of it.

        ``path`` as sent (``/pets/1``), its beginning (``/pets/*``), or a template
        (``/pets/{petId}``). ``parts``: ``query``, ``headers`` (those given must be among those
        sent), ``json``, ``body``, ``status``, ``protocol``.
        """
        __tracebackhide__ = True
        return self._assert(Call(method=method, path=path, **parts), times)

    def assert_not_called(
        self, method: str | None = None, path: str | None = None, **parts: Any
    ) -> None:
        """Assert that there was no such request; parts as for :meth:`assert_called`."""
        __tracebackhide__ = True
        self._assert(Call(method=method, path=path, **parts), 0)

    def _assert(self, call: Call, wanted: int | None) -> list[JournalEntry]:
        __tracebackhide__ = True
        journal = self.journal
        found = call.find(journal)
        if wanted is None and not found:
            raise AssertionError(failure(call, "at least once", 0, journal))
        if wanted is not None and len(found) != wanted:
            raise AssertionError(failure(call, times(wanted), len(found), journal))
        return found

    @property
    def _running(self) -> BlockingPortal:
        if self._portal is None:
            raise RuntimeError("the server does not run: use it in a with block")
        return self._portal

    def _settle(self) -> None:
        """Let the event loop take a turn: an answer is recorded in the turn in which it is written,
        so whatever a client has received by now is in the journal afterwards."""
        self._running.call(_turn)


async def _turn() -> None:
    await anyio.lowlevel.checkpoint()


def _named(plugins: Mapping[str, object] | Iterable[object]) -> dict[str, object]:
    if isinstance(plugins, Mapping):
        return dict(plugins)
    named: dict[str, object] = {}
    for plugin in plugins:
        name = str(getattr(plugin, "__name__", type(plugin).__name__)).lower()
        if name in named:
            raise MockForgeError(
                f"two plugins are named {name}", hint="give them as a dictionary by name"
            )
        named[name] = plugin
    return named
