"""Templates of one mapping: translated where the stub asks for templating, else kept as plain text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ..handlebars.requests import Code, request_path
from ..handlebars.translate import TemplateSyntaxError, Translated, translate
from ..notes import At, Notes

Root = Callable[[tuple[str, ...]], Code | None]


class Texts:
    """``parameters`` are what the template calls by that name."""

    def __init__(self, notes: Notes, *, enabled: bool, parameters: Any = None) -> None:
        self.notes = notes
        self.enabled = enabled
        self.used = False
        """Whether a template was found so far."""
        self._roots: dict[str, Root] = {
            "parameters": constant(parameters if isinstance(parameters, Mapping) else {}),
            "originalRequest": request_path,
        }

    def text(self, source: str, at: At) -> str:
        """``source`` in the native language."""
        if not self.enabled or "{{" not in source:
            return source
        try:
            made = translate(source, roots=self._roots)
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

    def is_plain(self, source: str) -> bool:
        """Whether ``source`` may stand in a stub with templates as it is."""
        return not any(mark in source for mark in ("{{", "{%", "{#"))


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
