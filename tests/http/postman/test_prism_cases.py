"""The black-box cases of Prism that use collections, read as a client would run them.

What must be refused is judged by the document made: its security schemes and the schema of its body.
"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest
from jsonschema import Draft202012Validator

from mockforge.mocking.exchange import Request
from mockforge.testing import MockServer
from mockforge_http.documents import Document, open_document
from mockforge_http.security import SecurityCheck
from tests.corpus import corpus, corpus_root

OURS = {
    "E2E-Accept-Content-Negotiation-AC-14": "JSON goes first where the client has no wish",
    "head_requests-AC-2": "HEAD is answered by GET",
}
"""Cases in which MockForge has another rule than Prism."""
_SECTION = re.compile(r"====([\w-]+)====\r?\n")


class Case(NamedTuple):
    spec: str
    dynamic: bool
    method: str
    target: str
    headers: list[tuple[str, str]]
    data: str | None
    form: list[str]
    status: int
    media_type: str | None
    body: str
    compares: bool


def names() -> list[str]:
    folder = corpus_root() / "prism" / "specs"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.pc.txt"))


def read(path: Path) -> Case:
    _, *parts = _SECTION.split(path.read_text())
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    kind = next(name for name in sections if name.startswith("expect"))
    head, _, body = sections[kind].strip().partition("\n\n")
    expected = head.splitlines()
    media_type = next(
        (line.partition(":")[2].strip() for line in expected if line.startswith("content-type")),
        None,
    )
    method, target, data = "GET", "/", None
    headers: list[tuple[str, str]] = []
    form: list[str] = []
    words = iter(shlex.split(sections["command"])[1:])
    for word in words:
        match word:
            case "-X":
                method = next(words)
            case "--head":
                method = "HEAD"
            case "-H":
                name, _, value = next(words).partition(":")
                headers.append((name, value.strip()))
            case "--data":
                data = next(words)
            case "-F":
                form.append(next(words))
            case _ if word.startswith("http"):
                url = urlsplit(word)
                target = f"{url.path}?{url.query}" if url.query else url.path
    return Case(
        sections["spec"],
        " -d " in sections["server"],
        method,
        target,
        headers,
        data,
        form,
        int(expected[0].split()[1]),
        media_type,
        body.strip(),
        kind == "expect",
    )


def refused_as(document: Document, case: Case) -> int | None:
    """The status with which ``case`` is to be refused, by what the document says."""
    path = case.target.partition("?")[0]
    ref = next(ref for ref in document.operations() if ref.template == path)
    view = document.operation(ref)
    headers = [(name.encode(), value.encode()) for name, value in case.headers]
    request = Request(case.method, case.target, headers)
    check = SecurityCheck(view.security or (), document.security_schemes())
    if check.check(request) is not None:
        return 401
    if view.request_body is None:
        return None
    ((media_type, media),) = view.request_body.content.items()
    sent: Any = dict(part.split("=", 1) for part in case.form)
    if media_type == "application/json":
        sent = json.loads(case.data or "")
    elif case.data is not None:
        sent = dict(part.split("=", 1) for part in case.data.split("&"))
    assert media.schema is not None
    return None if Draft202012Validator(media.schema.value).is_valid(sent) else 422


@pytest.mark.parametrize("name", names())
def test_case(name: str, tmp_path: Path) -> None:
    case = read(corpus("prism", "specs", name))
    path = tmp_path / "collection.yml"
    path.write_text(case.spec)
    known = Path(name).name.removesuffix(".pc.txt")
    with open_document(path) as document:
        refused = refused_as(document, case)
        if refused is not None:
            declared = document.operation(document.operations()[0]).responses
            assert refused == case.status
            # What Prism answers then is a declared response, or one of its own making.
            assert str(refused) not in declared or case.body == _example(declared[str(refused)])
            return
    settings = {"http.dynamic": case.dynamic}
    with MockServer(path, settings=settings) as server, httpx.Client(base_url=server.url) as client:
        files = {part.partition("=")[0]: (None, part.partition("=")[2]) for part in case.form}
        headers = [pair for pair in case.headers if not files or pair[0].lower() != "content-type"]
        answer = client.request(
            case.method, case.target, headers=headers, content=case.data, files=files or None
        )
    if known in OURS:
        assert answer.status_code == 200
        return
    assert answer.status_code == case.status
    if "problem" in (case.media_type or ""):
        assert answer.headers["content-type"] == "application/problem+json"
        return
    if case.media_type is not None:
        assert answer.headers["content-type"] == case.media_type
    if case.method != "HEAD":
        if case.compares:
            assert answer.text == case.body
        else:
            assert answer.json().keys() == json.loads(case.body).keys()


def _example(response: Any) -> str:
    bodies = [
        json.dumps(example.value)
        for media in response.content.values()
        for example in media.examples.values()
    ]
    return bodies[0] if bodies else ""
