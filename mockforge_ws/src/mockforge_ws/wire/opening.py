"""The opening handshake (RFC 6455 section 4.2): reading the request, and answering it.

Both ways in end here: a connection of our own port, whose request is read with h11, and one that the HTTP
server hands over with its request already read. wsproto checks the handshake and makes the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import formatdate
from typing import NamedTuple

import h11
from wsproto import ConnectionType
from wsproto.connection import Connection as Frames
from wsproto.events import AcceptConnection
from wsproto.events import Request as Asked
from wsproto.extensions import Extension, PerMessageDeflate
from wsproto.handshake import H11Handshake
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from mockforge.mocking.exchange import Request, Response
from mockforge.mocking.problems import problem, title

_PROBLEMS = (h11.ProtocolError, LocalProtocolError, RemoteProtocolError, ValueError)


class RefusedError(Exception):
    """The request is answered with ``response`` instead of being accepted."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class HeadReader:
    """Reads the request of one connection."""

    __slots__ = ("_connection", "_max_head", "_size")

    def __init__(self, max_head: int) -> None:
        self._connection = h11.Connection(h11.SERVER, max_incomplete_event_size=max_head)
        self._max_head = max_head
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes received so far."""
        return self._size

    def feed(self, data: bytes, client: str, scheme: str) -> Request | None:
        """The request, once it is whole. RefusedError: it is none, or too large."""
        self._size += len(data)
        try:
            self._connection.receive_data(data)
            event = self._connection.next_event()
        except h11.RemoteProtocolError as error:
            raise self._refused(error) from error
        if not isinstance(event, h11.Request):
            return None
        head_size = self._size - len(self._connection.trailing_data[0])
        if head_size > self._max_head:
            raise _too_large(self._max_head)
        request = Request(
            event.method.decode("ascii"),
            event.target.decode("latin-1"),
            list(event.headers.raw_items()),
            protocol="websocket",
            client=client,
            scheme=scheme,
            version=event.http_version.decode("ascii"),
            head_size=head_size,
        )
        if request.fields.get(b"content-length", b"0") != b"0" or (
            b"transfer-encoding" in request.fields
        ):
            raise RefusedError(
                problem(400, "handshake", "A WebSocket handshake has no body (RFC 6455).")
            )
        return request

    def rest(self) -> bytes:
        """What came after the request."""
        return self._connection.trailing_data[0]

    def _refused(self, error: h11.RemoteProtocolError) -> RefusedError:
        if error.error_status_hint == 431:
            return _too_large(self._max_head)
        return RefusedError(
            problem(error.error_status_hint, "malformed", f"This is no HTTP request: {error}.")
        )


def _too_large(limit: int) -> RefusedError:
    return RefusedError(
        problem(431, "head-too-large", f"The request is larger than {limit} bytes.", limit=limit)
    )


class Opening:
    """A checked handshake request; ``subprotocols`` are those the client offers, in its order."""

    __slots__ = ("_handshake", "subprotocols")

    def __init__(self, request: Request) -> None:
        """RefusedError: this is no WebSocket handshake."""
        fields = request.fields
        if request.method != "GET" or fields.get(b"upgrade", b"").lower() != b"websocket":
            raise RefusedError(
                problem(
                    426,
                    "upgrade-required",
                    "Only WebSocket is spoken here: connect with a WebSocket client.",
                    headers=[("Upgrade", "websocket"), ("Connection", "Upgrade")],
                )
            )
        self._handshake = H11Handshake(ConnectionType.SERVER)
        try:
            self._handshake.initiate_upgrade_connection(
                request.raw_headers, request.target.encode("latin-1")
            )
            asked = next(self._handshake.events())
        except RemoteProtocolError as error:
            raise _refusal_of(error) from error
        except _PROBLEMS as error:
            raise RefusedError(
                problem(400, "handshake", f"This is no WebSocket handshake: {error}.")
            ) from error
        if not isinstance(asked, Asked):  # pragma: no cover - a server gets requests
            raise TypeError(f"a handshake gave {asked!r}")
        self.subprotocols: Sequence[str] = tuple(asked.subprotocols)

    def accept(
        self,
        *,
        subprotocol: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
        window: int | None = None,
    ) -> Accepted:
        """Agree. ``window`` is the size in bits for permessage-deflate, ``None`` refuses that."""
        extensions: list[Extension] = [] if window is None else [Deflate(window)]
        answer = self._handshake.send(
            AcceptConnection(
                subprotocol=subprotocol,
                extensions=extensions,
                extra_headers=[
                    (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers
                ],
            )
        )
        frames = self._handshake.connection
        assert frames is not None  # noqa: S101 - just accepted
        return Accepted(frames, answer, any(each.enabled() for each in extensions))


class Accepted(NamedTuple):
    """A connection that was agreed to: what reads and makes its ``frames``, the ``answer`` to send, and
    whether messages are ``compressed``."""

    frames: Frames
    answer: bytes
    compressed: bool


class Deflate(PerMessageDeflate):
    """permessage-deflate (RFC 7692) with windows of at most so many bits, as far as the client agrees."""

    def __init__(self, window: int) -> None:
        super().__init__(client_max_window_bits=window, server_max_window_bits=window)
        self._window = window

    def accept(self, offer: str) -> bool | str | None:
        if self.enabled():  # one offer was taken already
            return None
        name, *parameters = (part.strip() for part in offer.split(";"))
        wanted: list[str] = [name]
        limited = False
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "client_max_window_bits":
                limited = True
            if key.strip() in ("client_max_window_bits", "server_max_window_bits"):
                bits = value.strip().strip('"')
                if bits and not (bits.isdecimal() and 8 <= int(bits) <= 15):
                    return None
                parameter = f"{key.strip()}={min(int(bits or 15), self._window)}"
            wanted.append(parameter)
        if not limited:  # RFC 7692 section 7.1.2.2: then it may use the largest
            self.client_max_window_bits = 15
        return super().accept("; ".join(wanted))


def _refusal_of(error: RemoteProtocolError) -> RefusedError:
    """The answer that wsproto suggests, with a body that says why."""
    hint = error.event_hint
    status = getattr(hint, "status_code", 400)
    headers = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in getattr(hint, "headers", ())
    ]
    return RefusedError(problem(status, "handshake", f"{error}.", headers=headers))


def refusal_bytes(response: Response) -> bytes:
    """``response`` as it is sent on a connection that then ends."""
    given = {name.lower() for name, _ in response.headers}
    headers = list(response.headers)
    headers.append(("Content-Length", str(len(response.body))))
    headers.append(("Date", formatdate(usegmt=True)))
    if "connection" not in given:
        headers.append(("Connection", "close"))
    lines = [f"HTTP/1.1 {response.status} {title(response.status)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + response.body
