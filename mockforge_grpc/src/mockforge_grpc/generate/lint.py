"""What ``mockforge lint`` says about rules that generated answers do not keep, or that no answer can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from mockforge.findings import Finding
from mockforge.mocking.data.chance import Dice

from .errors import UnsatisfiableRulesError
from .generator import Generator, Pooled, Typed
from .rules import RuleReader

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

_HINT: Final = "where the answer must satisfy it, write a stub with a `message`"


class Answering(Protocol):
    """A method, as far as it is asked about."""

    @property
    def output(self) -> Any: ...


class Served(Pooled, Protocol):
    """A schema, as far as it is asked about."""

    @property
    def methods(self) -> Mapping[str, Answering]: ...

    def origin(self, file: str, /) -> str: ...


def lint_rules(schema: Served) -> Iterator[Finding]:
    """A finding for each message in an answer, and each field of one, that has rules in CEL; and for each
    answer whose rules contradict each other."""
    reader = RuleReader(schema.pool)
    if not reader.present:
        return
    outputs: dict[str, Typed] = {
        method.output.descriptor.full_name: method.output for method in schema.methods.values()
    }
    for message in _within(kind.descriptor for kind in outputs.values()):
        if reader.message(message).expressions:
            yield _finding(message.full_name, schema.origin(message.file.name))
        for field in message.fields:
            rules = reader.field(field)
            inner = (rules.part(name) for name in ("items", "keys", "values"))
            if rules.expressions or any(part.expressions for part in inner):
                yield _finding(field.full_name, schema.origin(message.file.name))
    generator = Generator(schema)
    told: set[str] = set()
    for kind in outputs.values():
        try:
            generator.make(kind, Dice(0))
        except UnsatisfiableRulesError as error:
            if error.field not in told:
                told.add(error.field)
                yield Finding.of(error, "grpc.rule-contradiction", "warning")


def _within(messages: Iterable[Descriptor]) -> Iterator[Descriptor]:
    """The message types, and all that stand in them."""
    seen: set[str] = set()
    waiting = list(messages)
    while waiting:
        message = waiting.pop()
        if message.full_name in seen:
            continue
        seen.add(message.full_name)
        yield message
        waiting += (
            field.message_type for field in message.fields if field.message_type is not None
        )


def _finding(name: str, file: str) -> Finding:
    return Finding(
        "grpc.rule-expression",
        f"{name} has rules in CEL, which generated messages do not take into account",
        "info",
        file=file,
        path=name,
        hint=_HINT,
    )
