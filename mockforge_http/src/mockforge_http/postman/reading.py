"""What the readers of a collection share: notes about oddities, errors with a place, and the small
shapes that Postman writes in several ways (texts, lists of key and value)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from mockforge.errors import DocumentError, Place
from mockforge.findings import Severity
from mockforge_http.documents.pointer import Tokens, join

MOST_NOTES: Final = 200
"""Most notes kept of one collection."""
MOST_EXPANDED: Final = 16 * 1024**2
"""Most characters that the variables of one collection may add to its texts."""


class Note(NamedTuple):
    """Something worth telling about the value at ``tokens`` of the collection."""

    code: str
    message: str
    tokens: Tokens
    severity: Severity
    hint: str | None


class Reading:
    """One collection being read; errors call it ``shown``. ``base`` leads to the collection inside its
    file (exports of the Postman API wrap it)."""

    def __init__(self, shown: str, base: Tokens = ()) -> None:
        self.notes: list[Note] = []
        self._shown = shown
        self._base = base
        self._left = MOST_EXPANDED

    def note(
        self,
        code: str,
        message: str,
        tokens: Tokens,
        *,
        severity: Severity = "warning",
        hint: str | None = None,
    ) -> None:
        """Note something."""
        if len(self.notes) < MOST_NOTES:
            self.notes.append(Note(code, message, self._base + tokens, severity, hint))

    def error(self, message: str, tokens: Tokens, hint: str | None = None) -> DocumentError:
        """The error to raise about the value at ``tokens``."""
        place = Place(self._shown, path=join(self._base + tokens) or None)
        return DocumentError(message, place=place, hint=hint)

    def spend(self, size: int) -> None:
        """Count characters that variables add; DocumentError beyond the bound: nested ones multiply."""
        self._left -= size
        if self._left < 0:
            raise self.error(
                f"its variables expand to more than {MOST_EXPANDED:,} characters", ("variable",)
            )


class Pair(NamedTuple):
    """One header, query parameter, form field, variable or setting. ``value`` is ``None`` where none is
    given; ``entry`` is the object it was read from."""

    key: str
    value: str | None
    enabled: bool
    description: str
    entry: Mapping[str, Any]


def text_of(value: Any) -> str:
    """``value`` as text: descriptions may be ``{content, type}``, values numbers or booleans."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, dict) and isinstance(value.get("content"), str):
        return str(value["content"])
    return msgspec.json.encode(value).decode()


def pairs_of(value: Any, reading: Reading, tokens: Tokens) -> list[Pair]:
    """The entries of ``value``: a list of ``{key, value}``, an object (settings in version 2.0), or text
    with one ``Key: value`` a line. What is none of these is noted and left out."""
    if value is None or value == "":
        return []
    if isinstance(value, str):
        return [_line(line) for line in value.splitlines() if ":" in line]
    if isinstance(value, dict):
        return [Pair(key, _value(member), True, "", {}) for key, member in value.items()]
    if not isinstance(value, list):
        reading.note("postman-shape", "is not a list; it is left out", tokens)
        return []
    found: list[Pair] = []
    for index, entry in enumerate(value):
        if isinstance(entry, dict):
            key = entry.get("key", entry.get("id", entry.get("name")))
            if isinstance(key, str) and key:
                found.append(_entry(key, entry))
        elif isinstance(entry, str) and ":" in entry:
            found.append(_line(entry))
        elif entry is not None:
            reading.note(
                "postman-shape",
                "is not an object with `key` and `value`; it is left out",
                (*tokens, str(index)),
            )
    return found


def _entry(key: str, entry: dict[str, Any]) -> Pair:
    enabled = entry.get("disabled") is not True and entry.get("enabled") is not False
    if key.startswith("//"):  # how version 1 disables a header
        key, enabled = key.removeprefix("//").strip(), False
    return Pair(key, _value(entry.get("value")), enabled, text_of(entry.get("description")), entry)


def _value(value: Any) -> str | None:
    return None if value is None else text_of(value)


def _line(line: str) -> Pair:
    key, _, value = line.partition(":")
    key = key.strip()
    return Pair(key.removeprefix("//").strip(), value.strip(), not key.startswith("//"), "", {})


class Placed(dict[str, Any]):
    """An item made from something else in the file, which is found at ``at``."""

    at: Tokens = ()


class Names:
    """Names that are to be unique: one that is taken gets a number."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}

    def take(self, name: str, before: str = "", after: str = "") -> str:
        """``name`` if it is free; else with the first free number from 2 on between ``before`` and
        ``after``."""
        found = name
        count = self._counts.get(name, 1)
        while found in self._taken:
            count += 1
            found = f"{name}{before}{count}{after}"
        self._counts[name] = count
        self._taken.add(found)
        return found
