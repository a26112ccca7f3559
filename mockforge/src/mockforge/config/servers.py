"""Settings that the sections of several protocol servers have, each with a default of its own.

Sections use them as the types of their fields, and may say more around them:
``Annotated[Mocks, Meta(description="...")]``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

Mode = Literal["enforce", "warn", "off"]
"""What is done about what does not fit its document."""

Share = Annotated[float, Meta(ge=0, le=1)]

Mocks = Annotated[tuple[Path, ...], Meta(extra={"flag": "--mocks"})]
MaxStubs = Annotated[
    int, Meta(ge=1, le=1_000_000, description="Stubs, loaded and put at run time together")
]
SpecRoot = Annotated[
    Path | None,
    Meta(
        description="Folder that the files of a document may lie in; default: the folder of its "
        "entry file",
        extra={"flag": "--spec-root"},
    ),
]
CacheDir = Annotated[Path | None, Meta(description="Where; default: the user's cache folder")]

RecordTo = Annotated[
    Path | None,
    Meta(
        description="Folder that stubs are written to; unset = nothing is recorded",
        extra={"flag": "--record"},
    ),
]
MatchHeaders = Annotated[
    tuple[str, ...],
    Meta(description="Request headers that stubs are to match as well; none that is redacted"),
]
