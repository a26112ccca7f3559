"""All stubs of the gRPC server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockforge.mocking.stubs import StubSet, load_stubs
from mockforge_grpc.stubs.compiler import GrpcStubCompiler

if TYPE_CHECKING:
    from mockforge.mocking.stubs import States
    from mockforge_grpc.config import GrpcConfig
    from mockforge_grpc.stubs.kit import Kit


def load(config: GrpcConfig, kit: Kit, states: States) -> StubSet:
    """Read what the settings name. StubError, StubErrors: what is wrong."""
    return load_stubs(
        config.mocks,
        [GrpcStubCompiler(kit)],
        max_stubs=config.max_stubs,
        states=states,
        max_setting="grpc.max_stubs",
    )
