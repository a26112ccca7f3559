"""What importing contributes by hook; nothing heavy is imported before it is used."""

from __future__ import annotations

from mockforge.contracts import Importer, TemplateFunction


def importers() -> list[Importer]:
    """All formats that become stubs for gRPC."""
    from mockforge_grpc.importing.gripmock import GripMockImporter

    return [GripMockImporter()]


def template_functions() -> list[TemplateFunction]:
    """``gripmock.*``, which translated templates call."""
    from mockforge_grpc.importing.gripmock.templates.functions import FUNCTIONS

    return [TemplateFunction(f"gripmock.{name}", function) for name, function in FUNCTIONS.items()]
