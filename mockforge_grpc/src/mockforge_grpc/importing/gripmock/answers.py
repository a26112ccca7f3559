"""Responses for each kind of method, made of the parts of ``output``."""

from __future__ import annotations

from typing import Any

from ..notes import At, Notes
from .methods import BIDI, SERVER
from .outputs import Output


def response(output: Output, kind: str, at: At, notes: Notes) -> dict[str, Any]:
    """The ``response`` of a stub that sees what the client says at once."""
    made: dict[str, Any] = {}
    status = output.status()
    if output.streams and kind not in (SERVER, BIDI):
        notes.add(
            "stream", "the method answers with one message; the first is taken", (*at, "stream")
        )
    if output.streams and kind in (SERVER, BIDI):
        if any(output.marker(number) for number in range(len(output.elements()))):
            return _marked(output, status)
        made["messages"] = [output.element(number) for number in range(len(output.elements()))]
    elif output.streams:
        made["message"] = output.element(0) if output.elements() else {}
    elif status is None:
        made["message"] = output.data()
    if status is not None:
        made["status"] = status
    delay = output.delay()
    if delay is not None:
        made["delay"] = delay
        if len(made.get("messages", ())) > 1:
            made["every"] = delay
    return made | _metadata(output, failed=status is not None)


def _metadata(output: Output, *, failed: bool) -> dict[str, Any]:
    made: dict[str, Any] = {}
    headers, trailers = output.texts("headers"), output.texts("trailers")
    if failed:
        # Of an answer without messages, clients see headers in the trailers.
        trailers = headers | trailers
    if headers:
        made["metadata"] = headers
    if trailers:
        made["trailers"] = trailers
    return made


def _marked(output: Output, status: dict[str, Any] | None) -> dict[str, Any]:
    """A stream whose messages have delays and errors of their own."""
    steps: list[Any] = []
    for number in range(len(output.elements())):
        steps += element_steps(output, number)
        if "error" in steps[-1]:
            break
    else:
        steps.append({"error": status} if status is not None else "end")
    return {"script": steps} | _metadata(output, failed=False)


def element_steps(output: Output, number: int) -> list[Any]:
    """The steps that send one message of a stream."""
    marker = output.marker(number)
    at: At = ("stream", number, "_gripmock")
    delay = output.delay(marker["delay"], (*at, "delay")) if "delay" in marker else output.delay()
    steps: list[Any] = [] if delay is None else [{"wait": delay}]
    if "error" in marker or "code" in marker:
        status = output.status(marker, at)
        if status is not None:
            return [*steps, {"error": status}]
    return [*steps, {"send": output.element(number)}]


def answer_steps(output: Output) -> list[Any]:
    """The steps that answer one message of a bidirectional stream."""
    status = output.status()
    if output.streams:
        steps = [
            step
            for number in range(len(output.elements()))
            for step in element_steps(output, number)
        ]
        return steps if status is None else [*steps, {"error": status}]
    delay = output.delay()
    steps = [] if delay is None else [{"wait": delay}]
    return [*steps, {"send": output.data()} if status is None else {"error": status}]
