"""The admin API: what can be asked of and done to a running MockForge, by resource.

Each module has the endpoints of one resource; :data:`ENDPOINTS` is all of them, from which the application
makes its routes and :mod:`mockforge_admin.api.document` the OpenAPI document.
"""

from __future__ import annotations

from typing import Final

from mockforge_admin.api import (
    connections,
    document,
    fixtures,
    health,
    logs,
    memory,
    panels,
    plugins,
    routes,
    settings,
    state,
    stubs,
    verifying,
)
from mockforge_admin.api.endpoints import Endpoint

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *health.ENDPOINTS,
    *logs.ENDPOINTS,
    *stubs.ENDPOINTS,
    *verifying.ENDPOINTS,
    *routes.ENDPOINTS,
    *state.ENDPOINTS,
    *fixtures.ENDPOINTS,
    *connections.ENDPOINTS,
    *plugins.ENDPOINTS,
    *panels.ENDPOINTS,
    *memory.ENDPOINTS,
    *settings.ENDPOINTS,
    *document.ENDPOINTS,
)

document.describe(ENDPOINTS)
