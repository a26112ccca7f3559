"""The entry point of the distribution: what HTTP contributes to MockForge. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockforge import hookimpl
from mockforge.contracts import ConfigSection, Recording

if TYPE_CHECKING:
    from mockforge.contracts import Importer, ProtocolServer, TemplateFunction
    from mockforge.findings import Finding


@hookimpl
def mockforge_register_config() -> Iterable[ConfigSection]:
    """The section ``http``."""
    from mockforge_http.config import HttpConfig

    return [ConfigSection("http", HttpConfig)]


@hookimpl
def mockforge_register_protocols() -> Iterable[type[ProtocolServer]]:
    """The HTTP mock server."""
    from mockforge_http.server import HttpServer

    return [HttpServer]


@hookimpl
def mockforge_register_recordings() -> Iterable[Recording]:
    """Servers that speak HTTP."""
    return [Recording(("http", "https"), "http", _recording)]


@hookimpl
def mockforge_register_importers() -> Iterable[Importer]:
    """WireMock, HAR, Postman and others."""
    from mockforge_http.importing.registration import importers

    return importers()


@hookimpl
def mockforge_register_template_functions() -> Iterable[TemplateFunction]:
    """The helpers of imported Handlebars templates."""
    from mockforge_http.importing.registration import template_functions

    return template_functions()


@hookimpl
def mockforge_register_lint_kinds() -> Iterable[str]:
    """API descriptions and stubs."""
    return ["OpenAPI documents (2.0, 3.0, 3.1, 3.2)", "stubs"]


@hookimpl
def mockforge_lint_file(path: Path, fast: bool) -> Iterable[Finding] | None:
    """Checks API descriptions and stubs; slow are openapi-core's check, and stubs against documents."""
    from mockforge_http.lint import lint_file

    found = lint_file(path, fast=fast)
    if found is None:
        from mockforge_http.lint.stubs import lint_stubs

        found = lint_stubs(path, fast=fast)
    return found


def _recording(url: str, folder: Path) -> Mapping[str, Any]:
    from mockforge_http.upstreams import Upstream

    return {
        "http.proxy.upstream": str(Upstream.parse(url)),
        "http.proxy.when": "always",
        "http.record.to": str(folder),
    }
