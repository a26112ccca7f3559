"""The connection to the upstream server: a channel of grpcio, which is imported here and nowhere before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockforge.errors import ConfigError, StartError

if TYPE_CHECKING:
    import grpc.aio

    from mockforge_grpc.config_proxy import ProxySettings, Upstream


def open_channel(settings: ProxySettings, upstream: Upstream, max_message: int) -> grpc.aio.Channel:
    """A channel; it connects when it is first used. ``max_message`` holds for both directions. Call it in the
    event loop."""
    import grpc
    import grpc.aio

    options: list[tuple[str, Any]] = [
        ("grpc.max_receive_message_length", max_message),
        ("grpc.max_send_message_length", max_message),
        ("grpc.enable_retries", 0),
        ("grpc.use_local_subchannel_pool", 1),
    ]
    if not upstream.secure:
        return grpc.aio.insecure_channel(upstream.target, options)
    tls = settings.tls
    if tls.name:
        options.append(("grpc.ssl_target_name_override", tls.name))
    credentials = grpc.ssl_channel_credentials(_read(tls.ca), _read(tls.key), _read(tls.cert))
    return grpc.aio.secure_channel(upstream.target, credentials, options)


def check(settings: ProxySettings) -> None:
    """See at start that calls can be passed on. StartError, ConfigError."""
    try:
        import grpc.aio  # noqa: F401 - whether it is there
    except ImportError:
        raise StartError(
            "passing gRPC calls on needs the package grpcio", hint="pip install grpcio"
        ) from None
    tls = settings.tls
    if (tls.key is None) != (tls.cert is None):
        raise ConfigError("grpc.proxy.tls: `cert` and `key` go together", hint="name both")
    for path in (tls.ca, tls.key, tls.cert):
        _read(path)


def _read(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"grpc.proxy.tls: {path} cannot be read ({error.strerror})") from error
