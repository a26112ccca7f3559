"""The classes that registration hooks hand over: one small contract for each kind of extension.

:mod:`mockforge.hookspecs` announces *when* these are asked for, this page says *what they must do*.
They are abstract base classes where MockForge calls several methods, and plain callables where one
is enough.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import msgspec

from mockforge.errors import MockForgeError, PluginError

if TYPE_CHECKING:
    import asyncio

    from anyio.abc import TaskStatus

    from mockforge.config import Settings
    from mockforge.explanations import Explanation
    from mockforge.findings import Finding
    from mockforge.kernel import Kernel
    from mockforge.mocking.exchange import Exchange, Request, Response
    from mockforge.mocking.matching import Content
    from mockforge.mocking.scripts import Made
    from mockforge.mocking.state import StateLimits, StateStore
    from mockforge.mocking.stubs import StubSet


class ConnectionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """An open connection as it is at the moment.

    ``id`` is a number that no other connection of the process has or had; later ones have greater ones.
    ``protocol`` is what journal entries say, ``client`` the address of the other side. ``state`` is ``open``,
    ``closing`` (it has been told), or a word of the protocol's own. ``opened_ns`` is wall-clock time.
    ``path`` and ``source`` are those of the request that opened it (``/chat/red``, ``stub:chat``), ``None``
    where each request has its own. Messages and bytes are ``None`` where nobody counts them by connection.
    ``queued_bytes`` wait because the client does not read. ``rooms`` are the groups that it joined.
    """

    id: int
    protocol: str
    client: str
    state: str
    opened_ns: int
    path: str | None = None
    source: str | None = None
    received_messages: int | None = None
    received_bytes: int | None = None
    sent_messages: int | None = None
    sent_bytes: int | None = None
    queued_bytes: int = 0
    rooms: tuple[str, ...] = ()


class Target(NamedTuple):
    """Whom a message is for: the ``connection`` with an id, or all connections to a ``path`` or in a
    ``room``."""

    kind: Literal["connection", "path", "room"]
    name: int | str


class ProtocolServer(ABC):
    """A server for one protocol. The kernel makes one per process and runs it in its task group.

    ``name`` is what ``--only`` and ``--without`` call it and the key of its address in the ready
    line; ``push_key`` is what ``push`` of stubs calls it, where it takes messages. Errors in its input are
    raised from ``__init__`` or from :meth:`serve` *before* ``task_status.started`` as
    :class:`~mockforge.errors.StartError`: the process then exits with 3.
    """

    name: ClassVar[str]
    push_key: ClassVar[str | None] = None

    @classmethod
    def wanted(cls, settings: Settings) -> bool:
        """Whether ``settings`` ask for this server; if not, none is made."""
        return True

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    @abstractmethod
    async def serve(self, *, task_status: TaskStatus[str]) -> None:
        """Bind, call ``task_status.started(address)`` once connections are accepted (``address`` as
        printed in the ready line, e.g. ``http://127.0.0.1:3000``), and run until :meth:`drain` has
        finished or the task is cancelled."""

    async def reload(self) -> None:  # noqa: B027 - to override where there is input to read
        """Read the input again. Either all of the new state is taken on, or, when this raises a
        :class:`~mockforge.errors.MockForgeError`, none of it: the last good state goes on serving."""

    @abstractmethod
    async def drain(self) -> None:
        """Stop accepting, let what is under way finish, then return (the kernel cancels after
        ``core.drain_timeout``)."""

    def connections(self) -> int:
        """Open connections, for the dashboard and the metrics."""
        return 0

    def connection_infos(self, limit: int, after: int = 0) -> list[ConnectionInfo]:
        """The first ``limit`` open connections whose id is greater than ``after``, by id."""
        return []

    def close_connection(
        self, connection_id: int, code: int | None = None, reason: str = ""
    ) -> bool:
        """Close an open connection, with what its protocol can say; whether there was one. MockForgeError:
        ``code`` or ``reason`` cannot be said."""
        return False

    def push(self, target: Target, message: Any) -> int:
        """Send ``message`` to all that ``target`` names; how many connections that were. It is what
        :meth:`compile_message` makes, or written as for ``send`` in a script, without templates.
        MockForgeError: it is no message."""
        raise MockForgeError(f"the {self.name} server takes no messages")

    @classmethod
    def compile_message(
        cls,
        spec: Any,
        path: tuple[str | int, ...],
        compile_value: Callable[[Any, tuple[str | int, ...]], Made],
        compile_text: Callable[[Any, tuple[str | int, ...]], Made],
    ) -> Made:
        """Compile the ``send`` of a ``push``, which stands at ``path``, to what makes a message. The two
        callables compile values and texts that may be templates. ScriptError: what is wrong."""
        raise PluginError(
            f"the {cls.name} server takes no messages that are compiled",
            hint="a server class with a `push_key` has to have `compile_message`",
        )

    def more_addresses(self) -> Mapping[str, str]:
        """Where it listens besides, by a name for the ready line: ``{"https": "https://..."}``. Asked when
        it reports that it has started."""
        return {}

    def upgrade(self, exchange: Exchange, transport: asyncio.Transport, buffered: bytes) -> bool:
        """Take over a connection of the HTTP server whose request asks for another protocol (RFC 9110
        section 7.8); asked of every server in turn. Return ``False`` to leave it alone, or else set
        ``exchange.response``, give ``transport`` another protocol, answer on it, and return ``True``:
        from then on the connection is this server's. Where answering takes time, leave ``exchange.response``
        unset: the exchange is then this server's to note as well. ``buffered`` is what came after the
        request."""
        return False

    def stub_set(self) -> StubSet | None:
        """Its stubs, which may be put and removed from any thread; ``None`` where it has none."""
        return None

    def routes(self) -> Iterable[RouteInfo]:
        """What it answers to by documents: not stubs."""
        return ()

    def foretell(self, request: Request) -> Outlook | None:
        """What would answer ``request``, in whole or only as far as it can be told without answering; nothing
        is counted. ``None`` where it has no requests of this kind."""
        return None

    def reset(self) -> None:  # noqa: B027 - to override where there is something
        """Back to what was loaded: stubs and their counts, scenarios and state."""

    def watched(self) -> Iterable[Path]:
        """Files and folders whose change should cause a reload under ``--watch``."""
        return ()

    def summary(self) -> Iterable[str]:
        """Lines for the human start-up summary, e.g. ``19 operations from petstore.yaml``."""
        return ()

    def warnings(self) -> Iterable[Finding]:
        """What was found at load and did not stop the start."""
        return ()


class RouteInfo(msgspec.Struct, frozen=True):
    """One thing that a server answers to: ``method`` (in the words of the journal) at ``path`` (a template,
    as in ``Exchange.template``), its ``name`` (operationId) and the ``document`` that declares it."""

    protocol: str
    method: str
    path: str
    name: str | None
    document: str
    tags: tuple[str, ...] = ()


class Outlook(msgspec.Struct, frozen=True):
    """What would answer a request: ``source`` as in ``Exchange.source`` (``none`` if nothing would), and why
    not others: the stubs that came nearest."""

    source: str
    template: str | None
    explanation: Explanation


class Responder(ABC):
    """Something that may answer a request: stubs, fixtures, a proxy, a bridge, an operation.

    Responders of a protocol are asked in the order of ``priority`` (lower first; built in: 100 stubs,
    200 fixtures, 300 proxy, 400 operations) until one answers.
    """

    protocol: ClassVar[str] = "http"
    priority: ClassVar[int] = 250

    def start(self, kernel: Kernel) -> None:  # noqa: B027 - to override where it is needed
        """Called once, before the first request and again at each reload."""

    @abstractmethod
    def respond(self, exchange: Exchange) -> Response | Awaitable[Response | None] | None:
        """The answer, ``None`` to pass the request on, or an awaitable of either where something
        must be waited for. Set ``exchange.source`` when answering."""


class Fixture(msgspec.Struct, frozen=True):
    """A fixture as loaded: the ``value`` (decoded where the loader decodes), its ``media_type``, and
    the ``body`` to send when it is answered as it is."""

    value: Any
    media_type: str
    body: bytes


class FixtureLoader(ABC):
    """Reads one kind of fixture file. ``suffixes`` are file endings with the dot (``.csv``)."""

    suffixes: ClassVar[tuple[str, ...]]

    @abstractmethod
    def load(self, path: Path, content: bytes) -> Fixture:
        """Decode ``content`` of the file at ``path``; ValueError if it is not well-formed."""

    def verbatim(self, suffix: str) -> str | None:
        """The media type of files with the ending ``suffix`` (lower case) where they are answered byte for
        byte as they stand: large ones are then sent from disk without being loaded."""
        return None


class CustomPredicate(ABC):
    """A predicate of a plugin's own: ``{<name>: <spec>}`` in a stub, wherever built-in ones stand, and
    under ``request.where`` (about the whole request's body).

    ``name`` is a word in camel case that no built-in predicate has.
    """

    name: str

    @abstractmethod
    def compile(self, spec: Any) -> Callable[[str | Content | None], bool]:
        """What to ask of each value, called once per stub; ValueError if ``spec`` makes no sense.

        The callable is handed a text, a :class:`~mockforge.mocking.matching.Content`, or ``None`` for a
        value that is absent. It is called while a request waits: it must not block. If it raises, that is
        logged and the value does not match.
        """


class TemplateFunction(msgspec.Struct, frozen=True):
    """A function for templates: ``{{ name(...) }}``, or, with ``filter``, ``{{ value | name(...) }}``.

    ``name`` is a word that no built-in function (or filter) has; a function may belong to a family
    (``acme.order``). ``function`` is called with the values that the template gives, while a request waits:
    it must not block. It returns what JSON can say, and may raise a
    :class:`~mockforge.errors.MockForgeError` that says what to do. With ``chance`` it is handed a
    :class:`random.Random` first, from which all of its chance has to come, so that the same seed gives the
    same answers.
    """

    name: str
    function: Callable[..., Any]
    filter: bool = False
    chance: bool = False


class StateBackend(msgspec.Struct, frozen=True):
    """A place to keep state: its ``name`` for ``core.state.store``, and ``open``, called once, at start,
    with the limits of the settings. :class:`~mockforge.mocking.state.StateStore` says what a store must
    do."""

    name: str
    open: Callable[[StateLimits], StateStore]


class Imported(msgspec.Struct, frozen=True):
    """What an importer made: ``stubs`` as they are written to a file, ``files`` they refer to (name below
    the folder of the stubs, and bytes), and ``findings`` about all that could not be taken over."""

    stubs: list[dict[str, Any]]
    files: dict[str, bytes] = {}
    findings: list[Finding] = []


class Importer(ABC):
    """Turns the files of another tool into stubs: ``mockforge import NAME FILE -o DIR``.

    ``description`` says in a few words what it reads.
    """

    name: ClassVar[str]
    description: ClassVar[str]

    @abstractmethod
    def convert(self, path: Path) -> Imported:
        """Read the file or folder at ``path``. What cannot be said in a stub is a finding with the place
        and the reason, never left out silently; a MockForgeError if nothing of it can be read."""


class Recording(msgspec.Struct, frozen=True):
    """How ``mockforge record`` records a server whose URL has one of ``schemes``: the server for ``protocol``
    runs, with ``settings(url, folder)``, values by their dotted keys, such that it passes everything on to
    ``url`` and writes stubs to ``folder``. ``settings`` raises ValueError where ``url`` is no such URL."""

    schemes: tuple[str, ...]
    protocol: str
    settings: Callable[[str, Path], Mapping[str, Any]]


class PanelRequest(msgspec.Struct, frozen=True):
    """What a panel is asked: ``method``, the ``path`` below its address (without a slash in front), the
    ``query`` of a page, and the ``body`` decoded from JSON (``None`` where there is none)."""

    method: str = "GET"
    path: str = ""
    query: Mapping[str, str] = {}
    body: Any = None


class AdminPanel(ABC):
    """A page of a plugin's own in the admin, at ``/panels/<name>``, and maybe an API beside it, at
    ``/__mockforge/panels/<name>``. Whoever comes there has passed the admin's gate.

    ``name`` is a word of lower-case letters, digits and hyphens, ``title`` is what the menu says, ``every``
    is after how many seconds the page is brought up to date while it is looked at (0: never).
    """

    name: ClassVar[str]
    title: ClassVar[str]
    every: ClassVar[float] = 0

    @abstractmethod
    def content(self, kernel: Kernel, request: PanelRequest) -> Any:
        """What the page shows, or an awaitable of it: :class:`~mockforge.html.Html` is put in as it is
        (scripts and styles of its own do not run), any other text as text, other values as JSON."""

    def answer(self, kernel: Kernel, request: PanelRequest) -> Any:
        """What the API answers to ``request``, in values that JSON can say, or an awaitable of that. It is
        asked by GET, which must not change anything, and by POST. MockForgeError: what is wrong with it."""
        raise MockForgeError(
            f"the panel {self.name} has nothing at {request.path or 'its address'!r}"
        )


class ConfigSection(msgspec.Struct, frozen=True):
    """A section of the settings: its top-level ``name`` in the file, and the msgspec struct that
    gives its keys, types, defaults, flags, environment names and descriptions."""

    name: str
    struct: type[msgspec.Struct]


ResponseTransformer = Callable[["Exchange"], "Response | Awaitable[Response | None] | None"]
"""See ``mockforge_transform_response``."""
