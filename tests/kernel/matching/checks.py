"""Short ways to ask predicates."""

from __future__ import annotations

from typing import Any

from mockforge.mocking.matching import Content, Subject, compile_predicate


def holds(spec: Any, value: Subject) -> bool:
    """Whether ``spec`` matches ``value``; the explanation must say the same."""
    predicate = compile_predicate(spec)
    verdict = predicate.matches(value)
    miss = predicate.mismatch(value)
    assert (miss is None) == verdict
    if miss is not None:
        assert 0 <= miss.distance <= 1
        assert len(miss.expected) <= 200
        assert len(miss.actual) <= 200
    assert str(predicate)
    return verdict


def body(text: str | bytes, media_type: str = "application/json") -> Content:
    """A body."""
    return Content(text if isinstance(text, bytes) else text.encode(), media_type)
