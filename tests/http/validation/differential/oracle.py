"""The other opinion: openapi-core, asked in a process of its own.

A line of JSON comes in, ``{"document": ..., "requests": [...]}``; a line goes out with one verdict for
each request: the names of the errors it was refused for, or what openapi-core itself failed with.
"""

from __future__ import annotations

import json
import subprocess
import sys
from types import TracebackType
from typing import Any, Self


class Oracle:
    """The process, from the side of the tests."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, document: dict[str, Any], requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The verdicts on ``requests``: ``{"errors": [...]}``, empty if accepted, or ``{"failed": ...}``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        job = json.dumps({"document": document, "requests": requests})
        self._process.stdin.write(job + "\n")
        self._process.stdin.flush()
        verdicts: list[dict[str, Any]] = json.loads(self._process.stdout.readline())
        return verdicts

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _serve() -> None:
    from openapi_core import OpenAPI
    from openapi_core.configurations import Config

    for line in sys.stdin:
        job = json.loads(line)
        # None: the documents are known to be good, and checking them takes longer than the rest.
        config = Config(spec_validator_cls=None)  # type: ignore[arg-type]
        app = OpenAPI.from_dict(job["document"], config=config)
        verdicts = [_verdict(app, request) for request in job["requests"]]
        sys.stdout.write(json.dumps(verdicts) + "\n")
        sys.stdout.flush()


def _verdict(app: Any, sent: dict[str, Any]) -> dict[str, Any]:
    from urllib.parse import parse_qsl

    from openapi_core.testing import MockRequest
    from werkzeug.datastructures import MultiDict
    from werkzeug.http import parse_cookie

    query = MultiDict(parse_qsl(sent["query"], keep_blank_values=True))
    headers = dict(sent["headers"])
    request = MockRequest(
        "http://localhost",
        "post",
        sent["path"],
        args=query,
        headers=headers,
        cookies=parse_cookie(headers.get("Cookie", "")),
        data=sent["body"].encode() or None,
        content_type=headers.get("Content-Type", ""),
    )
    try:
        errors = list(app.iter_request_errors(request))
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}"[:200]}
    return {"errors": [_described(error) for error in errors]}


def _described(error: BaseException) -> str:
    """The name of an error and of those behind it, with what the innermost ones say."""
    names = []
    current: BaseException | None = error
    while current is not None:
        names.append(type(current).__name__)
        inner = getattr(current, "schema_errors", None)
        if inner:
            names += [f"{e.validator}: {e.message}"[:120] for e in inner]
        current = current.__cause__
    return " < ".join(names)


if __name__ == "__main__":
    _serve()
