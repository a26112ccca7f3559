"""Plausible messages made from descriptors, for answers that nobody wrote.

The application asks :class:`Generator` where a method has no stub, and where a stub says ``generated: true``.
Texts and numbers come from :mod:`mockforge.mocking.data`, as those of HTTP do; what ``buf.validate`` and
``validate.rules`` demand of a field is kept. Nothing here imports grpc.
"""

from __future__ import annotations

from mockforge_grpc.generate.errors import UnsatisfiableRulesError
from mockforge_grpc.generate.generator import Generator
from mockforge_grpc.generate.lint import lint_rules

__all__ = ["Generator", "UnsatisfiableRulesError", "lint_rules"]
