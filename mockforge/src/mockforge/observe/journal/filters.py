"""The filters of the journal as keywords, and the criteria that they are."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

import msgspec

from mockforge.observe.journal.query import Criteria, QueryError, status_text


class Filters(TypedDict, total=False):
    """The keywords of :meth:`Journal.recent` and :meth:`Journal.subscribe`: the fields of
    :class:`Criteria`, where ``status`` may also be a ``range``."""

    protocol: str | None
    method: str | None
    path: str | None
    status: int | str | range | None
    since: datetime | float | None
    until: datetime | float | None
    after_id: int | None
    before_id: int | None
    source: str | None
    text: str | None


def criteria(filters: Filters) -> Criteria | None:
    """``None`` where nothing is filtered. QueryError: a filter that makes no sense."""
    given = {name: value for name, value in filters.items() if value is not None}
    if not given:
        return None
    if "status" in filters:
        given["status"] = status_text(filters["status"])
    try:
        return msgspec.convert(given, Criteria, strict=False)
    except msgspec.ValidationError as error:
        raise QueryError(
            str(error), hint=f"filters are {', '.join(Filters.__annotations__)}"
        ) from None
