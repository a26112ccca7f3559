"""Certificates for the TLS listener: read, checked, and refused with the file that is to blame."""

from __future__ import annotations

import ssl

from mockforge.certificates import server_context
from mockforge.errors import Place, StartError
from mockforge_http.config import Tls


def ssl_context(tls: Tls) -> ssl.SSLContext:
    """What ``tls`` asks for, with the protocols by ALPN. :class:`StartError` with the file that cannot be
    used."""
    if tls.cert is None:
        raise StartError(
            "no certificate is set", hint="set http.tls.cert (and http.tls.key) to PEM files"
        )
    context = server_context(tls.cert, tls.key, tls.client_ca, section="http.tls")
    context.set_alpn_protocols(["h2", "http/1.1"] if tls.http2 else ["http/1.1"])
    return context


def check_http3(tls: Tls) -> None:
    """:class:`StartError` where ``tls`` asks for something that HTTP/3 cannot do here."""
    if tls.client_ca is not None:
        raise StartError(
            "HTTP/3 cannot check client certificates",
            hint="unset http.tls.http3 or http.tls.client_ca",
        )
    try:
        from aioquic.quic.configuration import QuicConfiguration
    except ImportError as error:
        raise StartError(
            "HTTP/3 needs aioquic", hint="pip install 'hypercorn[h3]', or unset http.tls.http3"
        ) from error
    try:
        QuicConfiguration(is_client=False).load_cert_chain(str(tls.cert), str(tls.key or tls.cert))
    except (ValueError, TypeError, AssertionError, IndexError) as error:
        raise StartError(
            f"aioquic cannot use the certificate and key ({error})",
            hint="use an RSA or EC key in a file of its own (http.tls.key), or unset http.tls.http3",
            place=Place(str(tls.cert)),
        ) from error
