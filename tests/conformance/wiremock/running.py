"""One sample at a time: a server with its mappings, and its cases asked one after the other."""

from __future__ import annotations

import http.client
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from mockforge.errors import MockForgeError
from mockforge.testing import MockServer
from tests.conformance.wiremock.golden import Case, Sample

LONGEST = 30
"""Seconds for one answer."""


class Verdict(NamedTuple):
    """What came of a case: ``why`` is empty if it passed."""

    case: Case
    why: str


class Outcome(NamedTuple):
    """What came of a sample: ``error`` is why it could not be loaded."""

    sample: Sample
    error: str
    verdicts: list[Verdict]


def run(sample: Sample, files: Path) -> Outcome:
    """Serve ``sample`` with the bodies in ``files``, and ask all of its cases."""
    with tempfile.TemporaryDirectory(prefix="mockforge-") as made:
        folder = Path(made)
        (folder / "mappings").mkdir()
        shutil.copy(sample.path, folder / "mappings")
        if files.is_dir():
            shutil.copytree(files, folder / "__files")
        else:
            (folder / "__files").mkdir()
        try:
            with MockServer(settings={"http.mocks": [str(folder)]}) as server:
                return Outcome(sample, "", list(_verdicts(sample, server)))
        except MockForgeError as error:
            return Outcome(sample, str(error), [])


def _verdicts(sample: Sample, server: MockServer) -> Iterator[Verdict]:
    for case in sample.cases:
        server.reset()
        try:
            status, body = _ask(case, server.url)
        except (OSError, http.client.HTTPException) as error:
            yield Verdict(case, f"no answer: {error!r}")
            continue
        yield Verdict(case, _difference(case, status, body))


def _ask(case: Case, url: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=LONGEST)
    try:
        connection.request(case.method, case.path, case.body, case.headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _difference(case: Case, status: int, body: bytes) -> str:
    if status != case.status:
        return f"status {status}, WireMock's is {case.status}: {body[:200]!r}"
    if body == case.answer or _same_json(body, case.answer):
        return ""
    return f"body {body[:200]!r}, WireMock's is {case.answer[:200]!r}"


def _same_json(left: bytes, right: bytes) -> bool:
    try:
        return bool(_typed(json.loads(left)) == _typed(json.loads(right)))
    except (ValueError, RecursionError):
        return False


def _typed(value: Any) -> Any:
    """``value`` so that ``1`` and ``true`` are not the same."""
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return (isinstance(value, bool), value)
