"""From a Handlebars template, as WireMock knows it, to one of MockForge.

Helpers stay what they are, as calls: ``{{jsonPath request.body '$.id'}}`` becomes
``{{ hbs.text('jsonPath', request.body, '$.id') }}``. The functions ``hbs.text`` and ``hbs.value`` stand in
:mod:`.functions`. Loops, conditions and assignments become those of the template language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from .nodes import Block, Call, Expression, Literal, Node, Output, Partial, Path, Text
from .parser import TemplateSyntaxError, parse
from .requests import Code, every_value, request_path
from .scope import TOP, VARIABLES, Frame, assigned_name, assigned_names, is_name, quoted

__all__ = ["Problem", "TemplateSyntaxError", "Translated", "translate"]

CONDITIONS: Final = frozenset(("eq", "neq", "gt", "gte", "lt", "lte", "contains", "matches"))
CAPTURED: Final = frozenset(
    ("trim", "base64", "urlEncode", "toJson", "formatJson", "formatXml", "jsonArrayAdd", "jsonMerge",
     "upper", "lower", "capitalize", "capitalizeFirst", "stripTags")
)  # fmt: skip
"""Helpers that take what stands in their block as a value."""
_TAGS: Final = re.compile(r"\{\{|\{%|\{#|\{$")
_WORDS: Final = frozenset(
    [
        "and",
        "or",
        "not",
        "in",
        "is",
        "if",
        "else",
        "elif",
        "for",
        "set",
        "with",
        "true",
        "false",
        "none",
        "loop",
    ]
)


class Problem(NamedTuple):
    """What could not be said: the template's part as it is written, and why."""

    source: str
    reason: str


class Translated(NamedTuple):
    """``text`` is the template; ``is_template`` says whether there is a tag in it at all."""

    text: str
    is_template: bool
    problems: tuple[Problem, ...]


def translate(
    source: str,
    *,
    roots: Mapping[str, Callable[[tuple[str, ...]], Code | None]] | None = None,
    helpers: Mapping[str, str] | None = None,
    natives: Mapping[str, Callable[[Call], Code | None]] | None = None,
) -> Translated:
    """The template that says what ``source`` says. TemplateSyntaxError: it is no Handlebars.

    ``roots`` gives code for the names at the top besides ``request``; ``helpers`` are the names that can be
    called, with what ``hbs`` calls them, and ``natives`` gives native code for calls.
    """
    from .functions import HELPERS

    known = {name: name for name in HELPERS} if helpers is None else helpers
    nodes = parse(source)
    writer = _Writer(
        source,
        {"request": request_path, **(roots or {})},
        known,
        natives or {},
        assigned_names(nodes),
    )
    text = writer.nodes(nodes, (TOP,))
    if writer.names and f"{VARIABLES}." in text:
        text = f"{{% set {VARIABLES} = namespace() %}}{text}"
    is_template = any(not isinstance(node, Text) for node in nodes)
    if not is_template:
        text = "".join(node.text for node in nodes if isinstance(node, Text))
    return Translated(text, is_template, tuple(writer.problems))


