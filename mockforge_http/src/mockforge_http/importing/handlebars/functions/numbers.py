"""Numbers of ``math`` and ``numberFormat``."""

from __future__ import annotations

import re
from decimal import (
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DecimalException,
    InvalidOperation,
)
from typing import Any, Final

from .values import HelperError, text

_CONTEXT: Final = Context(prec=60, Emax=400, Emin=-400)
_SYMBOLS: Final = {
    "GB": ("£", False), "US": ("$", False), "CA": ("$", False), "AU": ("$", False), "DE": ("€", True),
    "FR": ("€", True), "IT": ("€", True), "ES": ("€", True), "NL": ("€", False), "IE": ("€", False),
    "JP": ("￥", False), "IN": ("₹", False),
}  # fmt: skip
_SEPARATORS: Final = {
    "de": (".", ","),
    "it": (".", ","),
    "es": (".", ","),
    "nl": (".", ","),
    "fr": ("\u202f", ","),
}


def decimal(value: Any) -> Decimal:
    """``value`` as a number, 0 if it is none."""
    if isinstance(value, bool) or value is None:
        return Decimal(0)
    try:
        made = Decimal(text(value).strip())
    except InvalidOperation:
        return Decimal(0)
    return made if made.is_finite() and abs(made.adjusted()) < 300 else Decimal(0)


def calculate(left: Any, sign: str, right: Any) -> int | float:
    """``left sign right``; a quotient keeps the decimal places of ``left``, rounded half up."""
    a, b = decimal(left), decimal(right)
    try:
        match sign.strip():
            case "+":
                made = _CONTEXT.add(a, b)
            case "-":
                made = _CONTEXT.subtract(a, b)
            case "*" | "x":
                made = _CONTEXT.multiply(a, b)
            case "/":
                places = a.as_tuple().exponent
                unit = Decimal(1).scaleb(min(int(places), 0))
                made = _CONTEXT.divide(a, b).quantize(unit, ROUND_HALF_UP, _CONTEXT)
            case "%":
                made = _CONTEXT.remainder(a, b)
            case _:
                raise HelperError(f"{sign!r} is no operator of math")
    except (DecimalException, ZeroDivisionError) as error:
        raise HelperError(
            f"cannot calculate {text(left)[:40]} {sign} {text(right)[:40]}"
        ) from error
    exponent = made.as_tuple().exponent
    return int(made) if isinstance(exponent, int) and exponent >= 0 else float(made)


def number_format(value: Any, style: str, locale: str, options: dict[str, Any]) -> str:
    """As ``java.text.NumberFormat``: ``style`` is ``integer``, ``percent``, ``currency``, or a pattern
    such as ``#,##0.00``."""
    number = decimal(value)
    language, _, country = locale.replace("-", "_").partition("_")
    group, point = _SEPARATORS.get(language.lower(), (",", "."))
    match style:
        case "integer":
            made = _digits(number, 1, 0, 0, grouped=True)
        case "percent":
            made = _digits(number * 100, 1, 0, 0, grouped=True) + "%"
        case "currency":
            symbol, behind = _SYMBOLS.get(country.upper() or "US", ("¤", False))
            digits = _digits(abs(number), 1, 2, 2, grouped=True)
            sign = "-" if number < 0 else ""
            made = f"{sign}{digits}\u00a0{symbol}" if behind else f"{sign}{symbol}{digits}"
        case "":
            made = _digits(
                number,
                _option(options, "minimumIntegerDigits", 1),
                _option(options, "minimumFractionDigits", 0),
                _option(options, "maximumFractionDigits", 3),
                grouped=options.get("groupingUsed", True) is True,
            )
        case _:
            made = _by_pattern(number, style)
    swapped = {",": group, ".": point}
    return "".join(swapped.get(char, char) for char in made)


def _option(options: dict[str, Any], name: str, default: int) -> int:
    value = options.get(name, default)
    if not isinstance(value, int) or not 0 <= value <= 100:
        raise HelperError(f"{name} is no number between 0 and 100")
    return value


def _by_pattern(number: Decimal, pattern: str) -> str:
    positive, _, negative = pattern.partition(";")
    match = re.search(r"[#0,]*[#0](?:\.[#0]*)?|\.[#0]+", positive)
    if match is None:
        raise HelperError(f"{pattern!r} is no number pattern")
    prefix, suffix = positive[: match.start()], positive[match.end() :]
    if "%" in prefix + suffix:
        number = number * 100
    whole, _, fraction = match[0].partition(".")
    digits = _digits(
        abs(number), whole.count("0"), fraction.count("0"), len(fraction), grouped="," in whole
    )
    made = prefix.replace("'", "") + digits + suffix.replace("'", "")
    if number >= 0 or not digits.strip("0.,"):
        return made
    if not negative:
        return f"-{made}"
    outer = re.sub(r"[#0,.]+", lambda _: digits, negative, count=1)
    return outer.replace("'", "")


def _digits(number: Decimal, whole: int, least: int, most: int, *, grouped: bool) -> str:
    rounded = number.quantize(Decimal(1).scaleb(-max(most, least)), ROUND_HALF_EVEN, _CONTEXT)
    text_ = f"{rounded:f}"
    sign = "-" if text_.startswith("-") else ""
    before, _, after = text_.lstrip("-").partition(".")
    while len(after) > least and after.endswith("0"):
        after = after[:-1]
    before = before.lstrip("0").zfill(whole)
    if grouped:
        before = f"{int(before):,}".zfill(whole) if before.isdigit() and len(before) > 3 else before
    return f"{sign}{before}.{after}" if after else f"{sign}{before}"
