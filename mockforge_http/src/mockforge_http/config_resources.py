"""The settings of resource collections: ``http.resources``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta


class ResourceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A collection whose items are kept: created, listed, changed, deleted."""

    path: Annotated[
        str,
        Meta(
            pattern="^/",
            description="Path template of the collection, as in the document: `/users/{userId}/posts`. "
            "One that no document has is served without a document",
        ),
    ]
    id: Annotated[
        str | None,
        Meta(description="Property that identifies an item; default: found by name, else `id`"),
    ] = None
    seed: Annotated[
        Path | None,
        Meta(description="File of the items that are there at the start (JSON, YAML, CSV)"),
    ] = None
    max_items: Annotated[
        Annotated[int, Meta(ge=1)] | None, Meta(description="Items kept; default: `http.max_items`")
    ] = None
