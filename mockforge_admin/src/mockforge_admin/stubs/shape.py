"""What a stub looks like, for the API's document: as far as it is the same for all protocols. What its own
part may say is for the protocol's compiler, whose messages say more than a schema could."""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import Meta

from mockforge.mocking.stubs.common import LARGEST, MAX_NAME, MAX_TAGS, PROTOCOL_KEYS

_NAME: Final = {"type": "string", "minLength": 1, "maxLength": MAX_NAME}
_SHAPE: Final[dict[str, Any]] = {
    "properties": {
        "id": _NAME,
        "priority": {"type": "integer", "minimum": -LARGEST, "maximum": LARGEST},
        "enabled": {"type": "boolean"},
        "tags": {"anyOf": [{"type": "array", "items": _NAME, "maxItems": MAX_TAGS}, _NAME]},
        "times": {"type": "integer", "minimum": 1, "maximum": LARGEST},
        "scenario": {"anyOf": [{"type": "object"}, _NAME]},
        **{key: {"type": "object"} for key in PROTOCOL_KEYS},
    },
    "anyOf": [{"required": [key]} for key in PROTOCOL_KEYS],
}

Definition = Annotated[
    dict[str, Any],
    Meta(description="A stub as in a file of stubs", extra_json_schema=_SHAPE),
]
"""A stub as in a file of stubs."""
