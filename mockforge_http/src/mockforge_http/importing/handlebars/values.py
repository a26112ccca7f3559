"""Expressions of Handlebars as those of the native language."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from .expressions import TemplateSyntaxError
from .nodes import Call, Expression, Literal, Path
from .requests import Code, every_value
from .scope import VARIABLES, Frame, is_name, quoted

CAPTURED: Final = frozenset(
    ("trim", "base64", "urlEncode", "toJson", "formatJson", "formatXml", "jsonArrayAdd", "jsonMerge",
     "upper", "lower", "capitalize", "capitalizeFirst", "stripTags")
)  # fmt: skip
"""Helpers that take what stands in their block as a value."""
_WORDS: Final = frozenset(
    {"and", "or", "not", "in", "is", "if", "else", "elif", "for", "set", "with", "true", "false", "none",
     "loop"}
)  # fmt: skip
_LISTS: Final = frozenset({
    "join", "contains", "size", "arrayJoin", "pickRandom", "jsonPath", "lookup", "toJson",
})  # fmt: skip
"""Helpers that take all values of a parameter."""
_FIRST: Final = {
    **dict.fromkeys(("now", "date", "dateFormat"), "now()"),
    "state": "state",
    **dict.fromkeys(
        (
            "mockoon.body",
            "mockoon.cookie",
            "mockoon.header",
            "mockoon.queryParam",
            "mockoon.urlParam",
        ),
        "request",
    ),
    **dict.fromkeys(("randomValue", "randomInt", "randomDecimal", "pickRandom"), "rand.hex(32)"),
}
"""What a helper is handed first: the moment, or something to seed its chance with."""
_BLOCKS: Final = frozenset({"if", "unless", "each", "with", "assign", "log"})
"""Helpers that are no values."""
_INTERNAL: Final = frozenset(("regexGroups", "assign"))


class Problem(NamedTuple):
    """What could not be said: the template's part as it is written, and why."""

    source: str
    reason: str


