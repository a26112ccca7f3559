"""Predicates: conditions on texts and bodies, the same names for every protocol.

:func:`compile_predicate` turns what a stub says (``{matches: '^\\d+$'}``) into a :class:`Predicate`; a
:class:`Content` is a body with the views that predicates ask about.
"""

from __future__ import annotations

from msgspec import UNSET

from mockforge.mocking.matching.base import Mismatch, Predicate, PredicateError, Subject, key_of
from mockforge.mocking.matching.compile import compile_predicate, predicate_names
from mockforge.mocking.matching.content import Content, Part

__all__ = [
    "UNSET",
    "Content",
    "Mismatch",
    "Part",
    "Predicate",
    "PredicateError",
    "Subject",
    "compile_predicate",
    "key_of",
    "predicate_names",
]
