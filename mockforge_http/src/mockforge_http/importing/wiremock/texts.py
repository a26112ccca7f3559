"""Templates of one mapping: translated where the stub asks for templating, else kept as plain text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..handlebars.faker import faker_code
from ..handlebars.requests import Code, request_path
from ..handlebars.translate import TemplateSyntaxError, Translated, translate
from ..notes import At, Notes

_TAG: Final = re.compile(r"\{\{|\{%|\{#|\{$")
Root = Callable[[tuple[str, ...]], Code | None]


class Texts:
    """``parameters`` are what templates call by that name, ``extra`` gives code for further names."""

    def __init__(
        self,
        notes: Notes,
        *,
        enabled: bool,
        parameters: Any = None,
        extra: Mapping[str, Root] | None = None,
    ) -> None:
        self.notes = notes
        self.enabled = enabled
        self.used = False
        """Whether a template was found so far."""
        self._roots: dict[str, Root] = {
            "parameters": constant(parameters if isinstance(parameters, Mapping) else {}),
            "originalRequest": request_path,
            **(extra or {}),
        }

    def text(self, source: str, at: At) -> str:
        """``source`` in the native language."""
        if not self.enabled or "{{" not in source:
            return source
        try:
            made = translate(source, roots=self._roots, natives={"random": faker_code})
        except TemplateSyntaxError as problem:
            line = source.count("\n", 0, problem.offset) + 1
            self.notes.add(
                "template",
                f"the template cannot be read (its line {line}): {problem}",
                at,
                severity="error",
            )
            return source
        self._note(made, at)
        self.used = self.used or made.is_template
        return made.text

    def _note(self, made: Translated, at: At) -> None:
        for problem in made.problems:
            self.notes.add("template", f"{problem.source}: {problem.reason}", at)

    @staticmethod
    def literal(source: str) -> str:
        """A template that prints ``source`` as it is."""
        return _TAG.sub(lambda found: f"{{{{ '{found[0]}' }}}}", source)


def constant(value: Any) -> Root:
    """What stands for a name whose value is known: code for ``value`` and for what is in it."""

    def code(parts: tuple[str, ...]) -> Code | None:
        found = value
        for part in parts:
            if isinstance(found, Mapping) and part in found:
                found = found[part]
            elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
                found = found[int(part)]
            else:
                return None
        if isinstance(found, str):
            from ..handlebars.scope import quoted

            return Code(quoted(found), "text")
        text = json.dumps(found, ensure_ascii=True)
        return Code({"true": "true", "false": "false", "null": "none"}.get(text, text))

    return code
