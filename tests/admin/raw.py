"""Requests exactly as they are written: nothing is encoded, normalised or checked on the way."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit


def send(address: str, head: str, body: bytes = b"") -> tuple[int, bytes]:
    """Status and body of the answer to ``head`` (request line and fields, without the empty line)."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as client:
        text = f"{head}\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
        client.sendall(text.encode("latin-1") + body)
        received = b""
        while piece := client.recv(65536):
            received += piece
    before, _, after = received.partition(b"\r\n\r\n")
    return int(before.split()[1]), after
