"""``Templates`` compiles, ``Template`` and ``ValueTemplate`` render: what stubs, scripts, webhooks call."""

from __future__ import annotations

import json
import re
import time
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import count
from random import Random
from typing import Any, Final

import msgspec

from mockforge.errors import MockForgeError, Place
from mockforge.mocking.templating.engine import Engine
from mockforge.mocking.templating.errors import TemplateError
from mockforge.mocking.templating.lexer import error_at, has_tags, split
from mockforge.mocking.templating.limits import DEFAULT_LIMITS, TemplateLimits
from mockforge.mocking.templating.runtime import RefusedError, Run
from mockforge.mocking.templating.translate import Translation, Translator
from mockforge.mocking.templating.vocabulary import NATIVE, Vocabulary, global_name

_MOST_LEVELS: Final = 64
_decode: Final = msgspec.json.Decoder().decode
_ARGUMENTS: Final = re.compile(r"^[\w.<>]+\(\) ")


class Template:
    """A compiled text."""

    __slots__ = ("_name", "_program", "_templates", "place", "source")

    def __init__(
        self, templates: Templates, source: str, program: Translation | None, place: Place | None
    ) -> None:
        self.source = source
        self.place = place
        self._templates = templates
        self._program = program
        self._name = templates.name_of(program)

    def render(self, context: Mapping[str, Any], chance: Random) -> str:
        """The text. TemplateError with the place."""
        if self._program is None:
            return self.source
        return self._templates.run(self._name, self._program, context, chance, self.place)

    def __repr__(self) -> str:
        return f"<Template {self.source[:40]!r}>"


class ValueTemplate:
    """A compiled JSON-like value: the strings in it are templates."""

    __slots__ = ("_name", "_program", "_templates", "_text", "place")

    def __init__(
        self, templates: Templates, text: str, program: Translation | None, place: Place | None
    ) -> None:
        self.place = place
        self._templates = templates
        self._text = text
        self._program = program
        self._name = templates.name_of(program)

    def render(self, context: Mapping[str, Any], chance: Random) -> Any:
        """The value. TemplateError with the place."""
        text = self.render_json(context, chance)
        try:
            return _decode(text)
        except (ValueError, RecursionError) as error:
            raise TemplateError(f"the result is no JSON: {error}", place=self.place) from error

    def render_json(self, context: Mapping[str, Any], chance: Random) -> str:
        """The value as JSON text, which is cheaper than :meth:`render` where JSON is sent."""
        if self._program is None:
            return self._text
        return self._templates.run(self._name, self._program, context, chance, self.place)


