"""From ``response:`` to an answer, for one method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking.scripts import Made, Program, ScriptError, compile_script
from mockforge.mocking.scripts.program import Expect, Leave, Loop, Send, Step, Wait
from mockforge_grpc.scripts.actions import NO_HTTP
from mockforge_grpc.stubs.answer import Answer, FixedAnswer, MadeAnswer, PlayedAnswer
from mockforge_grpc.stubs.faults import compile_fault
from mockforge_grpc.stubs.metadata import compile_metadata
from mockforge_grpc.stubs.statuses import SUCCESS, ConstantStatus, compile_status
from mockforge_grpc.stubs.values import Constant, compile_generated
from mockforge_grpc.stubs.vocabulary import CallVocabulary

if TYPE_CHECKING:
    from mockforge.mocking.stubs import StubSource
    from mockforge.structured import Part
    from mockforge_grpc.schema import Method
    from mockforge_grpc.stubs.kit import Kit

Path = tuple["Part", ...]
KEYS: Final = (
    "message",
    "messages",
    "every",
    "status",
    "script",
    "generated",
    "metadata",
    "trailers",
    "delay",
    "fault",
    "template",
)
MOST_MESSAGES: Final = 100_000
"""Messages of one answer."""
_WITH_SCRIPT: Final = frozenset({"script", "metadata", "trailers", "template", "delay"})


class ResponseCompiler:
    """The answers of one stub to calls of ``method``. Problems go to ``source``."""

    def __init__(self, source: StubSource, kit: Kit, method: Method) -> None:
        self._source = source
        self._kit = kit
        self._method = method

    def compile(self, spec: Any, path: Path) -> Answer | None:
        """The answer at ``path`` of the stub."""
        given = self._source.mapping({} if spec is None else spec, path, KEYS)
        if not isinstance(spec, Mapping | None):
            return None
        return self._source.attempt(lambda: self._compile(given, path), path)

    def _compile(self, given: Mapping[str, Any], path: Path) -> Answer:
        templated = given.get("template", True)
        if not isinstance(templated, bool):
            raise ScriptError("must be true or false", (*path, "template"))
        words = CallVocabulary(self._source, self._kit, self._method, templated=templated)
        metadata = compile_metadata(given.get("metadata"), words.templated, (*path, "metadata"))
        trailers = compile_metadata(given.get("trailers"), words.templated, (*path, "trailers"))
        before: list[Step] = []
        if given.get("delay") is not None:
            before = [Wait(words.delay(given["delay"], (*path, "delay")))]
        if "script" in given:
            for key in given:
                if key not in _WITH_SCRIPT:
                    raise ScriptError(f"`{key}` does not go with `script`", (*path, key))
            program = compile_script(given["script"], words, path=(*path, "script"))
            return PlayedAnswer(
                Program((*before, *program.steps)), metadata, trailers, scripted=True
            )
        return self._plain(given, words, before, metadata, trailers, path)

    def _plain(
        self,
        given: Mapping[str, Any],
        words: CallVocabulary,
        before: list[Step],
        metadata: Any,
        trailers: Any,
        path: Path,
    ) -> Answer:
        method = self._method
        status: Made = SUCCESS
        if given.get("status") is not None:
            status = compile_status(
                given["status"], self._kit.schema, words.templated, (*path, "status")
            )
        fails = not (isinstance(status, ConstantStatus) and status.value.ok)
        sends, each = self._messages(given, words, path)
        if not method.server_streaming:
            if len(sends) > 1:
                raise ScriptError(
                    f"{method.full_name} answers with one message", (*path, "messages")
                )
            if not sends and not fails:
                sends = [words.compiled({}, path)]
        if given.get("fault") is not None:
            return self._faulty(given["fault"], words, before, sends, metadata, trailers, path)
        every = None
        if given.get("every") is not None:
            every = words.delay(given["every"], (*path, "every"))
        if each:
            loop = Loop(Program((_ANY, Send(sends[0]))), None, None)
            return PlayedAnswer(
                Program((*before, loop, Leave("error", status))), metadata, trailers
            )
        plain = not before and not callable(metadata) and not callable(trailers)
        if plain and len(sends) <= 1:
            body = sends[0] if sends else None
            constant = body is None or isinstance(body, Constant)
            if constant and isinstance(status, ConstantStatus):
                return FixedAnswer(
                    body.value if isinstance(body, Constant) else None,
                    status.value,
                    metadata,
                    trailers,
                    streamed=method.server_streaming,
                )
            if body is not None and not fails and not method.server_streaming:
                return MadeAnswer(body, metadata, trailers)
        steps = [*before, *_paced(sends, every), Leave("error", status)]
        return PlayedAnswer(Program(tuple(steps)), metadata, trailers)

    def _messages(
        self, given: Mapping[str, Any], words: CallVocabulary, path: Path
    ) -> tuple[list[Made], bool]:
        """What makes the messages, and whether one is sent for each that comes."""
        method = self._method
        both = method.client_streaming and method.server_streaming
        generated = given.get("generated", False)
        if generated is not False and generated is not None:
            if "messages" in given:
                raise ScriptError("`messages` does not go with `generated`", (*path, "messages"))
            made = self._generated(given, words, path)
            if generated is True:
                streams = method.server_streaming and not both
                count = self._kit.generated_messages if streams else 1
                return [made] * count, both
            if (
                isinstance(generated, bool)
                or not isinstance(generated, int)
                or not 0 <= generated <= MOST_MESSAGES
            ):
                raise ScriptError("expected true, or how many messages", (*path, "generated"))
            return [made] * generated, False
        if "messages" in given:
            if "message" in given:
                raise ScriptError(
                    "`message` and `messages` do not go together", (*path, "messages")
                )
            listed = given["messages"]
            if not isinstance(listed, list) or len(listed) > MOST_MESSAGES:
                raise ScriptError(
                    f"must be a list of up to {MOST_MESSAGES} messages", (*path, "messages")
                )
            return [
                words.compiled(each, (*path, "messages", number))
                for number, each in enumerate(listed)
            ], False
        if "message" in given:
            return [words.compiled(given["message"], (*path, "message"))], both
        return [], False

    def _generated(self, given: Mapping[str, Any], words: CallVocabulary, path: Path) -> Made:
        value, at = given.get("message"), (*path, "message")
        made = None if value is None else words.templated(value, at)
        return compile_generated(value, self._method.output, self._kit, made, at)

    def _faulty(
        self,
        spec: Any,
        words: CallVocabulary,
        before: list[Step],
        sends: list[Made],
        metadata: Any,
        trailers: Any,
        path: Path,
    ) -> Answer:
        at = (*path, "fault")
        message = sends[-1] if sends else words.compiled({}, path)
        fault = compile_fault(spec, message, self._kit, at)
        name = spec if isinstance(spec, str) else next(iter(spec))
        if name in NO_HTTP and (len(sends) > 1 or metadata):
            raise ScriptError(f"{name} begins the answer: nothing can be sent before it", at)
        steps = [*before, *_paced(sends[:-1], None), Send(fault), Leave("error", SUCCESS)]
        return PlayedAnswer(Program(tuple(steps)), metadata, trailers)


def _anything(_: Any) -> bool:
    return True


_ANY: Final = Expect(_anything, None, None, "was any message at all")


def _paced(sends: list[Made], every: Made | None) -> list[Step]:
    steps: list[Step] = []
    for number, send in enumerate(sends):
        if number and every is not None:
            steps.append(Wait(every))
        steps.append(Send(send))
    return steps


def generated_program(made: Made, count: int | None) -> Program:
    """Sends ``count`` messages; with ``None`` one for each that comes."""
    if count is None:
        return Program((Loop(Program((_ANY, Send(made))), None, None),))
    return Program((Loop(Program((Send(made),)), lambda _: count, None),))
