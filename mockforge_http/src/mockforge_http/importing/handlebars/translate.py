"""From a Handlebars template, as WireMock knows it, to one of MockForge.

Helpers stay what they are, as calls: ``{{jsonPath request.body '$.id'}}`` becomes
``{{ hbs.text('jsonPath', request.body, '$.id') }}``. The functions ``hbs.text`` and ``hbs.value`` stand in
:mod:`.functions`. Loops, conditions and assignments become those of the template language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from .nodes import Block, Call, Expression, Literal, Node, Output, Partial, Path, Text
from .parser import TemplateSyntaxError, parse
from .requests import Code, request_path
from .scope import TOP, VARIABLES, Frame, assigned_name, assigned_names, quoted
from .values import CAPTURED, Expressions, Problem

__all__ = ["Problem", "TemplateSyntaxError", "Translated", "translate"]

CONDITIONS: Final = frozenset(("eq", "neq", "gt", "gte", "lt", "lte", "contains", "matches"))
_TAGS: Final = re.compile(r"\{\{|\{%|\{#|\{$")


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


class _Writer(Expressions):
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