class _Writer:
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

    # ---------------------------------------------------------------- nodes

    def nodes(self, nodes: Sequence[Node], frames: tuple[Frame, ...]) -> str:
        return "".join(self.node(node, frames) for node in nodes)

    def node(self, node: Node, frames: tuple[Frame, ...]) -> str:
        match node:
            case Text(text):
                return _TAGS.sub(lambda found: f"{{{{ '{found[0]}' }}}}", text)
            case Output(expression, offset):
                return self.guarded(lambda: self.output(expression, frames), offset)
            case Block():
                return self.guarded(lambda: self.block(node, frames), node.offset)
            case Partial(name, offset):
                return self.refused(offset, f"there are no partials ({name})")

    def guarded(self, write: Callable[[], str], offset: int) -> str:
        try:
            return write()
        except TemplateSyntaxError as problem:
            return self.refused(offset, str(problem))

    def refused(self, offset: int, reason: str) -> str:
        """A part that cannot be translated stays in the output as it is written."""
        end = self.source.find("}}", offset)
        part = self.source[offset : offset + 200 if end < 0 else end + 2]
        self.problems.append(Problem(part[:200], reason))
        return f"{{{{ {quoted(part)} }}}}"

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def output(self, expression: Expression, frames: tuple[Frame, ...]) -> str:
        call = self.as_call(expression, frames)
        if call is not None:
            name = assigned_name(call, block=False)
            if name in self.names:
                return self.assignment(call, name, frames)
            if call.name in ("assign", "log"):
                return ""
            if call.name in ("and", "or", "not") and not call.named:
                return f"{{{{ hbs.text('truthy', {self.call(call, frames).text}) }}}}"
            code = self.call(call, frames)
            if code.kind == "text":
                return f"{{{{ {code.text} }}}}"
            return f"{{{{ {code.text.replace('hbs.value(', 'hbs.text(', 1)} }}}}" if code.text.startswith(
                "hbs.value("
            ) else f"{{{{ {code.text} }}}}"  # fmt: skip
        if (
            isinstance(expression, Path)
            and expression.data
            and expression.parts in (("first",), ("last",))
        ):
            code_ = self.value(expression, frames).text
            return f"{{{{ '{expression.parts[0]}' if {code_} else '' }}}}"
        code = self.value(expression, frames)
        if isinstance(expression, Literal) and isinstance(expression.value, str):
            return self.node(Text(expression.value), frames)
        if code.text.startswith("hbs.value("):
            return f"{{{{ hbs.text({code.text.removeprefix('hbs.value(')} }}}}"
        if code.kind != "value":
            return f"{{{{ {code.text} }}}}"
        return f"{{{{ hbs.text('text', {code.text}) }}}}"

    def assignment(
        self, call: Call, name: str, frames: tuple[Frame, ...], captured: str = ""
    ) -> str:
        target = f"{VARIABLES}.{name}"
        if call.name == "regexExtract":
            groups = Call("regexGroups", call.arguments[:2], call.named)
            return f"{{% set {target} = {self.call(groups, frames).text} %}}"
        arguments = call.arguments
        if call.name in ("parseJson", "formData"):
            arguments = () if captured else arguments[:1]
        named = tuple((key, value) for key, value in call.named if key != "assign")
        code = self.call(Call(call.name, arguments, named), frames, captured)
        return f"{{% set {target} = {code.text} %}}"

    # ---------------------------------------------------------------- blocks

    def block(self, block: Block, frames: tuple[Frame, ...]) -> str:
        expression = block.expression
        call = self.as_call(expression, frames, block=True)
        name = call.name if call is not None else ""
        if call is None or block.inverted:
            return self.section(block, frames)
        if name in ("if", "unless"):
            if not call.arguments:
                raise TemplateSyntaxError(f"{name} has no condition", block.offset)
            return self.condition(
                block, self.truth(call.arguments[0], frames), frames, name == "unless"
            )
        if name == "each":
            return self.each(block, call, frames)
        if name == "with":
            return self.within(block, call, frames)
        if name in ("contains", "matches"):
            # WireMock gives these no {{else}}.
            block = block._replace(otherwise=())
        if name in CONDITIONS or name in ("and", "or", "not"):
            return self.condition(block, self.call(call, frames).text, frames, False)
        if name == "arrayJoin":
            return self.joined(block, call, frames)
        if name in CAPTURED or assigned_name(call, block=True) is not None:
            return self.captured(block, call, frames)
        raise TemplateSyntaxError(f"there is no block helper {name}", block.offset)

    def condition(self, block: Block, code: str, frames: tuple[Frame, ...], negated: bool) -> str:
        body, otherwise = self.nodes(block.body, frames), self.nodes(block.otherwise, frames)
        test = f"not ({code})" if negated else code
        if otherwise:
            return f"{{% if {test} %}}{body}{{% else %}}{otherwise}{{% endif %}}"
        return f"{{% if {test} %}}{body}{{% endif %}}"

    def each(self, block: Block, call: Call, frames: tuple[Frame, ...]) -> str:
        if len(call.arguments) != 1:
            raise TemplateSyntaxError("each takes one value", block.offset)
        return self.loop(
            block, f"hbs.value('pairs', {self.many(call.arguments[0], frames)})", frames
        )

    def loop(self, block: Block, items: str, frames: tuple[Frame, ...]) -> str:
        item = self.fresh("item")
        names = dict(zip(block.names, (f"{item}.value", f"{item}.key"), strict=False))
        frame = Frame(f"{item}.value", item, f"{item}.key", names)
        body = self.nodes(block.body, (*frames, frame))
        otherwise = self.nodes(block.otherwise, frames)
        middle = f"{{% else %}}{otherwise}" if otherwise else ""
        return f"{{% for {item} in {items} %}}{body}{middle}{{% endfor %}}"

    def within(self, block: Block, call: Call, frames: tuple[Frame, ...]) -> str:
        if len(call.arguments) != 1:
            raise TemplateSyntaxError("with takes one value", block.offset)
        inner = block._replace(names=block.names[:1])
        value = self.value(call.arguments[0], frames).text
        return self.loop(inner, f"hbs.value('section', {value}, true)", frames)

    def section(self, block: Block, frames: tuple[Frame, ...]) -> str:
        """``{{#name}}`` of Mustache: a loop, a condition, or both."""
        if block.inverted:
            return self.condition(block, self.truth(block.expression, frames), frames, True)
        value = self.many(block.expression, frames)
        return self.loop(block, f"hbs.value('section', {value})", frames)

    def joined(self, block: Block, call: Call, frames: tuple[Frame, ...]) -> str:
        if len(call.arguments) != 2:
            raise TemplateSyntaxError("arrayJoin takes a separator and a list", block.offset)
        named = dict(call.named)
        separator, prefix, suffix = (
            "" if value is None else self.output(value, frames)
            for value in (call.arguments[0], named.get("prefix"), named.get("suffix"))
        )
        items = f"hbs.value('pairs', {self.many(call.arguments[1], frames)})"
        looped = self.loop(block._replace(otherwise=()), items, frames)
        opened, _, rest = looped.partition(" %}")
        item = opened.split()[2]
        return (
            f"{prefix}{opened} %}}{{% if not {item}.first %}}{separator}{{% endif %}}{rest}{suffix}"
        )

    def captured(self, block: Block, call: Call, frames: tuple[Frame, ...]) -> str:
        name = self.fresh("captured")
        before = f"{{% set {name} %}}{self.nodes(block.body, frames)}{{% endset %}}"
        target = assigned_name(call, block=True)
        if target is not None and target in self.names:
            if call.name == "assign":
                return f"{before}{{% set {VARIABLES}.{target} = {name} %}}"
            return before + self.assignment(call, target, frames, name)
        code = self.call(call, frames, name).text.replace("hbs.value(", "hbs.text(", 1)
        return f"{before}{{{{ {code} }}}}"

    # ---------------------------------------------------------------- expressions

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
