"""Choosing entries: criteria, and whether things happened in an order.

Criteria are checked on records, which are cheap to look at; only ``text`` needs the built entry,
because it must not find what is redacted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from mockforge.errors import MockForgeError
from mockforge.observe.journal.entry import JournalEntry
from mockforge.observe.journal.record import (
    METHOD,
    PROTOCOL,
    RECEIVED,
    SOURCE,
    STATUS,
    TARGET,
    TEMPLATE,
    Record,
)

_CLASS: Final = re.compile(r"([1-5])xx", re.IGNORECASE)
_RANGE: Final = re.compile(r"(\d{1,3})-(\d{1,3})")
_STATUS_HINT: Final = (
    "write a status (404), a class (4xx), a range (400-499), none, or several with commas"
)

_ONE: Final = "([Nn][Oo][Nn][Ee]|[1-5][Xx][Xx]|[0-9]{1,3}(-[0-9]{1,3})?)"
_DATE: Final = (
    "([12][0-9]{3}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    "|02-(0[1-9]|1[0-9]|2[0-8]))"
    "|([12][0-9](0[48]|[2468][048]|[13579][26])|(1[26]|2[048])00)-02-29)"
)
_TIME: Final = "([01][0-9]|2[0-3]):[0-5][0-9]"

# What follows says to readers of a JSON Schema what is checked here, with better messages.
StatusText = Annotated[str, Meta(extra_json_schema={"pattern": f"^{_ONE}(,{_ONE})*$"})]
StatusNumber = Annotated[int, Meta(extra_json_schema={"minimum": 0, "maximum": 999})]
Moment = Annotated[
    datetime,
    Meta(
        extra_json_schema={
            "pattern": f"^{_DATE}T{_TIME}:[0-5][0-9]([.][0-9]{{1,6}})?(Z|[+-]{_TIME})$"
        }
    ),
]
Seconds = Annotated[float, Meta(ge=-1e11, le=1e11)]

RecordTest = Callable[[Record], bool]
EntryTest = Callable[[JournalEntry], bool]


class QueryError(MockForgeError):
    """A query of the journal cannot be understood."""


class Criteria(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an entry must be; all that are given must hold. Decodes from JSON, and from query
    parameters with ``msgspec.convert(parameters, Criteria, strict=False)``."""

    protocol: str | None = None
    method: str | None = None
    """A method in any case, or several: ``GET,HEAD``."""
    path: str | None = None
    """The path as sent, without query; or its beginning and a ``*`` (``/pets/*``); or the matched
    template (``/pets/{petId}``)."""
    status: StatusNumber | StatusText | None = None
    """``404``, ``"4xx"``, ``"400-499"`` (both ends included), ``"none"``, ``"404,5xx"``."""
    since: Moment | Seconds | None = None
    """Arrived at or after this time (with time zone), or seconds since 1970."""
    until: Moment | Seconds | None = None
    """Arrived before this time."""
    after_id: int | None = None
    """Newer than the entry with this id."""
    before_id: int | None = None
    """Older than the entry with this id (the way to the next page)."""
    source: str | None = None
    """What answered, or its beginning and a ``*`` (``stub:*``)."""
    text: str | None = None
    """Occurs, in any case, in the target, a header, a body, the source, a finding or the error."""


Query = Criteria | EntryTest
"""Criteria, or a function that looks at the built entry."""


class Selector(msgspec.Struct, frozen=True):
    """A compiled query: tests on the record, tests on the built entry, and bounds of the id."""

    record_tests: tuple[RecordTest, ...] = ()
    entry_tests: tuple[EntryTest, ...] = ()
    after_id: int = 0
    before_id: int | None = None

    def sees(self, entry_id: int, record: Record) -> bool:
        """Whether bounds and record tests hold (entry tests may still fail)."""
        if entry_id <= self.after_id or (self.before_id is not None and entry_id >= self.before_id):
            return False
        return all(test(record) for test in self.record_tests)

    def takes(self, entry: JournalEntry) -> bool:
        """Whether the entry tests hold."""
        return all(test(entry) for test in self.entry_tests)

    @property
    def selects_all(self) -> bool:
        """Nothing is asked for."""
        return self == _ALL