class Expressions:
    """Writes the expressions of one template. ``roots``, ``helpers`` and ``natives`` see
    :func:`.translate.translate`; ``names`` are what the template assigns to. What cannot be said goes to
    ``problems``."""

    def __init__(
        self,
        source: str,
        roots: Mapping[str, Callable[[tuple[str, ...]], Code | None]],
        helpers: Mapping[str, str],
        natives: Mapping[str, Callable[[Call], Code | None]],
        names: set[str],
    ) -> None:
        self.source = source
        self.roots = roots
        self.helpers = helpers
        self.natives = natives
        self.names = {name for name in names if is_name(name)}
        self.problems: list[Problem] = []
        self.count = 0

    def as_call(
        self, expression: Expression, frames: tuple[Frame, ...], *, block: bool = False
    ) -> Call | None:
        """The call that ``expression`` is, or would be if it is a bare name of a helper."""
        if isinstance(expression, Call):
            return expression
        if isinstance(expression, Path) and len(expression.parts) == 1 and not expression.here:
            name = expression.parts[0]
            bare = not (expression.up or expression.data)
            if bare and not self.bound(name, frames) and name in self.helpers:
                return Call(name)
            if bare and block and name in CAPTURED:
                return Call(name)
        return None

    def bound(self, name: str, frames: tuple[Frame, ...]) -> bool:
        return name in self.roots or self.bound_inside(name, frames)

    def call(self, call: Call, frames: tuple[Frame, ...], captured: str = "") -> Code:
        name = call.name
        if name in ("and", "or"):
            parts = f" {name} ".join(f"({self.truth(each, frames)})" for each in call.arguments)
            if not call.named:
                return Code(f"({parts})")
            truth = f"hbs.value('truthy', {parts})"
            return Code(f"hbs.value('chosen', {truth}{self.named(call, frames)})")
        if name == "not":
            return Code(
                f"(not ({self.truth(call.arguments[0], frames)}))" if call.arguments else "true"
            )
        native = self.natives[name](call) if name in self.natives else None
        if native is not None:
            return native
        own = self.helpers.get(name, name if name in _INTERNAL else None)
        if own is None or own in _BLOCKS:
            raise TemplateSyntaxError(f"there is no helper {name}", 0)
        if name in ("eq", "neq") and (decided := self.never_equal(call, frames)) is not None:
            return Code("true" if decided == (name == "neq") else "false")
        many = name in _LISTS
        arguments = [
            self.many(each, frames) if many else self.value(each, frames).text
            for each in call.arguments
        ]
        if name == "math":
            # A number such as 5.0 would lose its decimal places on the way.
            arguments = [
                quoted(str(each.value))
                if isinstance(each, Literal) and isinstance(each.value, float)
                else argument
                for each, argument in zip(call.arguments, arguments, strict=True)
            ]
        if own in _FIRST:
            arguments.insert(0, _FIRST[own])
        if captured:
            arguments.insert(
                1 if name in ("jsonArrayAdd", "jsonMerge") and arguments else 0, captured
            )
        listed = "".join(f", {argument}" for argument in arguments)
        return Code(f"hbs.value({quoted(own)}{listed}{self.named(call, frames)})")

    def named(self, call: Call, frames: tuple[Frame, ...]) -> str:
        made = ""
        for key, value in call.named:
            if not is_name(key):
                raise TemplateSyntaxError(f"{key} cannot be the name of an argument", 0)
            made += f", {f'{key}_' if key in _WORDS else key}={self.value(value, frames).text}"
        return made

    def never_equal(self, call: Call, frames: tuple[Frame, ...]) -> bool | None:
        """Whether an object of the request is compared with a text: WireMock takes them for different,
        though they print alike."""
        if len(call.arguments) != 2:
            return None
        kinds = [
            self.value(each, frames).kind if isinstance(each, Path) else "text"
            for each in call.arguments
        ]
        if "object" not in kinds or any(
            isinstance(each, Literal) and each.value is None for each in call.arguments
        ):
            return None
        written = f"{call.name} of {' and '.join(map(_shown, call.arguments))}"
        self.problems.append(
            Problem(
                written,
                "WireMock finds no object of the request equal to a text; .[0] compares its value",
            )
        )
        return True

    def many(self, expression: Expression, frames: tuple[Frame, ...]) -> str:
        """Code for a value that may be a list: all values of a parameter, not its first."""
        if isinstance(expression, Path) and expression.parts[:1] in (
            ("request",),
            ("originalRequest",),
        ):
            every = every_value(expression.parts[1:])
            if every is not None and not self.bound_inside(expression.parts[0], frames):
                return every
        return self.value(expression, frames).text

    def bound_inside(self, name: str, frames: tuple[Frame, ...]) -> bool:
        return name in self.names or any(name in frame.names for frame in frames)

    def truth(self, expression: Expression, frames: tuple[Frame, ...]) -> str:
        return self.value(expression, frames).text

    def value(self, expression: Expression, frames: tuple[Frame, ...]) -> Code:
        if isinstance(expression, Literal):
            return _literal(expression.value)
        call = self.as_call(expression, frames)
        if call is not None:
            return self.call(call, frames)
        assert isinstance(expression, Path)  # noqa: S101 - the one kind that is left
        if expression.data:
            return self.data(expression, frames)
        parts = expression.parts
        if expression.here or expression.up:
            level = max(0, len(frames) - 1 - expression.up)
            frame = frames[level]
            if not frame.this:
                return self.at_top(parts)
            if expression.up:
                return self.named_path(parts, frames[: level + 1]) if parts else Code(frame.this)
            return _walk(frame.this, parts)
        return self.named_path(parts, frames)

    def named_path(self, parts: tuple[str, ...], frames: tuple[Frame, ...]) -> Code:
        head, rest = parts[0], parts[1:]
        for frame in reversed(frames):
            if head in frame.names:
                return _walk(frame.names[head], rest)
        if head in self.names:
            return _walk(f"{VARIABLES}.{head}", rest)
        if head in self.roots:
            return self.at_top(parts)
        around = [frame.this for frame in reversed(frames) if frame.this]
        if not around:
            return Code("''", "text")
        if len(around) == 1:
            return _walk(around[0], parts)
        return _walk(f"hbs.value('scoped', {quoted(head)}, {', '.join(around)})", rest)

    def at_top(self, parts: tuple[str, ...]) -> Code:
        if not parts:
            return Code("''", "text")
        if parts[0] in self.roots:
            found = self.roots[parts[0]](parts[1:])
            if found is not None:
                return found
        return Code("''", "text")

    def data(self, path: Path, frames: tuple[Frame, ...]) -> Code:
        loops = [frame for frame in frames if frame.loop]
        name = ".".join(path.parts)
        if name == "root":
            return Code("request")
        if path.up >= len(loops) or name not in ("index", "key", "first", "last"):
            return Code("''", "text")
        return Code(f"{loops[-1 - path.up].loop}.{name}", "text")


def _walk(code: str, parts: Sequence[str]) -> Code:
    if not parts:
        return Code(code)
    return Code(f"hbs.value('walk', {code}, {', '.join(map(quoted, parts))})")


def _literal(value: Any) -> Code:
    if isinstance(value, str):
        return Code(quoted(value), "text")
    return Code("none" if value is None else json.dumps(value))


def _shown(expression: Expression) -> str:
    if isinstance(expression, Literal):
        return repr(expression.value)
    return expression.name if isinstance(expression, Call) else ".".join(expression.parts)
