"""Which version of AsyncAPI a document is of."""

from __future__ import annotations

import re
from typing import Final

from mockforge.errors import DocumentError
from mockforge_ws.asyncapi.files import Files

KEY: Final = "asyncapi"
_VERSION: Final = re.compile(r"(\d+)\.(\d+)(?:\.\d+)?(?:-[\w.]+)?")


def check_version(files: Files) -> None:
    """DocumentError: it is none that can be read."""
    root = files.root
    if not isinstance(root.value, dict) or KEY not in root.value:
        raise DocumentError(
            "is no AsyncAPI document: there is no `asyncapi` at its root",
            place=files.place(root),
            hint="an AsyncAPI document starts with `asyncapi: 3.0.0`",
        )
    node = root.child(KEY)
    stated = str(node.value) if isinstance(node.value, int | float) else node.value
    found = _VERSION.fullmatch(stated.strip()) if isinstance(stated, str) else None
    if found is None:
        raise DocumentError(
            "`asyncapi` is no version",
            place=files.place(node),
            hint="for instance `asyncapi: 3.0.0`",
        )
    if found[1] in ("1", "2"):
        raise DocumentError(
            f"AsyncAPI {stated} is not read: convert it to 3.0",
            place=files.place(node),
            hint=f"asyncapi convert {files.entry} --target-version 3.0.0 --output FILE (the AsyncAPI CLI)",
        )
    if found[1] != "3":
        raise DocumentError(
            f"AsyncAPI {stated} is not known",
            place=files.place(node),
            hint="AsyncAPI 3.0 and 3.1 are read",
        )
