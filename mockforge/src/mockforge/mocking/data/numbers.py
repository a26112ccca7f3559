"""Numbers within bounds and on a grid, exact in decimal."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Final

from mockforge.mocking.data.model import UnsatisfiableError
from mockforge.mocking.data.name_tables import Span
from mockforge.mocking.data.names import number_span
from mockforge.mocking.data.plan import Node
from mockforge.mocking.data.runtime import ONE_DRAW, Context, Make
from mockforge.mocking.data.shape import Bound, Shape

_FORMATS: Final[dict[str, tuple[float, float]]] = {
    "int8": (-(2**7), 2**7 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint8": (0, 2**8 - 1),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
    "float": (-3.4e38, 3.4e38),
}
_FORMAT_SPANS: Final = {
    "unix-time": Span(1704067200, 1767225599, 0),
    "timestamp": Span(1704067200, 1767225599, 0),
}
_USUAL: Final = Span(1, 1000)
_WIDE: Final = 1_000_000
_DOMAIN: Final = 1000


def integers(shape: Shape) -> tuple[int | None, int | None]:
    """The lowest and the highest integer that the bounds of ``shape`` allow; None where open."""
    low = high = None
    if shape.low is not None:
        low = math.ceil(shape.low.value)
        low += shape.low.open and low == shape.low.value
    if shape.high is not None:
        high = math.floor(shape.high.value)
        high -= shape.high.open and high == shape.high.value
    return low, high


def domain(shape: Shape) -> list[int] | None:
    """All values, if ``shape`` allows integers only and not too many of them."""
    low, high = integers(shape)
    if not shape.integral or shape.multiples or low is None or high is None:
        return None
    return list(range(low, high + 1)) if high - low < _DOMAIN else None


def number_maker(node: Node, shape: Shape, *, plausible: bool) -> Make:
    """The maker of numbers for ``shape`` at ``node``."""
    low, high = shape.low, shape.high
    if low is not None and high is not None and _empty(low, high):
        raise UnsatisfiableError(
            node.path, f"no number is {_worded(low, 'low')} and {_worded(high, 'high')}"
        )
    span = _span(shape, node.field) if plausible else None
    if shape.multiples:
        return _multiples(node, shape, span)
    if shape.integral or (span is not None and span.digits == 0 and _allows_integers(shape)):
        return _integers(node, shape, span)
    return _decimals(node, shape, span)


def _span(shape: Shape, field: str) -> Span | None:
    for name in shape.formats:
        if name in _FORMAT_SPANS:
            return _FORMAT_SPANS[name]
    return number_span(field)


def _empty(low: Bound, high: Bound) -> bool:
    return low.value > high.value or (low.value == high.value and (low.open or high.open))


def _worded(bound: Bound, side: str) -> str:
    if side == "low":
        return f"{'greater than' if bound.open else 'at least'} {bound.value}"
    return f"{'less than' if bound.open else 'at most'} {bound.value}"


def _allows_integers(shape: Shape) -> bool:
    low, high = integers(shape)
    return low is None or high is None or low <= high


def _within_format(shape: Shape) -> tuple[float | None, float | None]:
    """The range of the format, unless the bounds leave nothing of it."""
    for name in shape.formats:
        if name in _FORMATS:
            low, high = _FORMATS[name]
            if (shape.low is None or shape.low.value <= high) and (
                shape.high is None or shape.high.value >= low
            ):
                return low, high
    return None, None


def _usual_range(low: float | None, high: float | None, span: Span | None) -> tuple[float, float]:
    """A readable part of the range from ``low`` to ``high`` (None: open)."""
    if low is not None and high is not None and high - low <= _WIDE and span is None:
        return low, high
    for wish in (span, _USUAL):
        if wish is None:
            continue
        start = wish.low if low is None else max(wish.low, low)
        end = wish.high if high is None else min(wish.high, high)
        if start <= end and (start < end or start in (low, high)):
            return start, end
    if low is not None and high is not None and high - low <= _WIDE:
        return low, high
    if low is not None:
        return low, low + 1000 if high is None else min(high, low + 1000)
    if high is not None:
        return high - 1000, high
    return _USUAL.low, _USUAL.high


def _integers(node: Node, shape: Shape, span: Span | None) -> Make:
    low, high = integers(shape)
    if low is not None and high is not None and low > high:
        raise UnsatisfiableError(
            node.path, f"there is no integer between {_bound(shape.low)} and {_bound(shape.high)}"
        )
    format_low, format_high = _within_format(shape)
    if low is None and format_low is not None and high is not None:
        low = int(format_low)
    if high is None and format_high is not None and low is not None:
        high = int(format_high)
    first, last = map(int, _usual_range(low, high, span))
    if last - first < ONE_DRAW:
        size = last - first + 1
        return lambda context: first + int(context.random() * size)
    return lambda context: context.rng.randint(first, last)


def _bound(bound: Bound | None) -> str:
    return "" if bound is None else f"{bound.value}{' (excluded)' if bound.open else ''}"


def _multiples(node: Node, shape: Shape, span: Span | None) -> Make:
    """Whole multiples of all ``multipleOf`` together, computed on integers."""
    steps = [*shape.multiples, *([Fraction(1)] if shape.integral else [])]
    step = steps[0]
    for other in steps[1:]:
        step = Fraction(
            math.lcm(step.numerator * other.denominator, other.numerator * step.denominator),
            step.denominator * other.denominator,
        )
    low = None if shape.low is None else Fraction(repr(shape.low.value)) / step
    high = None if shape.high is None else Fraction(repr(shape.high.value)) / step
    first = (
        None
        if low is None or shape.low is None
        else math.ceil(low) + (shape.low.open and low.denominator == 1)
    )
    last = (
        None
        if high is None or shape.high is None
        else math.floor(high) - (shape.high.open and high.denominator == 1)
    )
    if first is not None and last is not None and first > last:
        raise UnsatisfiableError(
            node.path,
            f"there is no multiple of {_decimal(step)} between {_bound(shape.low)} "
            f"and {_bound(shape.high)}",
        )
    wish = span or _USUAL
    start, end = math.ceil(Fraction(wish.low) / step), math.floor(Fraction(wish.high) / step)
    scaled = Span(start, end) if start <= end else None
    start, end = (int(bound) for bound in _usual_range(first, last, scaled))
    up, down = step.numerator, step.denominator
    if down == 1:
        return lambda context: context.between(start, end) * up
    return _fractions(shape, start, end, step)


def _decimal(value: Fraction) -> str:
    return f"{float(value):g}"


def _fractions(shape: Shape, start: int, end: int, step: Fraction) -> Make:
    """Multiples that are no integers. The one nearest in binary is taken (integer division rounds
    correctly), and such that dividing in binary finds no remainder either: validators do that. Nor may it
    have been rounded onto a bound that is excluded, as where steps are finer than numbers are."""
    up, down = step.numerator, step.denominator
    divisors = [float(other) for other in shape.multiples]
    lowest, highest = _closed(shape.low, math.inf), _closed(shape.high, -math.inf)
    least = -math.inf if lowest is None else lowest
    most = math.inf if highest is None else highest

    def make(context: Context) -> float:
        kept = min(max(start * up / down, least), most)
        for _ in range(40):
            value = context.between(start, end) * up / down
            if least <= value <= most:
                if all((value / divisor).is_integer() for divisor in divisors):
                    return value
                kept = value
        return kept

    return make


def _decimals(node: Node, shape: Shape, span: Span | None) -> Make:
    format_low, format_high = _within_format(shape)
    low = format_low if shape.low is None else float(shape.low.value)
    high = format_high if shape.high is None else float(shape.high.value)
    if shape.low is None and shape.high is None:
        low = high = None
    first, last = _usual_range(low, high, span)
    digits = 2 if span is None else span.digits
    width = last - first
    if width and not math.isinf(width):
        digits = max(digits, 2 - math.floor(math.log10(width))) if width < 1 else digits
    lowest, highest = _closed(shape.low, math.inf), _closed(shape.high, -math.inf)
    if lowest is not None and highest is not None and lowest > highest:
        raise UnsatisfiableError(
            node.path,
            f"there is no number between {_bound(shape.low)} and {_bound(shape.high)}",
        )

    def make(context: Context) -> Any:
        random = context.random
        for _ in range(8):
            value = round(first + random() * width, digits)
            if (lowest is None or value >= lowest) and (highest is None or value <= highest):
                return value
        value = first / 2 + last / 2
        if lowest is not None and value < lowest:
            return lowest
        return highest if highest is not None and value > highest else value

    return make


def _closed(bound: Bound | None, towards: float) -> float | None:
    """The outermost number that ``bound`` allows."""
    if bound is None:
        return None
    return math.nextafter(bound.value, towards) if bound.open else bound.value
