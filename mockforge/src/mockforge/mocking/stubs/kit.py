"""What the compilers of all protocols need of the mock for texts that may be templates."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mockforge.errors import MockForgeError
from mockforge.mocking.scripts import Made, Scope, ScriptError

if TYPE_CHECKING:
    from mockforge.mocking.stubs.compiler import StubSource
    from mockforge.mocking.templating import Templates
    from mockforge.structured import Part


class TemplateKit:
    """``make_templates`` is called when the first template is compiled."""

    def __init__(self, make_templates: Callable[[], Templates]) -> None:
        self._make_templates = make_templates

    @cached_property
    def templates(self) -> Templates:
        """What compiles templates."""
        return self._make_templates()

    def script_value(
        self, source: StubSource, templated: bool, value: Any, path: tuple[Part, ...]
    ) -> Made:
        """What makes a value of a script, whose texts are templates if it is ``templated``. ScriptError."""
        return self._made(source, templated, value, path, "compile_value")

    def script_text(
        self, source: StubSource, templated: bool, value: str, path: tuple[Part, ...]
    ) -> Made:
        """Likewise for what is a text and has to stay one."""
        return self._made(source, templated, value, path, "compile")

    def _made(
        self, source: StubSource, templated: bool, value: Any, path: tuple[Part, ...], how: str
    ) -> Made:
        if not templated or not self.templates.is_template(value):
            return lambda _: value
        try:
            template = getattr(self.templates, how)(value, place=source.place(path))
        except MockForgeError as error:
            raise ScriptError(error.message, path, error.hint) from None

        def made(scope: Scope) -> Any:
            return template.render(scope.context(), scope.chance)

        return made
