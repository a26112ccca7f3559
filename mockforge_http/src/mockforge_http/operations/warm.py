"""Importing what answering takes: half of all there is to import, and not needed for listening."""

from __future__ import annotations

from typing import Final

MANY_OPERATIONS: Final = 200
"""From so many operations on, everything is imported before the server says that it is ready: reading the
document took longer than that, and no first answer has to wait. Others are ready sooner, and import the rest
while nobody asks yet."""


def warm_up() -> None:
    """Import what an answer may take, so that the first one does not wait for it."""
    import mockforge_http.operations.answering
    import mockforge_http.operations.operation  # noqa: F401


def warm_up_fully() -> None:
    """The same, with the validator's engine, which takes 4 MB."""
    warm_up()
    import jsonschema_rs  # noqa: F401
