"""``response.proxy`` of a stub: its requests passed on to a server of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mockforge.errors import MockForgeError
from mockforge.nearest import nearest
from mockforge_http.upstreams import Upstream

if TYPE_CHECKING:
    from mockforge.mocking.exchange import Exchange, Response
    from mockforge_http.proxy.proxy import Proxy

Forward = Callable[["Exchange"], Awaitable["Response"]]
_KEYS: Final = ("url", "headers", "preserve_host")


class ForwardError(MockForgeError):
    """``proxy`` of a stub is written wrongly, or leads where it may not. ``path`` are the keys that lead
    to the place."""

    def __init__(self, message: str, path: Sequence[str | int], *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.path = tuple(path)


def compile_forward(proxy: Proxy, spec: Any, path: Sequence[str | int] = ()) -> Forward:
    """What ``spec`` says: a URL, or a mapping with ``url`` and, in place of those of ``http.proxy``,
    ``headers`` and ``preserve_host``.

    The path of a request is appended to that of the URL. ForwardError: what is wrong, and where.
    """
    given = spec if isinstance(spec, dict) else {"url": spec}
    for key in given:
        if key not in _KEYS:
            close = nearest(str(key), _KEYS)
            hint = f"did you mean {close}?" if close else f"known: {', '.join(_KEYS)}"
            raise ForwardError(f"unknown key {key!r}", (*path, key), hint=hint)
    at = (*path, "url") if isinstance(spec, dict) else tuple(path)
    try:
        upstream = Upstream.parse(given.get("url"))
    except ValueError as error:
        raise ForwardError(str(error), at) from None
    if not proxy.may_reach(upstream.origin):
        raise ForwardError(
            f"requests may not be passed on to {upstream.origin.authority}",
            at,
            hint="add it to http.proxy.allow",
        )
    headers = given.get("headers")
    if headers is not None and not (
        isinstance(headers, dict)
        and all(isinstance(value, str) and "\n" not in value for value in headers.values())
    ):
        raise ForwardError("must be a mapping of names to texts", (*path, "headers"))
    keeps_host = given.get("preserve_host")
    if not isinstance(keeps_host, bool | None):
        raise ForwardError("must be true or false", (*path, "preserve_host"))
    return partial(proxy.forward, upstream=upstream, headers=headers, preserve_host=keeps_host)
