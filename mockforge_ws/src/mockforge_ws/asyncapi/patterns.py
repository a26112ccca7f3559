"""Regular expressions of schemas (ECMA-262), in the words of the engine that runs them."""

from __future__ import annotations

from functools import lru_cache

from mockforge.mocking.regex import engine_options
from mockforge.mocking.regex.ecma import rewrite


@lru_cache(maxsize=1024)
def engine_text(pattern: str) -> str | None:
    """``pattern`` for the engine; ``None``: it is none, or too large once it is compiled."""
    from jsonschema_rs import Draft202012Validator

    try:
        text = rewrite(pattern).text
        Draft202012Validator({"pattern": text}, pattern_options=engine_options())
    except ValueError:
        return None
    return text
