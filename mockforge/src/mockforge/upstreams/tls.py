"""TLS to upstream servers: its settings, and the context that they ask for."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from mockforge.errors import ConfigError


class UpstreamTls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How upstream servers are spoken to where their URL asks for TLS."""

    verify: Annotated[
        bool, Meta(description="Refuse certificates that no trusted CA has signed for the host")
    ] = True
    ca: Annotated[
        Path | None, Meta(description="Trusted CAs, PEM; default: those of the system")
    ] = None
    cert: Annotated[
        Path | None, Meta(description="Client certificate to show, PEM, with its chain")
    ] = None
    key: Annotated[
        Path | None, Meta(description="Its private key, PEM, if it stands in a file of its own")
    ] = None


def client_context(tls: UpstreamTls, *, section: str) -> ssl.SSLContext:
    """The context for ``tls``, the settings at ``section`` (``http.proxy.tls``). ConfigError: a file that
    cannot be used, or a key without its certificate."""
    if tls.key is not None and tls.cert is None:
        raise ConfigError(
            f"{section}.key is set without {section}.cert",
            hint="name the client certificate too",
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif tls.ca is None:
        context.load_default_certs()
    else:
        try:
            context.load_verify_locations(tls.ca)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"{section}.ca: {tls.ca} cannot be read ({_reason(error)})",
                hint="a PEM file of CA certificates is expected",
            ) from error
    if tls.cert is not None:
        try:
            # A key with a passphrase must not ask for it on the terminal of a server.
            context.load_cert_chain(tls.cert, tls.key, password="")
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"{section}.cert: {tls.cert} cannot be used ({_reason(error)})",
                hint="PEM files without a passphrase are expected",
            ) from error
    return context


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
