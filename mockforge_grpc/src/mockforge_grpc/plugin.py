"""The entry point of the distribution: what gRPC contributes to MockForge. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockforge import hookimpl
from mockforge.contracts import ConfigSection, Recording

if TYPE_CHECKING:
    from mockforge.contracts import Importer, ProtocolServer, Responder, TemplateFunction
    from mockforge.findings import Finding


@hookimpl
def mockforge_register_config() -> Iterable[ConfigSection]:
    """The section ``grpc``."""
    from mockforge_grpc.config import GrpcConfig

    return [ConfigSection("grpc", GrpcConfig)]


@hookimpl
def mockforge_register_protocols() -> Iterable[type[ProtocolServer]]:
    """The gRPC mock server."""
    from mockforge_grpc.server import GrpcServer

    return [GrpcServer]


@hookimpl
def mockforge_register_importers() -> Iterable[Importer]:
    """Formats of other tools."""
    from mockforge_grpc.importing.registration import importers

    return importers()


@hookimpl
def mockforge_register_recordings() -> Iterable[Recording]:
    """Servers that speak gRPC."""
    return [Recording(("grpc", "grpcs"), "grpc", _recording)]


@hookimpl
def mockforge_register_template_functions() -> Iterable[TemplateFunction]:
    """What imported templates call."""
    from mockforge_grpc.importing.registration import template_functions

    return template_functions()


@hookimpl
def mockforge_register_responders() -> Iterable[Responder]:
    """The services on the port of the HTTP server."""
    from mockforge_grpc.bridge.responder import BridgeResponder

    return [BridgeResponder()]


@hookimpl
def mockforge_register_lint_kinds() -> Iterable[str]:
    """Protos and stubs."""
    return ["protos", "descriptor sets", "gRPC stubs"]


@hookimpl
def mockforge_lint_file(path: Path, fast: bool) -> Iterable[Finding] | None:
    """Checks ``.proto`` files, descriptor sets, and stubs with ``grpc``."""
    from mockforge_grpc.lint import lint_file

    return lint_file(path, fast=fast)


def _recording(url: str, folder: Path) -> Mapping[str, Any]:
    from mockforge_grpc.config_proxy import Upstream

    return {
        "grpc.proxy.upstream": str(Upstream.parse(url)),
        "grpc.proxy.when": "always",
        "grpc.record.to": str(folder),
    }
