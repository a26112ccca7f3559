"""A recorded conversation as a stub: what it is for, and the script that plays it with its times."""

from __future__ import annotations

import base64
from typing import Any, Final

import msgspec

from mockforge.mocking.recording.conditions import path_condition, query_conditions
from mockforge.mocking.recording.secrets import Secrets, redact, without_secrets
from mockforge.mocking.recording.texts import is_written_the_same, looks_templated, without_waits
from mockforge_ws.recording.transcript import ABNORMAL, Closed, Opening, Recorded, Said
from mockforge_ws.scripts.vocabulary import may_be_sent
from mockforge_ws.wire import Data

_LONGEST: Final = 64 * 1024
"""Messages of a client above this many characters or octets are expected by their kind alone."""
_STAY_OPEN: Final = {"forever": ["expect"]}
"""Until the client closes."""


def opening_definition(opening: Opening, secrets: Secrets) -> dict[str, Any]:
    """Which connections the stub is for: ``path``, ``query`` (of repeated parameters the first) and chosen
    ``headers``; nothing that is secret."""
    made: dict[str, Any] = {"path": path_condition(opening.path)}
    query, _ = query_conditions(opening.query, secrets)
    if query:
        made["query"] = query
    if opening.matched:
        made["headers"] = dict(opening.matched)
    return made


def conversation_definition(recorded: Recorded, secrets: Secrets) -> tuple[dict[str, Any], Any]:
    """The rest of the stub: how it answers, and what it plays; and what is the same for conversations that
    differ in nothing but times."""
    opening = recorded.opening
    made: dict[str, Any] = {}
    if opening.subprotocol is not None:
        made["subprotocols"] = [opening.subprotocol]
    headers: dict[str, str] = {}
    for name, value in opening.headers:
        headers.setdefault(name, value)
    if headers:
        made["answerHeaders"] = headers
    script = _Script(secrets)
    for said in recorded.messages:
        script.add(said)
    script.end(recorded.closed)
    if script.templated:
        made["template"] = False
    made["script"] = script.steps
    return made, {**made, "script": without_waits(script.steps)}


class _Script:
    """Steps, and whether any text among them could be taken for a template."""

    def __init__(self, secrets: Secrets) -> None:
        self.steps: list[Any] = []
        self.templated = False
        self._secrets = secrets
        self._at = 0.0

    def add(self, said: Said) -> None:
        """A message. What the upstream server says waits as long as it took, in whole milliseconds; what
        that is off the next wait makes good."""
        if said.came:
            self.steps.append({"expect": self._expected(said.data)})
            self._at = said.at
        else:
            self.steps.append({"send": self._message(said.data), **self._after(said.at)})

    def end(self, closed: Closed | None) -> None:
        """How it ended."""
        if closed is None:
            self.steps.append(_STAY_OPEN)
            return
        after = self._after(closed.at)
        if closed.code == ABNORMAL:
            self.steps.append({"disconnect": None, **after})
            return
        close: dict[str, Any] = {"code": closed.code if may_be_sent(closed.code) else 1000}
        if closed.reason:
            close["reason"] = self._text(closed.reason)
        self.steps.append({"close": close, **after})

    def _after(self, at: float) -> dict[str, str]:
        milliseconds = round((at - self._at) * 1000)
        if milliseconds <= 0:
            return {}
        self._at += milliseconds / 1000
        return {"after": f"{milliseconds}ms"}

    def _message(self, data: Data) -> Any:
        if isinstance(data, bytes):
            return {"base64": _base64(data)}
        value = _json_of(data)
        if value is not None and redact(value, self._secrets):
            data = msgspec.json.encode(value).decode()
        elif value is None or not is_written_the_same(data.encode()):
            return self._text(data)
        self._text(data)
        return {"json": value}

    def _expected(self, data: Data) -> Any:
        if len(data) > _LONGEST:
            return {"text" if isinstance(data, str) else "binary": True}
        if isinstance(data, bytes):
            return {"binary": {"base64": _base64(data)}}
        value = _json_of(data)
        if value is None:
            return {"text": {"equals": data}}
        public, hidden = without_secrets(value, self._secrets)
        return {"text": {"json": public} if hidden else {"jsonExact": value}}

    def _text(self, text: str) -> str:
        self.templated = self.templated or looks_templated(text)
        return text


def _json_of(text: str) -> Any:
    """The object or list that ``text`` is, or ``None``."""
    if text[:1] not in "{[" or not text:
        return None
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return value


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
