"""Certificates for listeners: read, checked, and refused with the file that is to blame.

Used by protocol servers that serve TLS; ``section`` is where their settings of it are (``http.tls``).
"""

from __future__ import annotations

import ssl
from pathlib import Path

from mockforge.errors import Place, StartError


def server_context(
    cert: Path,
    key: Path | None,
    client_ca: Path | None,
    *,
    section: str,
) -> ssl.SSLContext:
    """TLS 1.2 and above, and client certificates where ``client_ca`` is set. :class:`StartError` with the
    file that cannot be used."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 9113 section 9.2
    key = key or cert
    _readable(cert, f"{section}.cert")
    _readable(key, f"{section}.key")
    try:
        # An empty password, because without one OpenSSL asks at the terminal.
        context.load_cert_chain(cert, key, password="")
    except (ssl.SSLError, ValueError) as error:
        raise _unusable(cert, key, error, section) from error
    if client_ca is not None:
        _readable(client_ca, f"{section}.client_ca")
        try:
            context.load_verify_locations(client_ca)
        except ssl.SSLError as error:
            raise StartError(
                "no certificate of an authority can be read here",
                hint=f"{section}.client_ca must be a PEM file with the CA's certificate",
                place=Place(str(client_ca)),
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


def _unusable(cert: Path, key: Path, error: Exception, section: str) -> StartError:
    reason = getattr(error, "reason", None) or str(error)
    if reason == "KEY_VALUES_MISMATCH":
        return StartError(
            f"the key does not belong to the certificate {cert}",
            hint=f"{section}.key must be the key that the certificate was made for",
            place=Place(str(key)),
        )
    if "BAD_DECRYPT" in reason or "password" in reason.lower():
        return StartError(
            "the key is encrypted",
            hint="write it without a passphrase: openssl pkey -in key.pem -out plain.pem",
            place=Place(str(key)),
        )
    which, setting = (
        (cert, f"{section}.cert")
        if b"-----BEGIN CERT" not in cert.read_bytes()
        else (
            key,
            f"{section}.key",
        )
    )
    return StartError(
        f"not usable as PEM ({reason})",
        hint=f"{setting} must be a PEM file: the certificate first, then those that signed it; the key "
        "unencrypted",
        place=Place(str(which)),
    )
