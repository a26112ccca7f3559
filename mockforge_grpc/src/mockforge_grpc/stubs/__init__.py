"""gRPC stubs: what a call must be like, and what is answered."""

from __future__ import annotations

from mockforge_grpc.stubs.action import StubAction
from mockforge_grpc.stubs.compiler import KEY, PROTOCOL, GrpcStubCompiler
from mockforge_grpc.stubs.facts import Facts
from mockforge_grpc.stubs.kit import TEMPLATE_NAMES, Kit

__all__ = ["KEY", "PROTOCOL", "TEMPLATE_NAMES", "Facts", "GrpcStubCompiler", "Kit", "StubAction"]
