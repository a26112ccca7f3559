"""Postman collections: their saved responses as stubs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from mockforge.contracts import Imported, Importer
from mockforge.errors import DocumentError, Place, StartError
from mockforge.structured import Limits, Structured
from mockforge_http.postman.items import Entry, entries
from mockforge_http.postman.reading import Reading, text_of
from mockforge_http.postman.responses import Saved, read_response
from mockforge_http.postman.urls import read_url
from mockforge_http.postman.variables import Scope, read_variables
from mockforge_http.postman.version1 import to_version2

from .notes import Notes
from .opening import encoded, open_json
from .traffic import Answer, Asked, Stubs, request_of

_LIMITS: Final = Limits(size=64 * 1024**2, values=5_000_000)
_BY_NAME: Final = "x-mock-response-name"
"""The header with which clients of Postman's own mocks choose an example."""


class PostmanImporter(Importer):
    """A stub for each saved response. To be served as a document, a collection needs no import."""

    name = "postman"
    description = "Postman collections (versions 1, 2.0, 2.1) with saved responses"

    def convert(self, path: Path) -> Imported:
        """The saved responses; of several to one request the first is given, the others to who names them
        in ``x-mock-response-name``."""
        structured, notes = open_json(path, _LIMITS)
        collection, wrapped = _collection(structured, path)
        reading = Reading(str(path), ("collection",) if wrapped else ())
        made = _stubs(collection, reading, notes)
        for note in reading.notes:
            at = tuple(int(token) if token.isdigit() else token for token in note.tokens)
            notes.add(note.code, note.message, at, severity=note.severity, hint=note.hint)
        return Imported(made.stubs, made.files, notes.findings)


def _collection(structured: Structured, path: Path) -> tuple[dict[str, Any], bool]:
    value = structured.value
    wrapped = isinstance(value, dict) and isinstance(value.get("collection"), dict)
    collection = value["collection"] if wrapped else value
    if not isinstance(collection, dict) or not {"item", "requests"} & collection.keys():
        raise StartError(
            "there are no requests: this is no Postman collection", place=Place(str(path))
        )
    return collection, wrapped


def _stubs(collection: dict[str, Any], reading: Reading, notes: Notes) -> Stubs:
    if "item" not in collection:
        collection = to_version2(collection, reading)
    variables = {
        **read_variables(collection.get("variables"), reading, ("variables",)),
        **read_variables(collection.get("variable"), reading, ("variable",)),
    }
    made = Stubs()
    silent = 0
    taken: set[tuple[Any, ...]] = set()
    for entry in entries(collection, Scope(variables, reading), {}, reading):
        saved = list(_saved(entry, reading)) or list(_unanswered(entry, reading))
        silent += not entry.response
        for asked, answer in saved:
            _add(made, asked, answer, taken)
    if silent:
        noun = "request has" if silent == 1 else "requests have"
        notes.add(
            "unanswered",
            f"{silent} {noun} no saved response; an empty 200 is answered",
            severity="warning",
            hint="save a response as an example in Postman and export the collection again",
        )
    return made


def _add(made: Stubs, asked: Asked, answer: Answer, taken: set[tuple[Any, ...]]) -> None:
    # Queries say which example is meant only where the path alone does not.
    place = (asked.method, asked.path)
    exact = (*place, asked.query)
    request = request_of(asked, query=place in taken and exact not in taken, body=False)
    if exact in taken or (place in taken and "query" not in request):
        request["headers"] = {_BY_NAME: answer.name or str(answer.status)}
    taken.update((place, exact))
    made.add(request, [answer], asked)


def _saved(entry: Entry, reading: Reading) -> Iterator[tuple[Asked, Answer]]:
    if not isinstance(entry.response, list):
        return
    name = "responses" if entry.is_placed else "response"
    for index, value in enumerate(entry.response):
        at = (*entry.at, name, str(index))
        saved = read_response(value, entry.scope, reading, at)
        if saved is None:
            continue
        original = value.get("originalRequest")
        request = original if isinstance(original, dict) else entry.request
        try:
            yield _asked(request, entry, reading, at), _answer(saved)
        except DocumentError as error:
            reading.note("postman-shape", f"{error.message}; the response is left out", at)


def _unanswered(entry: Entry, reading: Reading) -> Iterator[tuple[Asked, Answer]]:
    try:
        yield _asked(entry.request, entry, reading, entry.at), Answer(200, (), b"", "")
    except DocumentError as error:
        reading.note("postman-shape", f"{error.message}; the request is left out", entry.at)


def _asked(request: dict[str, Any], entry: Entry, reading: Reading, at: tuple[str, ...]) -> Asked:
    address = read_url(request.get("url"), entry.scope, reading, at)
    method = text_of(request.get("method")).strip().upper() or "GET"
    query = tuple((pair.key, pair.value or "") for pair in address.query if pair.enabled)
    return Asked(method, address.template, query, is_template=True)


def _answer(saved: Saved) -> Answer:
    return Answer(
        int(saved.status),
        list(saved.headers.values()),
        encoded(saved.text),
        saved.media_type,
        saved.name,
    )


__all__ = ["PostmanImporter"]
