"""A client for the admin API of a running MockForge, made of the standard library: it starts fast."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Final, TypeVar
from urllib.parse import urlencode, urlsplit

import click

from mockforge.errors import MockForgeError

DEFAULT_URL: Final = "http://127.0.0.1:9080"
_BASE: Final = "/__mockforge"
_PATIENCE: Final = 10.0

F = TypeVar("F", bound=Callable[..., Any])


def admin_options(command: F) -> F:
    """``--url`` and ``--token``."""
    token = click.option(
        "--token", envvar="MOCKFORGE_ADMIN__TOKEN", help="The admin's token.", metavar="TOKEN"
    )
    url = click.option(
        "--url",
        default=DEFAULT_URL,
        show_default=True,
        metavar="URL",
        help="The admin of the running server, as its start line says it.",
    )
    return url(token(command))


class AdminError(MockForgeError):
    """The admin could not be asked, or refused."""


class AdminClient:
    """Asks the admin at ``url``; AdminError says why it could not."""

    def __init__(self, url: str, token: str | None = None) -> None:
        parts = urlsplit(url if "//" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise AdminError(f"{url!r} is no URL of an admin", hint=f"for instance {DEFAULT_URL}")
        self._url = f"{parts.scheme}://{parts.netloc}"
        self._connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._netloc = parts.netloc
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> bytes:
        """The body of a good answer."""
        with self._open(path, query, timeout=_PATIENCE) as response:
            return response.read()

    def events(
        self, path: str, query: Mapping[str, Any] | None = None
    ) -> Iterator[tuple[str, bytes]]:
        """Server-sent events as name and data, until the server ends them."""
        with self._open(path, query, timeout=None) as response:
            name, data = "message", b""
            for line in response:
                field, _, value = line.rstrip(b"\r\n").partition(b":")
                if field == b"event":
                    name = value.strip().decode()
                elif field == b"data":
                    data = value.strip()
                elif not field and data:
                    yield name, data
                    name, data = "message", b""

    def _open(
        self, path: str, query: Mapping[str, Any] | None, *, timeout: float | None
    ) -> HTTPResponse:
        given = {key: value for key, value in (query or {}).items() if value is not None}
        target = f"{_BASE}{path}?{urlencode(given)}" if given else _BASE + path
        connection = self._connect(self._netloc, timeout=_PATIENCE)
        try:
            connection.request("GET", target, headers=self._headers)
            if connection.sock is not None:
                connection.sock.settimeout(timeout)
            response = connection.getresponse()
        except (OSError, HTTPException) as error:
            connection.close()
            raise AdminError(
                f"there is no admin at {self._url}: {error}",
                hint="start `mockforge serve` with the admin, and give its address with --url",
            ) from error
        if response.status != 200:
            with response:
                raise _refused(response.status, response.read())
        return response


def _refused(status: int, body: bytes) -> AdminError:
    try:
        problem = json.loads(body)
        detail, hint = problem["detail"], problem.get("hint")
    except (ValueError, KeyError, TypeError):
        return AdminError(f"the admin answered with status {status}", hint="is it MockForge's?")
    if status == 401:
        hint = "give it with --token or MOCKFORGE_ADMIN__TOKEN"
    return AdminError(visible(str(detail)), hint=None if hint is None else visible(str(hint)))


def visible(text: str) -> str:
    """``text`` without what would steer a terminal."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)
