"""All rules of a schema, compiled to an index. What cannot be served becomes a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockforge.findings import Finding
from mockforge_grpc.bridge.rules.binding import Binding
from mockforge_grpc.bridge.rules.errors import RuleError, RuleErrors
from mockforge_grpc.bridge.rules.index import RuleIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockforge_grpc.schema import Method, Schema


class CompiledRules:
    """``bindings`` are those that ``index`` finds, in the order of the files."""

    def __init__(self) -> None:
        self.index: RuleIndex[Binding] = RuleIndex()
        self.bindings: list[Binding] = []
        self.findings: list[Finding] = []


def compile_rules(schema: Schema) -> CompiledRules:
    """Every binding of every method. Of two at one place the first one answers."""
    made = CompiledRules()
    for service in schema.services.values():
        for method in service.methods:
            for rule in method.http_rules():
                try:
                    binding = Binding(method, rule)
                except RuleErrors as errors:
                    made.findings += (_finding(schema, method, each) for each in errors.problems)
                    continue
                first = made.index.add(binding.http_method, binding.path, binding)
                if first is None:
                    made.bindings.append(binding)
                    continue
                shadowed = RuleError(
                    f"{binding.http_method} {binding.path.text} is the path of "
                    f"{first.target.method.full_name} already ({first.path.text}), which answers"
                )
                made.findings.append(_finding(schema, method, shadowed))
    return made


def check_rules(schema: Schema) -> Iterator[Finding]:
    """What is wrong with the rules in the files that were given."""
    given = {
        schema.origin(service.file)
        for service in schema.services.values()
        if schema.is_given(service.file)
    }
    yield from (each for each in compile_rules(schema).findings if each.file in given)


def _finding(schema: Schema, method: Method, error: RuleError) -> Finding:
    place = schema.place(method.descriptor)
    return Finding(
        "proto.http-rule",
        f"the http rule of {method.full_name}: {error.message}",
        "warning",
        place.file,
        place.line,
        place.column,
        hint=error.hint,
    )
