"""``google.api.http`` rules: path templates, what they bind, and the index that finds them."""

from __future__ import annotations

from mockforge_grpc.bridge.rules.errors import RuleError
from mockforge_grpc.bridge.rules.index import Found, RuleIndex
from mockforge_grpc.bridge.rules.path import PathRule, Variable

__all__ = ["Found", "PathRule", "RuleError", "RuleIndex", "Variable"]
