"""All rules of a schema, compiled to an index. What cannot be served becomes a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockforge.findings import Finding
from mockforge_grpc.bridge.rules.binding import Binding
from mockforge_grpc.bridge.rules.errors import RuleError
from mockforge_grpc.bridge.rules.index import RuleIndex

if TYPE_CHECKING:
    from mockforge_grpc.schema import Schema


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
                except RuleError as error:
                    made.findings.append(
                        Finding("grpc.http-rule", str(error), severity="warning", file=service.file)
                    )
                    continue
                first = made.index.add(binding.http_method, binding.path, binding)
                if first is None:
                    made.bindings.append(binding)
                    continue
                made.findings.append(
                    Finding(
                        "grpc.http-rule-shadowed",
                        f"{method.full_name}: {binding.http_method} {binding.path.text} is the path of "
                        f"{first.target.method.full_name} already ({first.path.text}), which answers",
                        severity="warning",
                        file=service.file,
                    )
                )
    return made
