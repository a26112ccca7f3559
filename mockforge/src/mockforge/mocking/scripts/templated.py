"""What the vocabularies of all protocols share: values with templates, delays, and messages."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

import msgspec

from mockforge.errors import MockForgeError
from mockforge.mocking.faults import compile_delay
from mockforge.mocking.scripts.compile import Path, Vocabulary
from mockforge.mocking.scripts.errors import RunError, ScriptError
from mockforge.mocking.scripts.program import Made
from mockforge.mocking.scripts.scope import Scope

CompileValue = Callable[[Any, Path], Made]
"""Compiles a value whose texts may be templates."""
Kind = Literal["text", "json", "base64"]
KINDS: Final[tuple[Kind, ...]] = ("text", "json", "base64")


class TemplatedVocabulary(Vocabulary):
    """``compile_value`` compiles values; delays are durations and distributions."""

    def __init__(self, compile_value: CompileValue) -> None:
        self._compile_value = compile_value

    def value(self, value: Any, path: Path) -> Made:
        return self._compile_value(value, path)

    def text(self, value: Any, path: Path) -> Made:
        """What makes a text: of anything that is none its JSON."""
        made = self.value(value, path)
        return lambda scope: text_of(made(scope))

    def delay(self, spec: Any, path: Path) -> Made:
        try:
            delay = compile_delay(spec, path)
        except MockForgeError as error:
            own = getattr(error, "path", path)
            raise ScriptError(error.message, own or path, error.hint) from None
        return lambda scope: delay.sample(scope.chance)

    def message(self, value: Any, path: Path) -> tuple[Kind, Made]:
        """A text, ``{text: ...}``, ``{json: ...}`` or ``{base64: ...}``: its kind, and what makes a text of
        it, or bytes of base64."""
        if isinstance(value, str):
            value = {"text": value}
        if not isinstance(value, Mapping) or len(value) != 1 or next(iter(value)) not in KINDS:
            raise ScriptError("expected a text, {text: ...}, {json: ...} or {base64: ...}", path)
        kind, content = next(iter(value.items()))
        at = (*path, kind)
        if kind == "base64":
            return kind, self._base64(content, at)
        if kind == "text":
            return kind, self.text(content, at)
        made = self.value(content, at)
        return kind, lambda scope: msgspec.json.encode(made(scope)).decode()

    def _base64(self, content: Any, path: Path) -> Made:
        if isinstance(content, str) and "{{" in content:
            made = self._compile_value(content, path)

            def decode(scope: Scope) -> bytes:
                raw = _decoded(made(scope))
                if raw is None:
                    raise RunError("what `base64` came to is no base64")
                return raw

            return decode
        raw = _decoded(content)
        if raw is None:
            raise ScriptError("this is no base64", path)
        return lambda _: raw


def text_of(value: Any) -> str:
    """A value as text: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _decoded(content: Any) -> bytes | None:
    try:
        return base64.b64decode(content, validate=True)
    except (TypeError, ValueError, binascii.Error):
        return None
