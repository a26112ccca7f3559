"""What ``mockforge lint`` says about rules that generated messages do not keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mockforge.findings import Finding

from .rules import RuleReader

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor
    from google.protobuf.descriptor_pool import DescriptorPool

_HINT = "where the answer must satisfy it, write a stub with a `message`"


def lint_rules(pool: DescriptorPool, messages: Iterable[Descriptor]) -> Iterator[Finding]:
    """A finding for each of ``messages``, and each field of them, that has rules in CEL."""
    reader = RuleReader(pool)
    if not reader.present:
        return
    for message in messages:
        if reader.message(message).expressions:
            yield _finding(message.full_name, message.file.name)
        for field in message.fields:
            rules = reader.field(field)
            inner = (rules.part(name) for name in ("items", "keys", "values"))
            if rules.expressions or any(part.expressions for part in inner):
                yield _finding(field.full_name, message.file.name)


def _finding(name: str, file: str) -> Finding:
    return Finding(
        "grpc.rule-expression",
        f"{name} has rules in CEL, which generated messages do not take into account",
        "info",
        file=file,
        path=name,
        hint=_HINT,
    )
