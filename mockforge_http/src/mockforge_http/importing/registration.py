"""What importing contributes by hook; nothing heavy is imported before it is used."""

from __future__ import annotations

from typing import Any

from mockforge.contracts import Importer, TemplateFunction


def importers() -> list[Importer]:
    """All formats that become stubs for HTTP."""
    from mockforge_http.importing.curl import CurlImporter
    from mockforge_http.importing.har import HarImporter
    from mockforge_http.importing.mockoon import MockoonImporter
    from mockforge_http.importing.pact import PactImporter
    from mockforge_http.importing.postman import PostmanImporter
    from mockforge_http.importing.wiremock import WireMockImporter

    return [
        CurlImporter(),
        HarImporter(),
        MockoonImporter(),
        PactImporter(),
        PostmanImporter(),
        WireMockImporter(),
    ]


def template_functions() -> list[TemplateFunction]:
    """``hbs.value`` and ``hbs.text``, which translated Handlebars templates call."""
    return [TemplateFunction("hbs.value", _value), TemplateFunction("hbs.text", _text)]


def _value(name: str, /, *arguments: Any, **named: Any) -> Any:
    from mockforge_http.importing.handlebars.functions import value

    return value(name, *arguments, **named)


def _text(name: str, /, *arguments: Any, **named: Any) -> str:
    from mockforge_http.importing.handlebars.functions import printed

    return printed(name, *arguments, **named)
