"""Clients of the gRPC benchmarks, in a process of their own.

``python -m benchmarks.grpc_client check PORT`` asks once and fails where the answer is not the right one;
``hold PORT COUNT`` opens streams, prints how many are open, and holds them until its standard input ends.
"""

from __future__ import annotations

import socket
import sys
from typing import Any, Final

from .grpc_stubs import HELLO, WORLD

PER_CONNECTION: Final = 100
_PATIENCE: Final = 30.0


def check(port: int) -> None:
    """One call."""
    import grpc

    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        method: Any = channel.unary_unary(HELLO)
        answer = method(WORLD, timeout=_PATIENCE, wait_for_ready=True)
    if answer != WORLD:
        raise SystemExit(f"asked for {WORLD!r}, got {answer!r}")


def hold(port: int, count: int) -> None:
    """Streams that have sent a message and got one, and wait."""
    from h2.connection import H2Connection
    from h2.events import DataReceived

    connections = []
    opened = 0
    while opened < count:
        plain = socket.create_connection(("127.0.0.1", port), _PATIENCE)
        session = H2Connection()
        session.initiate_connection()
        wanted = min(PER_CONNECTION, count - opened)
        for _ in range(wanted):
            stream = session.get_next_available_stream_id()
            session.send_headers(
                stream,
                [
                    (":method", "POST"), (":scheme", "http"), (":authority", "a"),
                    (":path", "/helloworld.Greeter/Chat"), ("te", "trailers"),
                    ("content-type", "application/grpc"),
                ],
            )  # fmt: skip
            session.send_data(stream, b"\0" + len(WORLD).to_bytes(4) + WORLD)
        answered: set[int] = set()
        while len(answered) < wanted:
            plain.sendall(session.data_to_send())
            for event in session.receive_data(plain.recv(65_536)):
                if isinstance(event, DataReceived):
                    answered.add(event.stream_id)
        plain.sendall(session.data_to_send())
        connections.append((plain, session))
        opened += wanted
    print(opened, flush=True)
    sys.stdin.read()
    for plain, _ in connections:
        plain.close()


def main() -> None:
    """Do what the arguments say."""
    kind, port, *more = sys.argv[1:]
    if kind == "check":
        check(int(port))
    else:
        hold(int(port), int(more[0]))


if __name__ == "__main__":
    main()