class Templates:
    """Compiles templates, all with the same functions, limits and context names.

    ``names`` are what contexts may hold: a template that reads another name is refused when it is compiled.
    ``functions`` and ``filters`` are added to those that there are; they are called with what the template
    gives, and may raise a :class:`~mockforge.errors.MockForgeError`; those named in ``drawing`` (a filter as
    ``| name``) are handed the chance of the rendering first. ``env`` are the environment variables that
    templates may read (``None``: allowed, but not set). ``fixture`` loads one by its path. ``clock`` gives
    seconds since 1970.
    """

    def __init__(
        self,
        *,
        limits: TemplateLimits = DEFAULT_LIMITS,
        functions: Mapping[str, Callable[..., Any]] = {},
        filters: Mapping[str, Callable[..., Any]] = {},
        drawing: Collection[str] = (),
        fixture: Callable[[str], Any] | None = None,
        env: Mapping[str, str | None] = {},
        names: Iterable[str] = ("request", "state"),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.limits = limits
        self._run = Run()
        self._added = (
            {name: self._drawing(made, name in drawing) for name, made in functions.items()},
            {name: self._drawing(made, f"| {name}" in drawing) for name, made in filters.items()},
        )
        self._fixture = fixture
        self._env = dict(env)
        self._context_names = tuple(names)
        self._clock = clock
        self._vocabulary: Vocabulary | None = None
        self._engine: Engine | None = None
        self._numbers = count()

    # ---------------------------------------------------------------- compiling

    def compile(self, source: str, *, place: Place | None = None) -> Template:
        """A template of text. TemplateError with the place."""
        if not has_tags(source):
            return Template(self, source, None, place)
        translator = Translator(self.vocabulary)
        self._guarded(lambda: translator.template(source), place)
        return Template(self, source, self._checked(translator, place), place)

    def compile_value(self, value: Any, *, place: Place | None = None) -> ValueTemplate:
        """A template of a JSON-like value (keys are templates too). A string that is one expression
        (``"{{ request.query.limit | int }}"``) gives the expression's value with its type; other strings with
        tags give text."""
        if not self.is_template(value):
            return ValueTemplate(self, _encoded(value, place), None, place)
        translator = Translator(self.vocabulary)
        leaves = _Leaves(translator, place)

        def translate() -> None:
            leaves.add(value, "")
            leaves.flush()

        self._guarded(translate, place, leaves)
        return ValueTemplate(self, "", self._checked(translator, place), place)

    @staticmethod
    def is_template(value: Any) -> bool:
        """Whether there is a tag in a text, or in any string of a JSON-like value."""
        if isinstance(value, str):
            return has_tags(value)
        if isinstance(value, Mapping):
            return any(
                has_tags(str(key)) or Templates.is_template(each) for key, each in value.items()
            )
        return isinstance(value, list | tuple) and any(map(Templates.is_template, value))

    def name_of(self, program: Translation | None) -> str:
        """A name for a new program."""
        return "" if program is None else str(next(self._numbers))

    def _drawing(self, function: Callable[..., Any], draws: bool) -> Callable[..., Any]:
        """``function``, handed the chance of the rendering first if it draws."""
        if not draws:
            return function
        run = self._run
        return lambda *arguments, **named: function(run.chance, *arguments, **named)

    def _guarded(
        self, translate: Callable[[], None], place: Place | None, leaves: _Leaves | None = None
    ) -> None:
        try:
            translate()
        except TemplateError as error:
            error.place = _below(place, leaves.path if leaves else "")
            raise
        except RecursionError:
            raise TemplateError("the template is nested too deep", place=place) from None

    def _checked(self, translator: Translator, place: Place | None) -> Translation:
        program = translator.done()
        import minijinja

        try:
            self._engine_in_use().check(program.text)
        except minijinja.TemplateError as error:
            raise _located(
                program, error.range, error.detail or error.message, None, place
            ) from error
        return program

    @property
    def vocabulary(self) -> Vocabulary:
        """The names, functions, filters and tests that templates may use."""
        words = self._vocabulary
        if words is None:
            words = self._vocabulary = self._made_words()
        return words

    def _made_words(self) -> Vocabulary:
        from mockforge.mocking.templating.digests import digest_filters
        from mockforge.mocking.templating.filters import text_filters
        from mockforge.mocking.templating.functions import builtin_functions
        from mockforge.mocking.templating.lists import TESTS, Lists
        from mockforge.mocking.templating.runtime import checked

        run = self._run
        functions, added = self._added
        filters: dict[str, Callable[..., Any]] = {}
        for made in (text_filters(run), Lists(run, filters).table(), digest_filters(), added):
            filters.update({name: checked(run, function) for name, function in made.items()})
        return Vocabulary(
            names=self._context_names,
            functions={
                **builtin_functions(run, self._clock, self._fixture),
                **{name: checked(run, function) for name, function in functions.items()},
            },
            filters=filters,
            tests=TESTS,
            env=self._env,
        )

    def _engine_in_use(self) -> Engine:
        engine = self._engine
        if engine is None:
            from mockforge.mocking.templating.functions import engine_functions
            from mockforge.mocking.templating.operators import Operators
            from mockforge.mocking.templating.texts import output_functions

            words = self.vocabulary
            functions = {
                **output_functions(self._run),
                **Operators(self._run).table(),
                **engine_functions(self._run),
                **{
                    global_name(name): made
                    for name, made in words.functions.items()
                    if name not in NATIVE
                },
                **{f"__filter_{name}": made for name, made in words.filters.items()},
                **{f"__test_{name}": made for name, made in words.tests.items()},
            }
            engine = self._engine = Engine(self.limits, functions)
        return engine

    # ---------------------------------------------------------------- rendering

    def run(
        self,
        name: str,
        program: Translation,
        context: Mapping[str, Any],
        chance: Random,
        place: Place | None,
    ) -> str:
        """The text that a program makes. TemplateError with the place."""
        engine = self._engine_in_use()
        self._run.begin(self.limits, chance)
        try:
            try:
                text = engine.run_program(name, **context)
            except RuntimeError as error:
                if getattr(error, "kind", None) != "TemplateNotFound":
                    raise
                text = None
            if text is None:
                engine.load(name, program.text)
                text = engine.run_program(name, **context)
        except Exception as error:
            raise self._explained(error, program, place) from error
        except BaseException as error:
            # What the engine raises where it is itself at fault; it is no Exception.
            if type(error).__name__ != "PanicException":
                raise
            raise TemplateError(f"the engine failed: {error}", place=place) from error
        if len(text) > self.limits.max_output:
            raise self._explained(self._run.too_large(), program, place)
        return text

    def _explained(
        self, error: Exception, program: Translation, place: Place | None
    ) -> TemplateError:
        """What went wrong in a rendering, as an error with its place."""
        at = self._run.at
        if isinstance(error, TemplateError) and error.line:
            return error
        if isinstance(error, RefusedError | MockForgeError):
            return _at_tag(program, at, error.message, error.hint, place)
        kind = getattr(error, "kind", None)
        if kind is None:
            message = _ARGUMENTS.sub("", str(error)) or "it failed"
            if isinstance(error, TypeError):
                message = f"wrong arguments: {message}"
            else:
                message = f"{type(error).__name__}: {message}"
            return _at_tag(program, at, message[:200], None, place)
        if kind == "OutOfFuel":
            message = f"the template takes more than {self.limits.fuel} steps"
            hint = "make it do less, or raise core.templates.fuel"
            return _located(program, error.range, message, hint, place)  # type: ignore[attr-defined]
        message = getattr(error, "detail", None) or str(error)
        return _located(program, error.range, message, None, place)  # type: ignore[attr-defined]

    @property
    def bytes(self) -> int:
        """What the engine holds, roughly; bounded."""
        return 0 if self._engine is None else self._engine.bytes


class _Leaves:
    """Hands a value to a translator piece by piece, and knows where it is."""

    def __init__(self, translator: Translator, place: Place | None) -> None:
        self._translator = translator
        self._place = place
        self._static: list[str] = []
        self.path = ""

    def add(self, value: Any, path: str, level: int = 0) -> None:
        self.path = path
        if level > _MOST_LEVELS:
            raise TemplateError(f"the value is nested deeper than {_MOST_LEVELS}")
        if isinstance(value, Mapping):
            comma = "{"
            for key, each in value.items():
                self._static.append(comma)
                self._text(str(key), path)
                self._static.append(":")
                self.add(each, f"{path}.{key}" if path else str(key), level + 1)
                comma = ","
            self._static.append("}" if value else "{}")
        elif isinstance(value, list | tuple):
            comma = "["
            for number, each in enumerate(value):
                self._static.append(comma)
                self.add(each, f"{path}[{number}]", level + 1)
                comma = ","
            self._static.append("]" if value else "[]")
        elif isinstance(value, str):
            self._string(value, path)
        else:
            self._static.append(_encoded(value, self._place))

    def _string(self, value: str, path: str) -> None:
        if has_tags(value):
            pieces = split(value)
            if len(pieces) == 1 and pieces[0].kind == "output":
                self.flush()
                self._translator.template(value, "value", path)
                return
        self._text(value, path)

    def _text(self, value: str, path: str) -> None:
        self.path = path
        if not has_tags(value):
            self._static.append(_encoded(value, self._place))
            return
        self._static.append('"')
        self.flush()
        self._translator.template(value, "string", path)
        self._static.append('"')

    def flush(self) -> None:
        if self._static:
            self._translator.text("".join(self._static))
            self._static.clear()


def _encoded(value: Any, place: Place | None) -> str:
    """``value`` as JSON text."""
    try:
        return (
            json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            .encode()
            .decode()
        )
    except (TypeError, ValueError, RecursionError) as error:
        raise TemplateError(f"the value cannot be written as JSON: {error}", place=place) from error


def _below(place: Place | None, path: str) -> Place | None:
    """The place of a leaf."""
    if place is None or not path:
        return place
    joint = "" if not place.path or path.startswith("[") else "."
    return Place(place.file, place.line, place.column, f"{place.path or ''}{joint}{path}")


def _at_tag(
    program: Translation, number: int, message: str, hint: str | None, place: Place | None
) -> TemplateError:
    """The error for the tag of that number; without a position where there is none."""
    if number < 0 and len(program.origins) == 1:
        number = 0
    if not 0 <= number < len(program.origins):
        return TemplateError(message, hint=hint, place=place)
    origin = program.origins[number]
    error = error_at(origin.source, origin.start, message, hint)
    error.place = _below(place, origin.path)
    return error


def _located(
    program: Translation,
    where: tuple[int, int] | None,
    message: str,
    hint: str | None,
    place: Place | None,
) -> TemplateError:
    """The error for the tag at an offset of the translation."""
    found = -1
    if where is not None and program.spans:
        index = bisect_right(program.spans, (where[0], len(program.origins))) - 1
        found = program.spans[max(index, 0)][1]
    return _at_tag(program, found, message, hint, place)
