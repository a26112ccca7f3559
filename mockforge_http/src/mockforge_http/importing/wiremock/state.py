"""The matcher of WireMock's state extension."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..notes import At
from .matchers import Matchers


def state_conditions(parameters: Mapping[str, Any], at: At, matchers: Matchers) -> dict[str, Any]:
    """What ``state-matcher`` asks for, as a condition on the state."""
    matchers.refuse(f"the state extension's matcher is not known ({', '.join(parameters)})", at)
    return {}
