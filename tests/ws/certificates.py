"""Certificates for tests of TLS."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme


class Certificates:
    """An authority; a certificate for localhost, one for a client, as files."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        server = authority.issue_cert("localhost", "127.0.0.1")
        self.client = authority.issue_cert("someone@example.org")
        self.ca, self.cert, self.key = (folder / name for name in ("ca.pem", "c.pem", "k.pem"))
        authority.cert_pem.write_to_path(str(self.ca))
        server.cert_chain_pems[0].write_to_path(str(self.cert))
        server.private_key_pem.write_to_path(str(self.key))

    def trusting(self, *, with_certificate: bool = False) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.ca))
        if with_certificate:
            self.client.configure_cert(context)
        return context
