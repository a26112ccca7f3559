"""The operators of expressions, with limits on what they make."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final

from mockforge.mocking.templating.moments import Moment
from mockforge.mocking.templating.runtime import RefusedError, Run, size_of
from mockforge.mocking.templating.texts import text_of

_LARGEST: Final = 1 << 63


def kind_of(value: Any) -> str:
    """What a value is called in messages."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return "a time" if isinstance(value, Moment) else f"a {type(value).__name__}"


def _number(value: Any) -> bool:
    return isinstance(value, int | float)


def _within(value: Any) -> Any:
    """A number that JSON can carry."""
    if isinstance(value, int):
        if not -_LARGEST <= value < 2 * _LARGEST:
            raise RefusedError("the number is too large", "numbers have at most 64 bits")
    elif not isinstance(value, float) or not isfinite(value):
        raise RefusedError("the result is no number")
    return value


def _impossible(sign: str, left: Any, right: Any) -> RefusedError:
    hint = "turn texts into numbers with the filters int and float; join texts with ~"
    return RefusedError(f"{sign} does not go with {kind_of(left)} and {kind_of(right)}", hint)


def _arithmetic(sign: str, function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def calculate(left: Any, right: Any) -> Any:
        if not _number(left) or not _number(right):
            raise _impossible(sign, left, right)
        try:
            return _within(function(left, right))
        except (ZeroDivisionError, OverflowError) as error:
            raise RefusedError(f"{left} {sign} {right} cannot be calculated: {error}") from error

    return calculate


def _power(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int) and abs(left) > 1 and right > 64:
        raise OverflowError("the number is too large")
    return left**right


def _comparison(sign: str, function: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        try:
            return function(left, right)
        except (TypeError, RecursionError):
            raise _impossible(sign, left, right) from None

    return compare


def _contains(item: Any, container: Any) -> bool:
    if isinstance(container, str):
        return text_of(item) in container
    if isinstance(container, list | tuple | Mapping):
        try:
            return item in container
        except TypeError:  # no key
            return False
    if container is None:
        return False
    raise RefusedError(f"in does not go with {kind_of(container)}")


def _index(value: Any) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise RefusedError(f"a slice is made with numbers, not with {kind_of(value)}")


def _slice(value: Any, start: Any, stop: Any, step: Any = None) -> Any:
    if value is None:
        return ""
    if not isinstance(value, str | list | tuple):
        raise RefusedError(f"a slice of {kind_of(value)} cannot be taken")
    if step == 0:
        raise RefusedError("the step of a slice cannot be 0")
    return value[_index(start) : _index(stop) : _index(step)]


def _negative(value: Any) -> Any:
    if not _number(value):
        raise RefusedError(f"- does not go with {kind_of(value)}")
    return -value


class Operators:
    """The operations of one :class:`Run` that make something whose size has to be watched, and the table of
    all."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def table(self) -> dict[str, Callable[..., Any]]:
        """Every operation by the name that translations call it by."""
        return {
            "__add": self.add,
            "__cat": self.concatenate,
            "__mul": self.multiply,
            "__list": self.make_list,
            "__dict": self.make_dict,
            **PLAIN,
        }

    def add(self, first: Any, *others: Any) -> Any:
        """The sum of numbers, texts or lists; a time and time spans."""
        for other in others:
            first = self._add(first, other)
        return first

    def _add(self, left: Any, right: Any) -> Any:
        run = self._run
        if isinstance(left, str) and isinstance(right, str):
            run.fits(len(left) + len(right))
            return left + right
        if isinstance(left, Moment):
            return left.shifted(right, 1)
        if isinstance(left, list | tuple) and isinstance(right, list | tuple):
            run.fits(size_of(left, run.most) + size_of(right, run.most))
            return [*left, *right]
        return add_numbers(left, right)

    def concatenate(self, *values: Any) -> str:
        """The texts of all values in a row."""
        run = self._run
        texts: list[str] = []
        length = 0
        for value in values:
            run.fits(size_of(value, run.most))
            text = text_of(value)
            length += len(text)
            run.fits(length)
            texts.append(text)
        return "".join(texts)

    def multiply(self, left: Any, right: Any) -> Any:
        """The product of numbers; a text or a list several times."""
        run = self._run
        if isinstance(left, int) and isinstance(right, str | list | tuple):
            left, right = right, left
        if isinstance(left, str | list | tuple) and isinstance(right, int):
            run.fits(size_of(left, run.most) * max(right, 0))
            return left * right
        return _multiply_numbers(left, right)

    def make_list(self, *items: Any) -> list[Any]:
        """``[a, b]``."""
        made = list(items)
        self._run.fits(size_of(made, self._run.most))
        return made

    def make_dict(self, *parts: Any) -> dict[Any, Any]:
        """``{a: b}``."""
        try:
            made = dict(zip(parts[::2], parts[1::2], strict=True))
        except TypeError:
            raise RefusedError("the keys of a mapping are texts or numbers") from None
        self._run.fits(size_of(made, self._run.most))
        return made


add_numbers: Final = _arithmetic("+", operator.add)
_subtract_numbers: Final = _arithmetic("-", operator.sub)
_multiply_numbers: Final = _arithmetic("*", operator.mul)
_modulo: Final = _arithmetic("%", operator.mod)


def _subtract(left: Any, right: Any) -> Any:
    if isinstance(left, Moment):
        return left.shifted(right, -1) if isinstance(right, str) else left.since(right)
    return _subtract_numbers(left, right)


def _remainder(left: Any, right: Any) -> Any:
    if isinstance(left, str):
        raise RefusedError("% does not go with a text", "use the filter format")
    return _modulo(left, right)


def _each(values: Any) -> Any:
    """What a loop goes over."""
    if values is None:
        return ()
    if isinstance(values, str | list | tuple | Mapping):
        return values
    raise RefusedError(f"a loop over {kind_of(values)} is not possible")


PLAIN: Final[dict[str, Callable[..., Any]]] = {
    "__sub": _subtract,
    "__div": _arithmetic("/", operator.truediv),
    "__floordiv": _arithmetic("//", operator.floordiv),
    "__mod": _remainder,
    "__pow": _arithmetic("**", _power),
    "__neg": _negative,
    "__eq": _comparison("==", operator.eq),
    "__ne": _comparison("!=", operator.ne),
    "__lt": _comparison("<", operator.lt),
    "__le": _comparison("<=", operator.le),
    "__gt": _comparison(">", operator.gt),
    "__ge": _comparison(">=", operator.ge),
    "__in": _contains,
    "__not_in": lambda item, container: not _contains(item, container),
    "__slice": _slice,
    "__each": _each,
    "__plain": lambda value: value,
    "__do": lambda value: None,
}
"""The operations that make nothing large."""
