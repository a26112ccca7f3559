"""How each ``pattern`` is checked, decided once per pattern and kept for all schemas.

Four ways, the first that works:

1. the validator's own engine, which takes linear time or, where look-around and back-references need it, a
   bounded number of steps back;
2. for a single class repeated very often, the engine for the class and lengths for the number;
3. Python's engine, for what is too large for the other one once it is compiled (texts that are so long that
   trying could take seconds are taken to match);
4. not at all: it is no regular expression. ``lint`` says so.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from mockforge.mocking.data.patterns import Pattern
from mockforge.mocking.data.patterns import pattern as python_pattern
from mockforge.mocking.regex import engine_options
from mockforge.mocking.regex.ecma import rewrite

KEYWORD: Final = "x-mockforge-pattern"
"""The keyword by which a schema asks for Python's engine."""


class Prepared(NamedTuple):
    """``text`` for the engine in question; ``least`` and ``most`` code points, where they are checked
    apart."""

    how: Literal["engine", "python", "none"]
    text: str = ""
    least: int = 0
    most: int | None = None


@lru_cache(maxsize=2048)
def prepare(pattern: str) -> Prepared:
    """How to check ``pattern``."""
    try:
        written = rewrite(pattern)
    except ValueError:
        return Prepared("none")
    if _fits(written.text):
        return Prepared("engine", written.text)
    if written.run is not None:
        unit, least, most = written.run
        text = f"^{unit}*$"
        if _fits(text):
            return Prepared("engine", text, least, most)
    return Prepared("none") if python_pattern(pattern) is None else Prepared("python", pattern)


def _fits(text: str) -> bool:
    from jsonschema_rs import Draft202012Validator

    try:
        Draft202012Validator({"pattern": text}, pattern_options=engine_options())
    except ValueError:
        return False
    return True


class PythonPattern:
    """The keyword :data:`KEYWORD`."""

    def __init__(self, _schema: dict[str, Any], value: Any, _path: list[str | int]) -> None:
        self._pattern: Pattern | None = python_pattern(value)

    def validate(self, instance: Any) -> None:
        """Raises ValueError where ``instance`` does not match."""
        engine = self._pattern
        if isinstance(instance, str) and engine is not None and not engine.matches(instance):
            raise ValueError(engine.text)
