"""JSON-like values on their way to a translator: the strings in them are templates, the rest is JSON text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from mockforge.errors import Place
from mockforge.mocking.templating.errors import TemplateError
from mockforge.mocking.templating.lexer import has_tags, split
from mockforge.mocking.templating.translate import Translator

_MOST_LEVELS: Final = 64


class Leaves:
    """Hands a value to a translator piece by piece, and knows where it is."""

    def __init__(self, translator: Translator, place: Place | None) -> None:
        self._translator = translator
        self._place = place
        self._static: list[str] = []
        self.path = ""
        """Key path of what was handed over last."""

    def add(self, value: Any, path: str, level: int = 0) -> None:
        """Hand over a value; call :meth:`flush` at the end."""
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
            self._static.append(encoded(value, self._place))

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
            self._static.append(encoded(value, self._place))
            return
        self._static.append('"')
        self.flush()
        self._translator.template(value, "string", path)
        self._static.append('"')

    def flush(self) -> None:
        """Hand over the text that was held back."""
        if self._static:
            self._translator.text("".join(self._static))
            self._static.clear()


def encoded(value: Any, place: Place | None) -> str:
    """``value`` as JSON text."""
    try:
        return (
            json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            .encode()
            .decode()
        )
    except (TypeError, ValueError, RecursionError) as error:
        raise TemplateError(f"the value cannot be written as JSON: {error}", place=place) from error