_ALL: Final = Selector()


def compile_query(query: Query | None) -> Selector:
    """Prepare ``query``; :class:`QueryError` if a part of it makes no sense."""
    if query is None:
        return _ALL
    if not isinstance(query, Criteria):
        return Selector(entry_tests=(query,))
    tests = [
        _equals(PROTOCOL, query.protocol),
        None if query.method is None else _method_test(query.method),
        None if query.path is None else _path_test(query.path),
        None if query.status is None else _status_test(query.status),
        None if query.source is None else _source_test(query.source),
        None if query.since is None else _since_test(_nanoseconds(query.since, "since")),
        None if query.until is None else _until_test(_nanoseconds(query.until, "until")),
    ]
    return Selector(
        record_tests=tuple(test for test in tests if test is not None),
        entry_tests=(_text_test(query.text),) if query.text else (),
        after_id=query.after_id or 0,
        before_id=query.before_id,
    )


def _equals(field: int, wanted: str | None) -> RecordTest | None:
    return None if wanted is None else lambda record: record[field] == wanted


def _method_test(method: str) -> RecordTest:
    wanted = frozenset(name.strip().upper() for name in method.split(","))
    return lambda record: record[METHOD].upper() in wanted


def _path_test(path: str) -> RecordTest:
    if path.endswith("*"):
        start = path[:-1]
        return lambda record: record[TARGET].partition("?")[0].startswith(start)
    return lambda record: record[TEMPLATE] == path or record[TARGET].partition("?")[0] == path


def _source_test(source: str) -> RecordTest:
    if source.endswith("*"):
        start = source[:-1]
        return lambda record: record[SOURCE].startswith(start)
    return lambda record: record[SOURCE] == source


def _status_test(status: int | str) -> RecordTest:
    wanted: set[int | None] = set()
    for part in str(status).split(","):
        wanted |= _statuses(part.strip())
    return lambda record: record[STATUS] in wanted


def _statuses(text: str) -> set[int | None]:
    if text.lower() == "none":
        return {None}
    if text.isdecimal() and len(text) <= 3:
        return {int(text)}
    if match := _CLASS.fullmatch(text):
        low = int(match[1]) * 100
        return set(range(low, low + 100))
    if match := _RANGE.fullmatch(text):
        low, high = int(match[1]), int(match[2])
        if low <= high:
            return set(range(low, high + 1))
    raise QueryError(f"{text!r} is not a status", hint=_STATUS_HINT)


def _since_test(nanoseconds: int) -> RecordTest:
    return lambda record: record[RECEIVED] >= nanoseconds


def _until_test(nanoseconds: int) -> RecordTest:
    return lambda record: record[RECEIVED] < nanoseconds


def _nanoseconds(moment: datetime | float, name: str) -> int:
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise QueryError(
                f"{name}: {moment.isoformat()} has no time zone",
                hint="end it with Z or an offset such as +01:00",
            )
        return round(moment.timestamp() * 1e6) * 1000
    try:
        return int(moment * 1e9)
    except (OverflowError, ValueError):
        raise QueryError(f"{name}: {moment} is not a time") from None


def _text_test(text: str) -> EntryTest:
    wanted = text.casefold()

    def occurs(entry: JournalEntry) -> bool:
        return any(wanted in part.casefold() for part in _texts(entry))

    return occurs


def _texts(entry: JournalEntry) -> Iterable[str]:
    yield entry.target
    if not entry.request_body_base64:
        yield entry.request_body
    if not entry.response_body_base64:
        yield entry.response_body
    for name, value in (*entry.request_headers, *entry.response_headers):
        yield f"{name}: {value}"
    yield entry.source
    yield entry.error or ""
    for finding in entry.findings:
        yield str(finding)
    if entry.explanation is not None:
        yield from entry.explanation.lines()


def status_text(status: int | str | range | None) -> int | str | None:
    """A ``range`` (as in ``range(400, 500)``) in the form that :class:`Criteria` has for it."""
    if isinstance(status, range):
        if not status or status.step != 1:
            raise QueryError(f"{status!r} is not a range of statuses", hint=_STATUS_HINT)
        return f"{status.start}-{status.stop - 1}"
    return status
