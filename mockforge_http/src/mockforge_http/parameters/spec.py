"""What a document declares about a parameter, in the shape of OpenAPI 3.x."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from mockforge_http.bodies.spec import MediaSpec
from mockforge_http.render.schema import SchemaNode

Place = Literal["path", "query", "querystring", "header", "cookie"]

_DEFAULT_STYLES: Final = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
_STYLES: Final = {
    "path": frozenset({"simple", "label", "matrix"}),
    "header": frozenset({"simple"}),
    "query": frozenset({"form", "deepObject"}),
    "cookie": frozenset({"form", "cookie"}),
}
DELIMITED: Final = frozenset({"spaceDelimited", "pipeDelimited", "tabDelimited"})
"""Swagger 2.0 allows these (as ``ssv``, ``pipes``, ``tsv``) in every place."""


class ParameterSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """A Parameter Object (OpenAPI 3.2.1 section 4.12).

    ``place`` is its ``in``. ``style`` and ``explode`` are ``None`` where the document leaves them to
    their defaults. A parameter has a ``schema`` or a ``content`` with one media type; with neither, any
    text will do. Of Swagger 2.0, ``collectionFormat`` is given as the style it stands for, ``tsv`` as
    ``tabDelimited``.
    """

    name: str
    place: Place
    required: bool = False
    style: str | None = None
    explode: bool | None = None
    allow_reserved: bool = False
    allow_empty: bool = False
    schema: SchemaNode | None = None
    content: Mapping[str, MediaSpec] = {}
    deprecated: bool = False

    @property
    def used_style(self) -> str:
        """The style, or the default one if there is none that makes sense in this place."""
        known = _STYLES.get(self.place, frozenset()) | DELIMITED
        return self.style if self.style in known else _DEFAULT_STYLES.get(self.place, "form")

    @property
    def exploded(self) -> bool:
        """``explode``: "when ``style`` is ``form`` or ``cookie``, the default value is ``true``"."""
        if self.explode is None:
            return self.used_style in ("form", "cookie")
        return self.explode

    @property
    def is_ignored(self) -> bool:
        """ "If ``in`` is ``header`` and the ``name`` field is ``Accept``, ``Content-Type`` or
        ``Authorization``, the parameter definition SHALL be ignored."""
        return self.place == "header" and self.name.lower() in (
            "accept", "content-type", "authorization",
        )  # fmt: skip
