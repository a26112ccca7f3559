"""``Templates`` compiles, ``Template`` and ``ValueTemplate`` render: what stubs, scripts and webhooks call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any

from mockforge.errors import Place
from mockforge.mocking.templating.limits import TemplateLimits


class Template:
    """A compiled text."""

    source: str

    def render(self, context: Mapping[str, Any], chance: Random) -> str:
        """The text. TemplateError with the place."""
        raise NotImplementedError


class ValueTemplate:
    """A compiled JSON-like value: the strings in it are templates."""

    def render(self, context: Mapping[str, Any], chance: Random) -> Any:
        """The value. TemplateError with the place."""
        raise NotImplementedError

    def render_json(self, context: Mapping[str, Any], chance: Random) -> str:
        """The value as JSON text, which is cheaper than :meth:`render` where JSON is sent."""
        raise NotImplementedError


class Templates:
    """Compiles templates, all with the same functions, limits and context names."""

    def __init__(
        self,
        *,
        seed: int,
        limits: TemplateLimits = TemplateLimits(),
        functions: Mapping[str, Callable[..., Any]] = {},
        fixture: Callable[[str], Any] | None = None,
        env: Mapping[str, str | None] = {},
        names: Iterable[str] = ("request", "state"),
        clock: Callable[[], float] | None = None,
    ) -> None:
        raise NotImplementedError

    def compile(self, source: str, *, place: Place | None = None) -> Template:
        """A template of text. TemplateError with the place."""
        raise NotImplementedError

    def compile_value(self, value: Any, *, place: Place | None = None) -> ValueTemplate:
        """A template of a JSON-like value (keys are templates too). A string that is one expression
        (``"{{ request.query.limit | int }}"``) gives the expression's value with its type."""
        raise NotImplementedError

    def is_template(self, value: Any) -> bool:
        """Whether there is a tag in a text, or in any string of a JSON-like value."""
        raise NotImplementedError
