"""Certificates for the TLS listener: read, checked, and refused with the file that is to blame."""

from __future__ import annotations

import ssl
from pathlib import Path

from mockforge.errors import Place, StartError
from mockforge_http.config import Tls


def ssl_context(tls: Tls) -> ssl.SSLContext:
    """What ``tls`` asks for: TLS 1.2 and above, the protocols by ALPN, and client certificates where
    ``client_ca`` is set. :class:`StartError` with the file that cannot be used."""
    if tls.cert is None:
        raise StartError(
            "no certificate is set", hint="set http.tls.cert (and http.tls.key) to PEM files"
        )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 9113 section 9.2
    context.set_alpn_protocols(["h2", "http/1.1"] if tls.http2 else ["http/1.1"])
    key = tls.key or tls.cert
    _readable(tls.cert, "http.tls.cert")
    _readable(key, "http.tls.key")
    try:
        # An empty password, because without one OpenSSL asks at the terminal.
        context.load_cert_chain(tls.cert, key, password="")
    except (ssl.SSLError, ValueError) as error:
        raise _unusable(tls.cert, key, error) from error
    if tls.client_ca is not None:
        _readable(tls.client_ca, "http.tls.client_ca")
        try:
            context.load_verify_locations(tls.client_ca)
        except ssl.SSLError as error:
            raise StartError(
                "no certificate of an authority can be read here",
                hint="http.tls.client_ca must be a PEM file with the CA's certificate",
                place=Place(str(tls.client_ca)),
            ) from error
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _readable(path: Path, setting: str) -> None:
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise StartError(
            f"cannot be read: {error.strerror}",
            hint=f"{setting} must name a PEM file that this process may read",
            place=Place(str(path)),
        ) from error


def _unusable(cert: Path, key: Path, error: Exception) -> StartError:
    reason = getattr(error, "reason", None) or str(error)
    if reason == "KEY_VALUES_MISMATCH":
        return StartError(
            f"the key does not belong to the certificate {cert}",
            hint="http.tls.key must be the key that the certificate was made for",
            place=Place(str(key)),
        )
    if "BAD_DECRYPT" in reason or "password" in reason.lower():
        return StartError(
            "the key is encrypted",
            hint="write it without a passphrase: openssl pkey -in key.pem -out plain.pem",
            place=Place(str(key)),
        )
    which, setting = (
        (cert, "http.tls.cert")
        if b"-----BEGIN CERT" not in cert.read_bytes()
        else (
            key,
            "http.tls.key",
        )
    )
    return StartError(
        f"not usable as PEM ({reason})",
        hint=f"{setting} must be a PEM file: the certificate first, then those that signed it; the key "
        "unencrypted",
        place=Place(str(which)),
    )


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
