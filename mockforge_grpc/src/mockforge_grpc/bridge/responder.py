"""The HTTP responder of the bridge. It is asked for every HTTP request that no stub answers: one that is not
for a service costs a look at its first segment. The bridge itself is imported once the gRPC server runs."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, ClassVar, Final
from weakref import WeakKeyDictionary

from mockforge.contracts import Responder
from mockforge.mocking.exchange import Exchange, Response

if TYPE_CHECKING:
    from mockforge.kernel import Kernel
    from mockforge_grpc.bridge.front import Front
    from mockforge_grpc.bridge.settings import BridgeSettings
    from mockforge_grpc.services import Services

_FRAMED: Final = (b"application/grpc-web", b"application/connect+")


class BridgeResponder(Responder):
    """Answers for the gRPC services of this process, after stubs and fixtures, before proxy and operations.
    What a document of the HTTP server declares stays the document's."""

    protocol: ClassVar[str] = "http"
    priority: ClassVar[int] = 250

    def __init__(self) -> None:
        self._kernel: Kernel | None = None
        self._settings: BridgeSettings | None = None
        self._services: Services | None = None
        self._front: Front | None = None
        self._prefix = ""

    def start(self, kernel: Kernel) -> None:
        from mockforge_grpc.config import GrpcConfig

        config = kernel.settings.section("grpc", GrpcConfig)
        if not config.http_bridge.enabled:
            return
        from mockforge_grpc.bridge.settings import BridgeSettings

        self._kernel = kernel
        prefix = config.http_bridge.prefix.strip("/")
        self._prefix = f"/{prefix}" if prefix else ""
        self._settings = BridgeSettings(
            prefix=self._prefix,
            defaults=config.http_bridge.defaults,
            max_message=int(config.max_message),
            write_buffer=int(config.write_buffer),
        )
        _responders[kernel] = self
        kernel.memory.register("grpc.http_bridge", self.memory_bytes)

    def respond(self, exchange: Exchange) -> Response | Awaitable[Response | None] | None:
        services = self._services
        if services is None:
            services = self._look()
            if services is None:
                return None
        if exchange.operation is not None:
            return None
        request = exchange.request
        path = request.path
        if self._prefix:
            if not path.startswith(self._prefix):
                return None
            path = path[len(self._prefix) :]
            if not path.startswith("/"):
                return None
        front = self._front
        if front is None or front.schema is not services.schema:
            front = self._make(services)
        if front.firsts is not None:
            end = path.find("/", 1)
            first = path[1:end] if end > 0 else path[1:].partition(":")[0]
            if first not in front.firsts and "%" not in first:
                if request.method != "POST":
                    return None
                if not request.fields.get(b"content-type", b"").startswith(_FRAMED):
                    return None
        return front.respond(exchange, path)

    def front(self) -> Front | None:
        """What answers at the moment, if the gRPC server runs."""
        services = self._services or self._look()
        if services is None:
            return None
        if self._front is None or self._front.schema is not services.schema:
            return self._make(services)
        return self._front

    def memory_bytes(self) -> int:
        """About what the bridge holds."""
        return 0 if self._front is None else self._front.memory_bytes()

    def _look(self) -> Services | None:
        if self._kernel is None:
            return None
        from mockforge_grpc.services import running

        self._services = running(self._kernel)
        return self._services

    def _make(self, services: Services) -> Front:
        from mockforge_grpc.bridge.front import Front

        assert self._settings is not None  # noqa: S101 - set where services are looked for
        self._front = Front(services, services.schema, self._settings)
        return self._front


_responders: Final[WeakKeyDictionary[Kernel, BridgeResponder]] = WeakKeyDictionary()


def bridge_of(kernel: Kernel) -> BridgeResponder | None:
    """The bridge of ``kernel``, if its HTTP server has one."""
    return _responders.get(kernel)
