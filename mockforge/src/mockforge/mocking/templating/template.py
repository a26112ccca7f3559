"""``Templates`` compiles, ``Template`` and ``ValueTemplate`` render: what stubs, scripts, webhooks call."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import count
from random import Random
from typing import Any, Final

import msgspec

from mockforge.errors import Place
from mockforge.mocking.templating.direct import direct
from mockforge.mocking.templating.engine import Engine
from mockforge.mocking.templating.errors import TemplateError
from mockforge.mocking.templating.explain import below, explained, refused_by_engine
from mockforge.mocking.templating.leaves import Leaves, encoded
from mockforge.mocking.templating.lexer import has_tags
from mockforge.mocking.templating.limits import DEFAULT_LIMITS, TemplateLimits
from mockforge.mocking.templating.runtime import Run
from mockforge.mocking.templating.translate import Translation, Translator
from mockforge.mocking.templating.vocabulary import NATIVE, Vocabulary, global_name

_decode: Final = msgspec.json.Decoder().decode


class _Compiled:
    """A program and what it makes; without one, ``source`` is what is made."""

    __slots__ = ("_direct", "_name", "_program", "_templates", "place", "source")

    def __init__(
        self, templates: Templates, source: str, program: Translation | None, place: Place | None
    ) -> None:
        self.source = source
        self.place = place
        self._templates = templates
        self._program = program
        self._name = templates.name_of(program)
        self._direct = None if program is None else direct(program.text)

    def _made(self, context: Mapping[str, Any], chance: Random) -> str:
        """The text. TemplateError with the place."""
        if self._program is None:
            return self.source
        if self._direct is not None:
            filled = self._direct.fill(context, self._templates.limits.max_output)
            if filled is not None:
                return filled
        return self._templates.run(self._name, self._program, context, chance, self.place)


class Template(_Compiled):
    """A compiled text."""

    __slots__ = ()
    # Not a method that calls the other: this is the hot path.
    render = _Compiled._made

    def __repr__(self) -> str:
        return f"<Template {self.source[:40]!r}>"


class ValueTemplate(_Compiled):
    """A compiled JSON-like value: the strings in it are templates.

    ``render_json`` gives the value as JSON text, which is cheaper than :meth:`render` where JSON is sent."""

    __slots__ = ()
    render_json = _Compiled._made

    def render(self, context: Mapping[str, Any], chance: Random) -> Any:
        """The value. TemplateError with the place."""
        text = self.render_json(context, chance)
        try:
            return _decode(text)
        except (ValueError, RecursionError) as error:
            raise TemplateError(f"the result is no JSON: {error}", place=self.place) from error


class Templates:
    """Compiles templates, all with the same functions, limits and context names.

    ``names`` are what contexts may hold: a template that reads another name is refused when it is compiled.
    ``functions`` and ``filters`` are added to those that there are; they are called with what the template
    gives, and may raise a :class:`~mockforge.errors.MockForgeError`; those named in ``drawing`` (a filter as
    ``| name``) are handed the chance of the rendering first. ``env`` are the environment variables that
    templates may read (``None``: allowed, but not set). ``fixture`` loads one by its path. ``clock`` gives
    seconds since 1970. ``evicted`` is told of each program that was let go to make room; it is made again
    when it is needed.
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
        evicted: Callable[[], None] = lambda: None,
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
        self._evicted = evicted
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
            return ValueTemplate(self, encoded(value, place), None, place)
        translator = Translator(self.vocabulary)
        leaves = Leaves(translator, place)

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
        self, translate: Callable[[], None], place: Place | None, leaves: Leaves | None = None
    ) -> None:
        try:
            translate()
        except TemplateError as error:
            error.place = below(place, leaves.path if leaves else "")
            raise
        except RecursionError:
            raise TemplateError("the template is nested too deep", place=place) from None

    def _checked(self, translator: Translator, place: Place | None) -> Translation:
        program = translator.done()
        import minijinja

        try:
            self._engine_in_use().check(program.text)
        except minijinja.TemplateError as error:
            raise refused_by_engine(error, program, place) from error
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
            engine = self._engine = Engine(self.limits, functions, self._evicted)
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
            raise explained(error, self._run.at, self.limits.fuel, program, place) from error
        except BaseException as error:
            # What the engine raises where it is itself at fault; it is no Exception.
            if type(error).__name__ != "PanicException":
                raise
            raise TemplateError(f"the engine failed: {error}", place=place) from error
        if len(text) > self.limits.max_output:
            raise explained(self._run.too_large(), -1, 0, program, place)
        return text

    @property
    def bytes(self) -> int:
        """What the engine holds, roughly; at most ``limits.cache``, or one program."""
        return 0 if self._engine is None else self._engine.bytes
