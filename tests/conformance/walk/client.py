"""Sends calls over one connection and keeps the answers whole."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from time import perf_counter

from .request import Call

_BODY_EXPECTED = {"POST", "PUT", "PATCH"}


class TransportError(Exception):
    """No answer: refused, cut off, timed out, or not HTTP."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; header names are in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float

    def header(self, name: str) -> str | None:
        """The value of a header; several fields of one name are joined by commas."""
        found = [value for key, value in self.headers if key == name.lower()]
        return ", ".join(found) if found else None


class Client:
    """A client of the server at ``host:port``."""

    def __init__(self, host: str, port: int, *, timeout: float = 30.0) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=timeout)

    def send(self, call: Call) -> Reply:
        """The answer to ``call``. A kept connection that the server closed meanwhile is opened anew."""
        reused = self._connection.sock is not None
        try:
            return self._exchange(call)
        except (ConnectionError, http.client.RemoteDisconnected) as error:
            self._connection.close()
            if not reused:
                raise TransportError(f"no answer: {type(error).__name__}: {error}") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._connection.close()
            raise TransportError(f"no answer: {type(error).__name__}: {error}") from None
        try:
            return self._exchange(call)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise TransportError(f"no answer: {type(error).__name__}: {error}") from None

    def _exchange(self, call: Call) -> Reply:
        started = perf_counter()
        connection = self._connection
        connection.putrequest(call.method, call.target, skip_accept_encoding=True)
        for name, value in call.headers:
            connection.putheader(name, value)
        if call.body is not None or call.method in _BODY_EXPECTED:
            connection.putheader("Content-Length", str(len(call.body or b"")))
        connection.endheaders(call.body)
        response = connection.getresponse()
        body = response.read()
        headers = tuple((name.lower(), value) for name, value in response.getheaders())
        return Reply(response.status, headers, body, perf_counter() - started)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
