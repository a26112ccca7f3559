"""One stub of GripMock's, taken apart, and made into native ones."""

from __future__ import annotations

from typing import Any, Final

from ..notes import At, Notes
from .answers import answer_steps, element_steps, response
from .matchers import header_predicates, input_predicate
from .methods import BIDI, CLIENT, SERVER, UNARY, Methods
from .outputs import Output
from .templates import Names

KEYS: Final = (
    "id", "service", "method", "session", "priority", "options", "headers", "input", "inputs", "stream",
    "output", "effects", "source", "enabled", "name", "$schema",
)  # fmt: skip
_NAMES: Final = {
    UNARY: Names(),
    SERVER: Names(),
    CLIENT: Names(request="requests[-1]", requests="requests"),
    BIDI: Names(request="message", requests="[message]"),
}


class GripStub:
    """A stub as it was read. ``kind`` is that of its method; ``complete`` is false where something that
    matters could not be taken over."""

    def __init__(self, given: dict[str, Any], at: At, notes: Notes, methods: Methods) -> None:
        notes.unknown(given, KEYS, at, "a stub")
        self.given = given
        self.at = at
        self.notes = notes
        self.id = str(given["id"]) if isinstance(given.get("id"), str | int) else ""
        service, method = str(given.get("service", "")), str(given.get("method", ""))
        # The older spelling of `inputs`.
        listed = given.get("inputs", given.get("stream"))
        self.inputs = listed if isinstance(listed, list) and listed else None
        found = methods.find(service, method)
        self.known = found is not None
        self.service, self.kind = found or (service, self._guessed())
        self.method = f"{self.service}/{method}"
        self.output = Output(given.get("output"), (*at, "output"), notes, _NAMES[self.kind])
        priority = given.get("priority", 0)
        self.priority = priority if isinstance(priority, int) else 0
        options = notes.mapping(given.get("options"), (*at, "options"), "`options`")
        notes.unknown(options, ("times",), (*at, "options"), "`options`")
        times = options.get("times")
        self.times = times if isinstance(times, int) and times > 0 else None
        self.scenario: dict[str, str] = {}
        if given.get("session"):
            notes.add(
                "session", "sessions are not told apart; the stub is for all", (*at, "session")
            )

    def _guessed(self) -> str:
        output = self.given.get("output")
        streams = isinstance(output, dict) and isinstance(output.get("stream"), list)
        if self.inputs is not None:
            return BIDI if streams else CLIENT
        return SERVER if streams else UNARY

    @property
    def broadcast(self) -> bool:
        """Whether its one input is for every message of a stream."""
        return self.kind == CLIENT and self.inputs is not None and len(self.inputs) == 1

    @property
    def answers_each(self) -> bool:
        """Whether it answers single messages of a bidirectional stream, others of which may be answered by
        other stubs."""
        return self.kind == BIDI and self.inputs is None

    def metadata(self) -> list[dict[str, Any]]:
        """Predicates on metadata, one for each alternative."""
        return header_predicates(self.given.get("headers"), (*self.at, "headers"), self.notes)

    def message(self) -> dict[str, Any] | None:
        """The predicate on the one message."""
        return input_predicate(self.given.get("input"), (*self.at, "input"), self.notes)

    def messages(self) -> list[dict[str, Any]]:
        """The predicates on the messages of a stream."""
        return [
            input_predicate(each, (*self.at, "inputs", number), self.notes) or {"present": True}
            for number, each in enumerate(self.inputs or ())
        ]

    def definitions(self) -> list[dict[str, Any]]:
        """The native stubs: one, or one for each alternative of its headers."""
        asked = self._asked()
        answer = self._script() if self.kind == BIDI else self._response()
        if not self.output.templated():
            self.notes.add(
                "template",
                "a text is a template here that is none in GripMock",
                self.at,
                severity="error",
            )
            self.output.complete = False
        if not self.output.complete:
            # What is left of Go's templates must not be read as ours.
            answer["template"] = False
        alternatives = self.metadata()
        made = []
        for number, metadata in enumerate(alternatives):
            grpc: dict[str, Any] = {"method": self.method, **asked}
            if metadata:
                grpc["metadata"] = metadata
            definition: dict[str, Any] = {}
            if self.id:
                definition["id"] = f"{self.id}-{number + 1}" if number else self.id
            if not self.output.complete or self.given.get("enabled") is False:
                definition["enabled"] = False
            if self.times:
                definition["times"] = self.times
            if self.scenario:
                definition["scenario"] = self.scenario
            made.append({**definition, "grpc": grpc, "response": answer})
        if self.times and len(made) > 1:
            self.notes.add("times", "each alternative of `anyOf` counts its own `times`", self.at)
        return made

    def _asked(self) -> dict[str, Any]:
        if self.kind == CLIENT:
            if self.inputs is None:
                # Any of the messages may match; the last one counts most.
                last = self.message()
                return {} if last is None else {"requests": {"last": last}}
            messages = self.messages()
            return {"requests": {"each": messages[0]} if self.broadcast else messages}
        message = self.messages()[0] if self.kind == BIDI and self.inputs else self.message()
        return {} if message is None or message == {"present": True} else {"request": message}

    def _response(self) -> dict[str, Any]:
        return response(self.output, self.kind, (*self.at, "output"), self.notes)

    def _script(self) -> dict[str, Any]:
        """Each message that is expected, and the message of the same number in answer; with the last one all
        that are left."""
        expected = self.messages()
        steps: list[Any] = []
        count = len(self.output.elements())
        for number, predicate in enumerate(expected):
            steps.append({"expect": predicate})
            if not self.output.streams:
                steps += answer_steps(self.output)
                continue
            last = number == len(expected) - 1
            for place in range(number, count if last else min(number + 1, count)):
                steps += element_steps(self.output, place)
        status = self.output.status()
        if self.output.streams and status is not None:
            steps.append({"error": status})
        elif not steps or "error" not in steps[-1]:
            steps.append("end")
        made: dict[str, Any] = {"script": steps}
        for name, key in (("headers", "metadata"), ("trailers", "trailers")):
            texts = self.output.texts(name)
            if texts:
                made[key] = texts
        return made
