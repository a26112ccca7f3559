"""The TLS context for upstream servers, by ``http.proxy.tls``."""

from __future__ import annotations

import ssl

from mockforge.errors import ConfigError
from mockforge_http.config_proxy import ProxyTls


def client_context(tls: ProxyTls) -> ssl.SSLContext:
    """ConfigError: a file that cannot be used, or a key without its certificate."""
    if tls.key is not None and tls.cert is None:
        raise ConfigError(
            "http.proxy.tls.key is set without http.proxy.tls.cert",
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
                f"http.proxy.tls.ca: {tls.ca} cannot be read ({_reason(error)})",
                hint="a PEM file of CA certificates is expected",
            ) from error
    if tls.cert is not None:
        try:
            # A key with a passphrase must not ask for it on the terminal of a server.
            context.load_cert_chain(tls.cert, tls.key, password="")
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"http.proxy.tls.cert: {tls.cert} cannot be used ({_reason(error)})",
                hint="PEM files without a passphrase are expected",
            ) from error
    return context


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
