"""Files of grpctestify: sections ``--- NAME options ---``, read into calls."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

_HEAD = re.compile(r"^---\s*([A-Z_]+)\s*(.*?)\s*---\s*$")
_STRING_OR_COMMENT = re.compile(
    r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/|(?<=[\s])#[^\n]*', re.DOTALL
)
_TRAILING = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])')
_QUIET = ("META", "ADDRESS", "PROTO", "TLS", "OPTIONS")


class Section(NamedTuple):
    """One section: its name, its options, what stands in it, and its line."""

    name: str
    options: dict[str, str]
    text: str
    line: int


class Step(NamedTuple):
    """What is sent or expected, in order: ``REQUEST``, ``RESPONSE``, ``ERROR``, ``ASSERTS``, ``EXTRACT``."""

    kind: str
    values: list[Any]
    options: dict[str, str]
    line: int


@dataclass
class Call:
    """One call of a file."""

    endpoint: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


def read(path: Path) -> list[Call]:
    """The calls of a file, in order. ValueError says what cannot be read."""
    calls: list[Call] = []
    for section in sections(path.read_text("utf-8")):
        if section.name in _QUIET:
            continue
        if section.name == "ENDPOINT":
            calls.append(Call(section.text.strip().lstrip("/")))
        elif not calls:
            raise ValueError(f"line {section.line}: {section.name} comes before ENDPOINT")
        elif section.name in ("HEADERS", "REQUEST_HEADERS"):
            calls[-1].headers += _headers(section.text)
        else:
            calls[-1].steps.append(_step(section))
    return calls


def sections(text: str) -> list[Section]:
    """All sections."""
    found: list[Section] = []
    lines: list[str] = []
    head: tuple[str, dict[str, str], int] | None = None
    for number, line in enumerate([*text.splitlines(), "--- END ---"], 1):
        match = _HEAD.match(line)
        if match is None:
            lines.append(line)
            continue
        if head is not None:
            found.append(Section(head[0], head[1], "\n".join(lines), head[2]))
        head, lines = (match[1], _options(match[2]), number), []
    return found


def _options(text: str) -> dict[str, str]:
    pairs = (word.partition("=") for word in text.split())
    return {name: value or "true" for name, _, value in pairs}


def _headers(text: str) -> list[tuple[str, str]]:
    found = []
    for line in _uncommented_lines(text):
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"{line!r} is no header")
        found.append((name.strip().lower(), value.strip()))
    return found


def _step(section: Section) -> Step:
    if section.name in ("ASSERTS", "EXTRACT"):
        values: list[Any] = _uncommented_lines(section.text)
    elif section.name in ("REQUEST", "RESPONSE", "ERROR"):
        values = documents(section.text)
        if section.name == "REQUEST" and not values:
            values = [{}]
    else:
        raise ValueError(f"line {section.line}: {section.name} is not known")
    return Step(section.name, values, section.options, section.line)


def _uncommented_lines(text: str) -> list[str]:
    stripped = (line.strip() for line in text.splitlines())
    return [line for line in stripped if line and not line.startswith(("//", "#"))]


def documents(text: str) -> list[Any]:
    """JSON values one after the other, with comments and trailing commas."""
    plain = _STRING_OR_COMMENT.sub(lambda match: match[1] or " ", text)
    plain = _TRAILING.sub(lambda match: match[1] or "", plain)
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(plain):
        if plain[at].isspace():
            at += 1
            continue
        value, at = decoder.raw_decode(plain, at)
        found.append(value)
    return found
