"""What answers calls: stubs, generated data, health and reflection. An engine, the HTTP bridge and tests hand
their calls to :class:`Services`, that of the running server being :func:`running`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from mockforge.kernel import Kernel
    from mockforge_grpc.services.services import Services as Services

_running: Final[WeakKeyDictionary[Kernel, Services]] = WeakKeyDictionary()


def running(kernel: Kernel) -> Services | None:
    """The services of the gRPC server of ``kernel``; ``None`` where none runs."""
    return _running.get(kernel)


def set_running(kernel: Kernel, services: Services) -> None:
    """Have ``services`` found by :func:`running`."""
    _running[kernel] = services
