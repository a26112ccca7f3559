"""A recorded call as a stub: what it asks of a call, and how it answers."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from mockforge.mocking.recording.secrets import Secrets, kept_headers, redact, without_secrets
from mockforge.mocking.recording.texts import looks_templated, without_waits
from mockforge_grpc.schema import MessageError

if TYPE_CHECKING:
    from mockforge_grpc.schema import MessageType, Method, Schema
    from mockforge_grpc.status import Status
    from mockforge_grpc.transport.call import Metadata

_LONGEST: Final = 64 * 1024
"""Messages of a client above this many bytes are not asked for."""


class Said(NamedTuple):
    """A message: whether the client sent it, and when, in seconds since the call began."""

    came: bool
    data: bytes
    at: float


class Recorded(NamedTuple):
    """A call to be written: ``asked`` and ``answer`` are the two halves of its stub, ``same`` is the answer
    without its times, by which calls are told apart."""

    method: str
    asked: dict[str, Any]
    answer: dict[str, Any]
    same: Any


Ended = tuple["Status", "Metadata", "Metadata", float]
"""The status, initial metadata, trailers, and when."""


class Warns(Protocol):
    """Who is told that something is not written down as it was."""

    secrets: Secrets

    def warn(self, why: str) -> None: ...


def definition_of(
    method: Method,
    schema: Schema,
    said: Sequence[Said],
    ended: Ended,
    matched: Sequence[tuple[str, str]],
    recorder: Warns,
) -> Recorded:
    """The stub for a call of ``method``. MessageError: a message has no JSON form."""
    made = _Definition(method, schema, recorder)
    asked = made.asked(said, matched)
    answer = made.answer(said, ended)
    return Recorded(method.full_name, asked, answer, _without_times(answer))


def _without_times(answer: Any) -> Any:
    if isinstance(answer, dict) and "script" in answer:
        return {**answer, "script": without_waits(answer["script"])}
    return {key: value for key, value in answer.items() if key != "delay"}


class _Definition:
    def __init__(self, method: Method, schema: Schema, recorder: Warns) -> None:
        self._method = method
        self._schema = schema
        self._recorder = recorder
        self._secrets = recorder.secrets
        self._templated = False
        self._at = 0.0

    def asked(self, said: Sequence[Said], matched: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """``grpc``: the method, what the client sent, and chosen metadata; nothing that is secret."""
        method = self._method
        made: dict[str, Any] = {"method": method.full_name}
        came = [self._expected(each.data) for each in said if each.came]
        if method.client_streaming and not method.server_streaming:
            made["requests"] = came
        elif came and came[0] != {"present": True}:
            made["request"] = came[0]
        if matched:
            made["metadata"] = dict(matched)
        return made

    def answer(self, said: Sequence[Said], ended: Ended) -> dict[str, Any]:
        """``response``."""
        status, metadata, trailers, at = ended
        failed = None if status.ok else self._status(status)
        sent = [each for each in said if not each.came]
        made: dict[str, Any]
        if self._method.server_streaming and (self._method.client_streaming or len(sent) > 1):
            made = {"script": self._script(said, failed, at)}
        else:
            made = self._plain(sent, failed)
        for name, pairs in (("metadata", metadata), ("trailers", trailers)):
            texts = self._texts(pairs)
            if texts:
                made[name] = texts
        if self._templated:
            made["template"] = False
        return made

    def _plain(self, sent: Sequence[Said], failed: dict[str, Any] | None) -> dict[str, Any]:
        made: dict[str, Any] = {}
        messages = [self._message(each.data) for each in sent]
        if self._method.server_streaming:
            made["messages"] = messages
        elif messages:
            made["message"] = messages[0]
        if failed is not None:
            made["status"] = failed
        return made

    def _script(self, said: Sequence[Said], failed: dict[str, Any] | None, at: float) -> list[Any]:
        """What the server said waits as long as it took, in whole milliseconds; what that is off the next
        wait makes good."""
        steps: list[Any] = []
        both = self._method.client_streaming
        for each in said:
            if not each.came:
                steps.append({"send": self._message(each.data), **self._after(each.at)})
                continue
            if both:
                steps.append({"expect": self._expected(each.data)})
            self._at = each.at
        if failed is None:
            steps.append({"end": None, **self._after(at)})
        else:
            steps.append({"error": failed, **self._after(at)})
        return steps

    def _after(self, at: float) -> dict[str, str]:
        milliseconds = round((at - self._at) * 1000)
        if milliseconds <= 0:
            return {}
        self._at += milliseconds / 1000
        return {"after": f"{milliseconds}ms"}

    # ------------------------------------------------------------ values

    def _expected(self, data: bytes) -> dict[str, Any]:
        if len(data) > _LONGEST:
            return {"present": True}
        kind = self._method.input
        value = kind.to_json(kind.parse(data))
        public, hidden = without_secrets(value, self._secrets)
        return {"json": public} if hidden else {"jsonExact": value}

    def _message(self, data: bytes) -> Any:
        kind = self._method.output
        message = kind.parse(data)
        value = kind.to_json(message)
        if not redact(value, self._secrets) and not _comes_again(kind, message, value):
            self._recorder.warn(f"fields of {kind.full_name} that the protos do not know are lost")
        self._note(value)
        return value

    def _status(self, status: Status) -> dict[str, Any]:
        made: dict[str, Any] = {"code": status.code.name}
        if status.message:
            made["message"] = status.message
        details = [detail for each in status.details if (detail := self._detail(each)) is not None]
        if details:
            made["details"] = details
        self._note(made)
        return made

    def _detail(self, data: bytes) -> Any:
        kind = self._schema.message_type("google.protobuf.Any")
        if kind is None:
            return None
        try:
            value = kind.to_json(kind.parse(data))
        except MessageError as error:
            self._recorder.warn(f"a detail of a status cannot be written down: {error.message}")
            return None
        redact(value, self._secrets)
        return value

    def _texts(self, pairs: Metadata) -> dict[str, Any]:
        """Metadata as stubs write them; of what is repeated, a list."""
        made: dict[str, Any] = {}
        plain = [
            (name, value if isinstance(value, str) else base64.b64encode(value).decode("ascii"))
            for name, value in pairs
        ]
        for name, value in kept_headers(plain, self._secrets, frozenset()):
            known = made.get(name)
            if known is None:
                made[name] = value
            else:
                made[name] = [*known, value] if isinstance(known, list) else [known, value]
        self._note(made)
        return made

    def _note(self, value: Any) -> None:
        """See whether a text could be taken for a template."""
        if isinstance(value, dict):
            for key, inner in value.items():
                self._note(key)
                self._note(inner)
        elif isinstance(value, list):
            for inner in value:
                self._note(inner)
        elif isinstance(value, str):
            self._templated = self._templated or looks_templated(value)


def _comes_again(kind: MessageType, message: Any, value: Any) -> bool:
    """Whether the JSON form says all that the message does."""
    again: bytes = kind.from_json(value).SerializeToString(deterministic=True)
    return bool(again == message.SerializeToString(deterministic=True))
