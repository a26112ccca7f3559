"""Stubs for single messages of a bidirectional stream, put together: each message is answered by the stub it
matches, whichever answered the one before."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .answers import answer_steps
from .stub import GripStub


def conversations(stubs: Iterable[GripStub]) -> list[tuple[GripStub, dict[str, Any]]]:
    """A native stub for each method and set of headers, with the first stub that went into it."""
    groups: dict[str, tuple[list[GripStub], dict[str, Any]]] = {}
    for stub in stubs:
        for metadata in stub.metadata():
            key = json.dumps([stub.method, metadata], sort_keys=True)
            groups.setdefault(key, ([], metadata))[0].append(stub)
    return [(group[0], _together(group, metadata)) for group, metadata in groups.values()]


def _together(stubs: list[GripStub], metadata: dict[str, Any]) -> dict[str, Any]:
    cases: list[dict[str, Any]] = []
    made: dict[str, Any] = {}
    for stub in sorted(stubs, key=lambda each: -each.priority):
        _note_lost(stub)
        if not stub.output.complete:
            continue
        message = stub.message()
        case: dict[str, Any] = {} if message is None else {"when": message}
        cases.append({**case, "do": answer_steps(stub.output)})
        for name, key in (("headers", "metadata"), ("trailers", "trailers")):
            texts = stub.output.texts(name)
            if texts:
                made[key] = {**texts, **made.get(key, {})}
        if message is None:
            break
    else:
        status = {"code": "NOT_FOUND", "message": "No matching stub found"}
        cases.append({"do": [{"error": status}]})
    grpc: dict[str, Any] = {"method": stubs[0].method}
    if metadata:
        grpc["metadata"] = metadata
    definition: dict[str, Any] = {"id": stubs[0].id} if stubs[0].id and len(stubs) == 1 else {}
    script = [{"forever": ["expect", {"branch": cases}]}]
    return {**definition, "grpc": grpc, "response": {"script": script, **made}}


def _note_lost(stub: GripStub) -> None:
    if stub.times is not None:
        stub.notes.add(
            "times", "`times` of one message in a stream is not counted", (*stub.at, "options", "times"),
            severity="error",
        )  # fmt: skip
    if stub.scenario:
        stub.notes.add(
            "effects", "effects of one message in a stream are not taken over", (*stub.at, "effects"),
            severity="error",
        )  # fmt: skip
