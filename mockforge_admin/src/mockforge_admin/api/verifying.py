"""Whether what should have been asked was asked, and what would answer a request."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from mockforge.contracts import Outlook
from mockforge.explanations import Explanation
from mockforge.mocking.exchange import Request
from mockforge.observe.journal import Criteria, JournalEntry
from mockforge_admin.api.endpoints import ApiError, Call, Endpoint

_SHOWN: Final = 20
"""Entries that a verdict holds."""

Count = Annotated[int, Meta(ge=0)]


class Times(msgspec.Struct, forbid_unknown_fields=True):
    """How often; all that are given must hold. None given: at least once."""

    exactly: Count | None = None
    at_least: Count | None = None
    at_most: Count | None = None

    def hold(self, count: int) -> bool:
        """Whether ``count`` is as often as this asks for."""
        if self.exactly is None and self.at_least is None and self.at_most is None:
            return count >= 1
        return (
            self.exactly in (None, count)
            and (self.at_least is None or count >= self.at_least)
            and (self.at_most is None or count <= self.at_most)
        )

    def __str__(self) -> str:
        parts = [
            f"{words} {number}"
            for words, number in (
                ("exactly", self.exactly),
                ("at least", self.at_least),
                ("at most", self.at_most),
            )
            if number is not None
        ]
        return f"{' and '.join(parts) or 'at least 1'} times"


class Verification(msgspec.Struct, forbid_unknown_fields=True):
    """What is asked: ``count`` entries that fit ``request``, ``never``, or the ``sequence`` of such entries,
    others between them allowed."""

    request: Criteria | None = None
    times: Times = msgspec.field(default_factory=Times)
    never: bool = False
    sequence: list[Criteria] | None = None


class Verdict(msgspec.Struct):
    """Whether it holds, and what there was."""

    ok: bool
    message: str
    count: int
    entries: list[JournalEntry]
    """The newest that fit."""
    nearest: list[JournalEntry]
    """Where it does not hold: what came nearest."""


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """A request that is thought of."""

    target: Annotated[str, Meta(min_length=1, max_length=8192, description="Path and query")]
    method: Annotated[str, Meta(min_length=1, max_length=64)] = "GET"
    headers: dict[str, str] = {}
    body: str = ""
    protocol: Literal["http", "websocket", "grpc"] = "http"


class Answered(msgspec.Struct):
    """What would answer."""

    source: str
    template: str | None
    stub: str | None
    explanation: Explanation
    lines: list[str]
    """The explanation for a person."""


def verify(call: Call) -> Verdict:
    """Whether what should have been asked was asked."""
    wanted: Verification = call.body
    if wanted.sequence is not None:
        return _verify_sequence(call, wanted.sequence)
    if wanted.request is None:
        raise ApiError(422, "wrong-body", "There is neither `request` nor `sequence`.")
    journal = call.admin.kernel.journal
    found = journal.find(wanted.request)
    times = Times(exactly=0) if wanted.never else wanted.times
    ok = times.hold(len(found))
    asked = "never" if wanted.never else str(times)
    message = f"{len(found)} requests fit, {asked} were asked for"
    near = [] if ok or found else _nearest(call, wanted.request)
    return Verdict(ok, message, len(found), found[-_SHOWN:], near)


def _verify_sequence(call: Call, wanted: list[Criteria]) -> Verdict:
    journal = call.admin.kernel.journal
    result = journal.sequence(wanted)
    found = [entry for each in result.matched if (entry := journal.get(each)) is not None]
    if result.failed_at is None:
        return Verdict(True, f"all {len(wanted)} came in this order", len(found), found, [])
    earlier = [entry for each in result.earlier if (entry := journal.get(each)) is not None]
    near = earlier or _nearest(call, wanted[result.failed_at])
    return Verdict(False, result.reason, len(found), found, near)


def _nearest(call: Call, wanted: Criteria) -> list[JournalEntry]:
    """Entries that fit all of ``wanted`` but one part, newest first."""
    given = [name for name in Criteria.__struct_fields__ if getattr(wanted, name) is not None]
    found: dict[int, JournalEntry] = {}
    for name in given:
        if len(given) == 1:
            break
        for entry in call.admin.kernel.journal.find(
            msgspec.structs.replace(wanted, **{name: None})
        ):
            found[entry.id] = entry
    return [found[key] for key in sorted(found, reverse=True)][:_SHOWN]


def explain(call: Call) -> Answered:
    """What would answer a request, and why; nothing is called or counted."""
    asked: Asked = call.body
    fields = [(name.encode(), value.encode()) for name, value in asked.headers.items()]
    request = Request(
        asked.method.upper(),
        asked.target,
        fields,
        asked.body.encode(),
        client="127.0.0.1:0",
        protocol=asked.protocol,
    )
    name = {"websocket": "ws"}.get(asked.protocol, asked.protocol)
    for server in call.admin.kernel.servers:
        if server.name == name:
            outlook: Outlook | None = server.foretell(request)
            if outlook is not None:
                return _answered(outlook)
    raise ApiError(404, "no-such-server", f"No server for {asked.protocol} runs.")


def _answered(outlook: Outlook) -> Answered:
    kind, _, rest = outlook.source.partition(":")
    lines = outlook.explanation.lines()
    if outlook.source != "none":
        lines = [f"{outlook.source} answers {outlook.explanation.request}"]
    return Answered(
        outlook.source,
        outlook.template,
        rest if kind == "stub" else None,
        outlook.explanation,
        lines,
    )


ENDPOINTS = (
    Endpoint(
        "POST",
        "/verify",
        verify,
        "Whether what should have been asked was asked",
        "logs",
        body=Verification,
        answer=Verdict,
        description="`ok` says so; the status is 200 whether it holds or not.",
    ),
    Endpoint(
        "POST",
        "/explain",
        explain,
        "What would answer a request, and why",
        "stubs",
        body=Asked,
        answer=Answered,
        errors=(404,),
    ),
)
