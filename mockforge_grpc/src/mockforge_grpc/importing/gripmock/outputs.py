"""What GripMock answers, as ``response``: messages, statuses, metadata, delays, templates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from mockforge_grpc.status import Code

from ..notes import At, Notes
from .templates import GoTemplateError, Names, is_template, translate

KEYS: Final = (
    "data", "stream", "error", "code", "details", "headers", "trailers", "delay", "template",
)  # fmt: skip
MARKER: Final = "_gripmock"
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_UNITS: Final = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0,
}  # fmt: skip


class Output:
    """The parts of one ``output``. ``complete`` is false where something that matters was left out."""

    def __init__(self, given: Any, at: At, notes: Notes, names: Names) -> None:
        self._at = at
        self._notes = notes
        self._names = names
        self._output = notes.mapping(given, at, "`output`")
        notes.unknown(self._output, KEYS, at, "`output`")
        self.complete = True
        if self._output.get("template") is True:
            self._lost(
                "template", "templates that make whole documents have no counterpart", ("template",)
            )
            kept = self._output.items()
            self._output = {key: value for key, value in kept if key not in ("data", "stream")}

    def _lost(self, code: str, message: str, at: At = (), hint: str | None = None) -> None:
        self.complete = False
        self._notes.add(code, message, (*self._at, *at), severity="error", hint=hint)

    # ------------------------------------------------------------ parts

    @property
    def streams(self) -> bool:
        """Whether there is a list of messages."""
        return isinstance(self._output.get("stream"), list)

    def elements(self) -> list[Any]:
        """The items of ``stream``."""
        stream = self._output.get("stream")
        return stream if isinstance(stream, list) else []

    def data(self) -> Any:
        """The one message."""
        return self.value(self._output.get("data", {}), ("data",))

    def element(self, number: int) -> Any:
        """A message of the stream, without its marker."""
        item = self.elements()[number]
        if isinstance(item, dict):
            item = {key: value for key, value in item.items() if key != MARKER}
        return self.value(item, ("stream", number))

    def marker(self, number: int) -> Mapping[str, Any]:
        """What a message of the stream says about itself."""
        item = self.elements()[number]
        found = item.get(MARKER) if isinstance(item, dict) else None
        return found if isinstance(found, dict) else {}

    def status(self, given: Mapping[str, Any] | None = None, at: At = ()) -> dict[str, Any] | None:
        """The status, if it is not OK."""
        output = self._output if given is None else given
        message, code = output.get("error"), output.get("code")
        if code is None:
            # GripMock's own choice for an error without a code.
            code = Code.ABORTED if message else Code.OK
        try:
            known = Code.named(code)
        except (ValueError, TypeError, AttributeError):
            self._lost("status", f"{code!r} is no status code", (*at, "code"))
            return None
        if known is Code.OK:
            return None
        status: dict[str, Any] = {"code": known.name}
        if message:
            status["message"] = self.value(str(message), (*at, "error"))
        details = [self._detail(each, (*at, "details", number)) for number, each in
                   enumerate(output.get("details") or ())]  # fmt: skip
        if details:
            status["details"] = [detail for detail in details if detail is not None]
        return status

    def _detail(self, given: Any, at: At) -> dict[str, Any] | None:
        if not isinstance(given, dict) or not isinstance(given.get("type"), str):
            self._lost("detail", "a detail has a `type`; this is left out", at)
            return None
        rest = {key: value for key, value in given.items() if key != "type"}
        return {"@type": given["type"], **self.value(rest, at)}

    def texts(self, name: str) -> dict[str, Any]:
        """``headers`` or ``trailers``."""
        given = self._notes.mapping(self._output.get(name), (*self._at, name), f"`{name}`")
        return {key.lower(): self.value(str(value), (name, key)) for key, value in given.items()}

    def delay(self, given: Any = None, at: At = ("delay",)) -> str | None:
        """How long to wait."""
        value = self._output.get("delay") if given is None else given
        if value is None:
            return None
        if isinstance(value, str):
            seconds = _seconds(value)
            if seconds is not None:
                return duration(seconds) if seconds else None
        self._lost("delay", f"{str(value)[:60]!r} is no span of time that can be taken over", at)
        return None

    # ------------------------------------------------------------ templates

    def value(self, value: Any, at: At) -> Any:
        """``value`` with its templates translated, without what is null."""
        if isinstance(value, dict):
            return {
                key: self.value(inner, (*at, key))
                for key, inner in value.items()
                if inner is not None
            }
        if isinstance(value, list):
            return [self.value(inner, (*at, number)) for number, inner in enumerate(value)]
        if not is_template(value):
            return value
        try:
            return translate(value, self._names)
        except GoTemplateError as error:
            self._lost(
                "template", f"the template cannot be translated: {error}", at, "write it anew"
            )
            return value

    def templated(self) -> bool:
        """Whether a text that is none in Go would be a template here."""
        return not any(
            isinstance(text, str) and not is_template(text) and ("{%" in text or "{#" in text)
            for text in _texts(self._output)
        )


def _texts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    else:
        yield value


def _seconds(text: str) -> float | None:
    end, total = 0, 0.0
    for match in _DURATION.finditer(text.strip()):
        if match.start() != end:
            return None
        total += float(match[1]) * _UNITS[match[2]]
        end = match.end()
    return total if end == len(text.strip()) and end else (0.0 if text.strip() == "0" else None)


def duration(seconds: float) -> str:
    """A span of time as settings write it."""
    milliseconds = round(seconds * 1000, 3)
    if milliseconds >= 1000 and milliseconds % 1000 == 0:
        return f"{milliseconds / 1000:g}s"
    return f"{milliseconds:.15g}ms"
