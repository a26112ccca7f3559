"""What a transport engine is, and how one is made by its name (``grpc.engine``)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Final, Literal

from mockforge.config.listeners import ListenerTls
from mockforge.observe.budget import MemoryBudget
from mockforge_grpc.transport.call import Application
from mockforge_grpc.transport.limits import GrpcLimits
from mockforge_grpc.transport.stats import TransportStats

EngineName = Literal["http2", "h2", "grpcio"]
"""``http2`` is the fast one (on libnghttp2, or on pure Python where that cannot be imported), ``h2`` is
the same in pure Python, ``grpcio`` is grpc.aio."""

NO_TLS: Final = ListenerTls()

PORT_SETTING: Final = "grpc.port (--grpc-port)"
HOST_SETTING: Final = "grpc.host (--host)"


class Engine(ABC):
    """A listening server of calls. Made anywhere, started in the event loop it then lives in.

    While the process is over ``budget``, an engine that sees connections (``http2``, ``h2``) refuses the
    calls of new ones.
    """

    name: ClassVar[str]
    wire_faults: ClassVar[bool]
    """Whether calls can be reset, disconnected, and sent octets as they are."""

    def __init__(
        self,
        application: Application,
        limits: GrpcLimits,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ListenerTls = NO_TLS,
        budget: MemoryBudget | None = None,
    ) -> None:
        self.budget = budget
        self.application = application
        self.limits = limits
        self.stats = TransportStats()
        self._host = host
        self._port = port
        self._tls = tls

    @abstractmethod
    async def start(self) -> None:
        """Listen; calls are accepted when this returns. StartError if the address cannot be bound or the
        certificate not be used."""

    @abstractmethod
    def addresses(self) -> list[str]:
        """Where it listens: ``grpc://127.0.0.1:50051``, ``unix:/path``."""

    @abstractmethod
    def tls_addresses(self) -> list[str]:
        """Where it speaks TLS: ``grpcs://127.0.0.1:50052``."""

    @abstractmethod
    async def drain(self) -> None:
        """Accept no more (GOAWAY), and return when the calls under way are over."""

    @abstractmethod
    def abort(self) -> None:
        """Accept no more, and cut all that is open."""

    @abstractmethod
    async def stopped(self) -> None:
        """After :meth:`abort`: return once nothing of it needs the event loop any more."""

    @property
    @abstractmethod
    def connections(self) -> int:
        """Open connections."""

    @property
    @abstractmethod
    def streams(self) -> int:
        """Calls under way."""

    @abstractmethod
    def memory_bytes(self) -> int:
        """Estimate of what connections and calls hold, without their messages."""

    @abstractmethod
    def held_bytes(self) -> int:
        """Bytes of messages held: being received, waiting for a receiver, or unsent."""


def engine_class(name: EngineName) -> type[Engine]:
    """The class of an engine, for what all of its kind can do."""
    if name == "grpcio":
        from mockforge_grpc.transport.grpcio import GrpcioEngine

        return GrpcioEngine
    from mockforge_grpc.transport.http2 import Http2Engine

    return Http2Engine


def make_engine(
    name: EngineName,
    application: Application,
    limits: GrpcLimits,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: ListenerTls = NO_TLS,
    budget: MemoryBudget | None = None,
) -> Engine:
    """An engine that is not started. What it needs is imported here and not before."""
    if name == "grpcio":
        return engine_class(name)(application, limits, host=host, port=port, tls=tls)
    from mockforge_grpc.transport.http2 import Http2Engine

    return Http2Engine(
        application, limits, host=host, port=port, tls=tls, budget=budget, pure=name == "h2"
    )
