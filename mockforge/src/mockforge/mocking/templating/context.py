"""``request`` as templates see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockforge.mocking.exchange import Request


def request_context(request: Request, *, path: Mapping[str, str] = {}) -> dict[str, Any]:
    """What :meth:`Template.render` takes: ``{"request": view}``; add ``state`` and others to it.

    The view has ``method url path query headers cookies body json form client host``, each decoded when it is
    first asked for; ``path`` are the decoded values of the path template.
    """
    raise NotImplementedError
