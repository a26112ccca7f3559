"""The words of scripts on gRPC calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from mockforge.errors import MockForgeError
from mockforge.mocking.matching import compile_predicate
from mockforge.mocking.scripts import Made, RunError, Scope, ScriptError, TemplatedVocabulary
from mockforge_grpc.scripts.actions import SendMetadata
from mockforge_grpc.scripts.messages import Incoming, is_half_closed
from mockforge_grpc.status import Code
from mockforge_grpc.stubs.faults import compile_fault, need_wire, nothing, reset_with
from mockforge_grpc.stubs.metadata import compile_metadata
from mockforge_grpc.stubs.statuses import compile_status
from mockforge_grpc.stubs.values import compile_generated, compile_message
from mockforge_grpc.stubs.wanted import expected

if TYPE_CHECKING:
    from mockforge.mocking.scripts.compile import Path
    from mockforge.mocking.stubs import StubSource
    from mockforge_grpc.schema import MessageType, Method
    from mockforge_grpc.stubs.kit import Kit


class CallVocabulary(TemplatedVocabulary):
    """Scripts of a stub for ``method``: ``send`` takes the JSON form of its output, conditions are about that
    of its input."""

    verbs: ClassVar[frozenset[str]] = frozenset(
        {
            *("send", "wait", "expect", "repeat", "forever", "branch", "set"),
            *("end", "error", "disconnect"),
        }
    )
    own_verbs: ClassVar[frozenset[str]] = frozenset(
        {"generate", "echo", "metadata", "trailers", "reset", "fault"}
    )
    where: ClassVar[str] = "a gRPC call"

    def __init__(self, source: StubSource, kit: Kit, method: Method, *, templated: bool) -> None:
        super().__init__(lambda value, path: kit.script_value(source, templated, value, path))
        self._source = source
        self._kit = kit
        self._templated = templated
        self._input: MessageType = method.input
        self._output: MessageType = method.output

    def templated(self, value: Any, path: Path) -> Made | None:
        """What makes ``value``; ``None`` where there is no template in it."""
        if not self._templated or not self._kit.templates.is_template(value):
            return None
        return self.value(value, path)

    # -------------------------------------------------------------- what is sent and done

    def payload(self, verb: str, value: Any, path: Path) -> Made | None:
        if verb == "send":
            return self.compiled(value, path)
        if verb == "generate":
            made = None if value is None else self.templated(value, path)
            return compile_generated(value, self._output, self._kit, made, path)
        if verb == "error":
            schema = self._kit.schema
            return compile_status(value, schema, self.templated, path, default=Code.UNKNOWN)
        if verb in ("metadata", "trailers"):
            return self._metadata(verb, value, path)
        if verb == "reset":
            need_wire(self._kit, "`reset`", path)
            return reset_with("CANCEL" if value is None else value, path)
        if verb == "fault":
            return compile_fault(value, nothing, self._kit, path)
        if value is not None:
            raise ScriptError(f"`{verb}` takes nothing", path)
        if verb == "echo":
            return self._echo(path)
        if verb == "disconnect":
            need_wire(self._kit, "`disconnect`", path)
        return None

    def compiled(self, value: Any, path: Path) -> Made:
        """What makes the bytes of a message."""
        made = self.templated(value, path)
        return compile_message(value, self._output, self._kit, made, path)

    def _metadata(self, verb: str, value: Any, path: Path) -> Made:
        metadata = compile_metadata(value, self.templated, path)
        trailers = verb == "trailers"
        if not callable(metadata):
            action = SendMetadata(metadata, trailers=trailers)
            return lambda _: action
        return lambda scope: SendMetadata(metadata(scope), trailers=trailers)

    def _echo(self, path: Path) -> Made:
        if self._input.full_name != self._output.full_name:
            raise ScriptError(
                f"what comes is a {self._input.full_name}, what is sent a {self._output.full_name}",
                path,
                "`echo` sends the last message back, so both have to be of one type",
            )
        return _echo

    # -------------------------------------------------------------- what is expected

    def condition(self, spec: Any, path: Path) -> Callable[[Any], bool]:
        """``end`` waits for the client to have said all, anything else is a predicate."""
        if spec == "end":
            return is_half_closed
        wanted = expected(spec, self._input, self._source, path)
        try:
            predicate = compile_predicate(wanted, path=path, custom=self._kit.predicates)
        except MockForgeError as error:
            own = getattr(error, "path", path)
            raise ScriptError(error.message, own or path, error.hint) from None
        return lambda message: isinstance(message, Incoming) and predicate.matches(message.content)


def _echo(scope: Scope) -> bytes:
    received = scope.received
    if not isinstance(received, Incoming):
        raise RunError("there is nothing to echo", hint="expect a message first")
    return received.data
