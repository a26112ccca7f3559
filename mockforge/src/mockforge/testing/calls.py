"""What a test expects to have been called, and how what was recorded differs from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from mockforge.observe.journal import Criteria, Journal, JournalEntry

SHOWN: Final = 5
"""Near misses in the text of a failed assertion."""

UNSET: Final = object()


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """An expected request. What is ``None`` (or not given) may be anything.

    ``path`` is a path as sent, its beginning and a ``*``, or a path template of the document.
    ``query`` and ``headers`` need only be among those sent; header names in any case. ``json`` is
    compared with the decoded body, ``body`` with its text.
    """

    method: str | None = None
    path: str | None = None
    query: Mapping[str, str | Sequence[str]] | None = None
    headers: Mapping[str, str] | None = None
    json: Any = UNSET
    body: str | None = None
    status: int | str | None = None
    protocol: str | None = None

    def find(self, journal: Journal) -> list[JournalEntry]:
        """The recorded requests that are such a call, oldest first."""
        criteria = Criteria(
            method=self.method, path=self.path, status=self.status, protocol=self.protocol
        )
        return [entry for entry in journal.find(criteria) if not self._content(entry)]

    def differences(self, entry: JournalEntry, journal: Journal) -> list[str]:
        """What is different about ``entry``, each in a few words."""
        parts: dict[str, tuple[Any, Any]] = {
            "method": (self.method, entry.method),
            "path": (self.path, entry.path),
            "status": (self.status, entry.status),
            "protocol": (self.protocol, entry.protocol),
        }
        this = Criteria(after_id=entry.id - 1, before_id=entry.id + 1)
        found = []
        for name, (wanted, actual) in parts.items():
            alone = msgspec.structs.replace(this, **{name: wanted})
            if wanted is not None and not journal.count(alone):
                found.append(f"{name} is {actual}")
        return [*found, *self._content(entry)]

    def _content(self, entry: JournalEntry) -> list[str]:
        found = []
        sent = parse_qs(entry.query, keep_blank_values=True)
        for name, value in (self.query or {}).items():
            wanted = [value] if isinstance(value, str) else list(value)
            if sent.get(name) != wanted:
                found.append(f"query {name} is {_shown(sent.get(name))}")
        headers = {name.lower(): value for name, value in entry.request_headers}
        for name, value in (self.headers or {}).items():
            if headers.get(name.lower()) != value:
                found.append(f"header {name} is {_shown(headers.get(name.lower()))}")
        if self.json is not UNSET and _decoded(entry) != self.json:
            found.append(f"body is {_shown(entry.request_body)}")
        if self.body is not None and entry.request_body != self.body:
            found.append(f"body is {_shown(entry.request_body)}")
        return found

    def __str__(self) -> str:
        words = [self.method or "any method", self.path or "any path"]
        for name in ("query", "headers", "body", "status", "protocol"):
            value = getattr(self, name)
            if value is not None:
                words.append(f"{name}={value!r}")
        if self.json is not UNSET:
            words.append(f"json={self.json!r}")
        return " ".join(words)


def failure(call: Call, expected: str, count: int, journal: Journal) -> str:
    """The text of a failed assertion: what was expected, and what came nearest."""
    entries = journal.find(Criteria())
    actual = f"called {times(count)}" if count else "never called"
    lines = [f"expected {call} {expected}, but it was {actual}"]
    misses = _near(call, entries, journal)
    if misses:
        lines.append("nearest:")
        for entry, different in misses:
            lines.append(f"  {_line(entry)}: {', '.join(different)}")
            if entry.explanation is not None:
                lines += [f"    {line}" for line in entry.explanation.lines()]
    lines.append(f"{len(entries)} requests were recorded" if entries else "nothing was called")
    return "\n".join(lines)


def times(count: int) -> str:
    """``once``, ``3 times``."""
    return {0: "never", 1: "once"}.get(count, f"{count} times")


def _near(
    call: Call, entries: Iterable[JournalEntry], journal: Journal
) -> list[tuple[JournalEntry, list[str]]]:
    missed = []
    for entry in entries:
        different = call.differences(entry, journal)
        if different:
            likeness = SequenceMatcher(None, call.path or "", entry.path).ratio()
            missed.append((len(different), -likeness, entry.id, entry, different))
    return [(entry, different) for *_, entry, different in sorted(missed)[:SHOWN]]


def _line(entry: JournalEntry) -> str:
    return f"{entry.method} {entry.target} -> {entry.status}"


def _decoded(entry: JournalEntry) -> Any:
    try:
        return msgspec.json.decode(entry.request_body)
    except msgspec.DecodeError:
        return UNSET


def _shown(value: object) -> str:
    if value is None:
        return "missing"
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}..."
