"""Exchanges that were seen or saved elsewhere, as stubs: what HAR, Postman and curl have in common."""

from __future__ import annotations

import base64
import json
import mimetypes
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, unquote

from mockforge.mocking.fields import essence, is_token
from mockforge_http.operations.negotiate import is_json

from .notes import At

INLINE: Final = 8 * 1024
"""Bytes of a body that stands in the stub; larger ones are files."""
LARGEST_CRITERION: Final = 64 * 1024
"""Bytes of a request body that is asked for."""
FOLDER: Final = "__files"
_OF_THE_WIRE: Final = frozenset(
    {
        "age", "alt-svc", "connection", "content-encoding", "content-length", "date", "expires", "keep-alive",
        "server", "trailer", "transfer-encoding", "upgrade", "via",
    }
)  # fmt: skip
"""Headers of an answer that belong to one transfer."""
_ODD: Final = re.compile(r"[^A-Za-z0-9.]+")


class Answer(NamedTuple):
    """``headers`` as they were sent; ``body`` is decoded. ``name`` is what its author calls it."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    media_type: str
    name: str = ""


class Asked(NamedTuple):
    """A request. ``path`` is a template where ``is_template``, else a path as sent."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    media_type: str = ""
    is_template: bool = False
    headers: tuple[tuple[str, str], ...] = ()


class Seen(NamedTuple):
    """A request, its answer, and where they are written."""

    asked: Asked
    answer: Answer
    at: At


class Stubs:
    """Stubs being made; ``files`` are the bodies that stand beside them."""

    def __init__(self) -> None:
        self.stubs: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self._ids: set[str] = set()

    def add(self, request: dict[str, Any], answers: Sequence[Answer], asked: Asked) -> None:
        """One stub; several ``answers`` are given one after the other."""
        stub_id = self._id(asked)
        responses = [
            self.response(answer, stub_id if number == 1 else f"{stub_id}.{number}")
            for number, answer in enumerate(answers, 1)
        ]
        stub: dict[str, Any] = {"id": stub_id, "request": request}
        if len(responses) == 1:
            stub["response"] = responses[0]
        else:
            stub.update(order="sequence", responses=responses)
        self.stubs.append(stub)

    def response(self, answer: Answer, name: str) -> dict[str, Any]:
        """The native response."""
        made: dict[str, Any] = {"status": answer.status}
        headers = answer_headers(answer)
        body = self._body(answer, name)
        if answer.media_type and not ("json" in body and answer.media_type == "application/json"):
            headers = {"Content-Type": answer.media_type, **headers}
        elif body and not answer.media_type and "json" not in body:
            headers = {"Content-Type": None, **headers}
        if headers:
            made["headers"] = headers
        return {**made, **body}

    def _body(self, answer: Answer, name: str) -> dict[str, Any]:
        body = answer.body
        if not body:
            return {}
        if len(body) > INLINE:
            ending = mimetypes.guess_extension(essence(answer.media_type)) or ".bin"
            file = f"{FOLDER}/{name}{ending}"
            self.files[file] = body
            return {"file": file}
        if is_json(answer.media_type):
            value = json_value(body)
            if value is not _NO_JSON and _again(value) == body.decode("utf-8", "replace").strip():
                return {"json": value}
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(body).decode()}
        return {"text": text}

    def _id(self, asked: Asked) -> str:
        words = _ODD.sub("-", f"{asked.method}{unquote(asked.path)}").strip("-.").lower()[:80]
        base = words.rstrip("-.") or "stub"
        name, number = base, 2
        while name in self._ids:
            name, number = f"{base}-{number}", number + 1
        self._ids.add(name)
        return name


_NO_JSON: Final = object()


def json_value(body: bytes) -> Any:
    """The JSON value in ``body``; an object of no other use if there is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return _NO_JSON


def has_json(body: bytes) -> bool:
    """Whether ``body`` is JSON."""
    return json_value(body) is not _NO_JSON


def _again(value: Any) -> str:
    """JSON as the server writes it: where the original was written otherwise, it is kept as text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def answer_headers(answer: Answer) -> dict[str, Any]:
    """Headers worth sending again, repeated ones as lists."""
    made: dict[str, Any] = {}
    for name, value in answer.headers:
        lower = name.lower()
        if lower in _OF_THE_WIRE or lower == "content-type" or not is_token(name):
            continue
        value = " ".join(value.split("\n"))
        before = made.get(name)
        made[name] = (
            value
            if before is None
            else [*(before if isinstance(before, list) else [before]), value]
        )
    return made


# -------------------------------------------------------------------- requests


def fold(seen: Iterable[Seen]) -> Stubs:
    """Stubs for ``seen``: one for each request; other answers to the same one follow each other. Query and
    body are asked for where they tell requests to one path apart."""
    groups: dict[tuple[str, str], list[Seen]] = {}
    for each in seen:
        groups.setdefault((each.asked.method, each.asked.path), []).append(each)
    made = Stubs()
    for group in groups.values():
        requests: dict[str, tuple[dict[str, Any], Asked, list[Answer]]] = {}
        by_query = len({tuple(sorted(each.asked.query)) for each in group}) > 1
        by_body = len({(each.asked.query, each.asked.body) for each in group}) > len(
            {each.asked.query for each in group}
        )
        for each in group:
            request = request_of(each.asked, query=by_query, body=by_body)
            key = json.dumps(request, sort_keys=True)
            answers = requests.setdefault(key, (request, each.asked, []))[2]
            if not answers or answers[-1] != each.answer:
                answers.append(each.answer)
        for request, asked, answers in requests.values():
            made.add(request, answers, asked)
    return made


def request_of(asked: Asked, *, query: bool, body: bool) -> dict[str, Any]:
    """The native request."""
    made: dict[str, Any] = {"method": asked.method}
    path = asked.path
    made["path"] = path if asked.is_template or not set("{}") & set(path) else {"equals": path}
    if query and asked.query:
        made["query"] = query_criteria(asked.query)
    if asked.headers:
        made["headers"] = dict(asked.headers)
    if body and asked.body and len(asked.body) <= LARGEST_CRITERION:
        made["body"] = body_criterion(asked.body, asked.media_type)
    return made


def query_criteria(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Every parameter with the values it has."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {
        name: each[0] if len(each) == 1 else {"allOf": [{"equals": value} for value in each]}
        for name, each in values.items()
    }


def body_criterion(body: bytes, media_type: str) -> dict[str, Any]:
    """What a body must be: the same JSON, form, text or bytes."""
    kind = essence(media_type)
    if is_json(kind) or (not kind and body[:1] in (b"{", b"[")):
        value = json_value(body)
        if value is not _NO_JSON:
            return {"jsonExact": value}
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}
    if kind == "application/x-www-form-urlencoded":
        fields = parse_qsl(text, keep_blank_values=True)
        if fields:
            return {"form": query_criteria(fields)}
    return {"equals": text}
