"""A folder of recorded stubs: one YAML file for each request, bodies that are large or binary beside them.

A file is written when its exchange is over and again when the same request is answered differently, so that
an interruption loses what waits and nothing else. What stays in memory of a stub is a digest and its name.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from mockforge.errors import MockForgeError
from mockforge.mocking.recording.conditions import key_of
from mockforge.mocking.recording.names import path_words
from mockforge.mocking.recording.secrets import Secrets
from mockforge.mocking.recording.writing import write_file
from mockforge.structured import read_structured
from mockforge.structured.to_yaml import yaml_text
from mockforge_http.config_proxy import RecordSettings
from mockforge_http.recording.answers import answer_body, ending, response_definition
from mockforge_http.recording.exchanged import Exchanged
from mockforge_http.recording.requests import request_definition

BODIES: Final = "__files"
"""The folder of bodies, below that of the stubs; what is in it is not read as stubs."""
_ENTRY_BYTES: Final = 500


class _Entry:
    """A stub that was written: ``answers`` are in its file, ``repeats`` more like the last one came since."""

    __slots__ = ("answers", "last", "name", "repeats")

    def __init__(self, name: str, last: bytes) -> None:
        self.name = name
        self.last = last
        self.answers = 1
        self.repeats = 0


class StubFolder:
    """Writes stubs to ``folder``."""

    def __init__(self, settings: RecordSettings, folder: Path, secrets: Secrets) -> None:
        self._settings = settings
        self._folder = folder
        self._secrets = secrets
        self._entries: dict[bytes, _Entry] = {}

    @property
    def held(self) -> int:
        """About how many bytes are in memory."""
        return _ENTRY_BYTES * len(self._entries)

    @property
    def limit(self) -> int:
        """The most that there may be."""
        return _ENTRY_BYTES * self._settings.max_stubs

    def add(self, exchanged: Exchanged) -> str:
        """Write ``exchanged``: ``recorded``, ``repeated`` where it adds nothing, ``left_out`` past limits."""
        request = request_definition(exchanged, self._secrets)
        key = key_of(request)
        body = answer_body(exchanged, self._secrets)
        digest = _digest(exchanged, body)
        entry = self._entries.get(key)
        if entry is None:
            if len(self._entries) >= self._settings.max_stubs:
                return "left_out"
            name = _name(exchanged, key)
            response = self._response(exchanged, body, name, 1)
            self._write(name, request, [response])
            self._entries[key] = _Entry(name, digest)
            return "recorded"
        if entry.last == digest:
            entry.repeats += 1
            return "repeated"
        room = self._settings.max_responses - entry.answers
        if room <= 0:
            return "left_out"
        responses = self._read(entry.name)
        # What the last answer was repeated for is part of the sequence now that another one follows.
        responses += responses[-1:] * min(entry.repeats, room - 1)
        response = self._response(exchanged, body, entry.name, len(responses) + 1)
        responses.append(response)
        self._write(entry.name, request, responses)
        entry.answers, entry.repeats, entry.last = len(responses), 0, digest
        return "recorded"

    def _response(
        self, exchanged: Exchanged, body: bytes, name: str, number: int
    ) -> dict[str, Any]:
        """The definition of a response, its body written to a file if it needs one."""
        response, needs_file = response_definition(
            exchanged, body, inline=int(self._settings.inline)
        )
        if needs_file:
            file = f"{BODIES}/{name}.{number}{ending(exchanged.headers)}"
            write_file(self._folder / file, body)
            response["file"] = file
        return response

    def _write(self, name: str, request: dict[str, Any], responses: list[dict[str, Any]]) -> None:
        stub: dict[str, Any] = {"id": name, "request": request}
        if len(responses) == 1:
            stub["response"] = responses[0]
        else:
            stub |= {"order": "sequence", "responses": responses}
        write_file(self._folder / f"{name}.yaml", yaml_text(stub).encode())

    def _read(self, name: str) -> list[dict[str, Any]]:
        """The responses that were written; those of a file that is gone or broken are lost."""
        try:
            stub = read_structured(self._folder / f"{name}.yaml").value
            return list(stub.get("responses") or [stub["response"]])
        except (MockForgeError, OSError, KeyError, AttributeError, TypeError):
            return []


def _name(exchanged: Exchanged, key: bytes) -> str:
    """A name for files, unlike that of any other request: ``get-pets-1-3f9a1c2b04d7``."""
    return f"{path_words(exchanged.method + unquote(exchanged.path))}-{key.hex()[:12]}"


def _digest(exchanged: Exchanged, body: bytes) -> bytes:
    """The same for answers that are the same."""
    digest = blake2b(repr((exchanged.status, exchanged.headers)).encode(), digest_size=16)
    digest.update(body)
    return digest.digest()
