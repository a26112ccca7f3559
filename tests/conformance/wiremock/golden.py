"""Reading ``golden.json``: what was asked, and what WireMock answered."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple


class Case(NamedTuple):
    """One request and the answer to it. ``number`` is the stub's place in its file, from 1."""

    file: str
    number: int
    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    status: int
    answer: bytes

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"{self.file}#{self.number}"


class Sample(NamedTuple):
    """One file of mappings, with its usable cases."""

    path: Path
    cases: list[Case]
    accepted: bool
    """Whether WireMock took all of it."""


def samples(folder: Path) -> Iterator[Sample]:
    """Every file of mappings in ``folder``, with what is known of it."""
    entries: dict[str, list[dict[str, Any]]] = {}
    for entry in json.loads((folder / "golden.json").read_bytes())["cases"]:
        entries.setdefault(entry["file"].rpartition("/")[2], []).append(entry)
    for path in sorted((folder / "mappings").rglob("*.json")):
        stubs = [stub for entry in entries.get(path.name, ()) for stub in entry["stubs"]]
        cases = [
            _case(path.name, number, stub)
            for number, stub in enumerate(stubs, 1)
            if stub.get("usable") and stub.get("request")
        ]
        yield Sample(path, cases, all(stub["accepted"] for stub in stubs))


def _case(file: str, number: int, stub: dict[str, Any]) -> Case:
    request, answer = stub["request"], stub["answer"]
    body = request.get("body")
    encoded = answer.get("body_b64")
    return Case(
        file,
        number,
        request["method"],
        request["path"],
        dict(request.get("headers") or {}),
        None if body is None else body.encode(),
        answer["status"],
        base64.b64decode(encoded) if encoded else str(answer.get("body") or "").encode(),
    )
