"""``response.proxy`` of a stub: its requests passed on to a server of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mockforge.errors import MockForgeError
from mockforge.mocking.fields import is_token
from mockforge.nearest import nearest
from mockforge_http.upstreams import Upstream

if TYPE_CHECKING:
    from mockforge.mocking.exchange import Exchange, Response
    from mockforge_http.proxy.proxy import Proxy

_KEYS: Final = ("url", "headers", "remove_headers", "remove_prefix", "preserve_host")


class ForwardError(MockForgeError):
    """``proxy`` of a stub is written wrongly. ``path`` are the keys that lead to the place."""

    def __init__(self, message: str, path: Sequence[str | int], *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.path = tuple(path)


class Forward:
    """Passes requests on. ``refused`` says, where it is known already, why none will be."""

    __slots__ = ("_proxy", "_spec", "_upstream", "refused")

    def __init__(self, proxy: Proxy, upstream: Upstream, spec: _Spec) -> None:
        self._proxy = proxy
        self._upstream = upstream
        self._spec = spec
        self.refused: str | None = None
        if not proxy.may_reach(upstream.origin):
            self.refused = f"requests may not be passed on to {upstream.origin.authority}"

    async def __call__(self, exchange: Exchange) -> Response:
        """The answer to the request of ``exchange``."""
        spec = self._spec
        target = exchange.request.target
        prefix = spec.remove_prefix
        if prefix and target.startswith(prefix) and target[len(prefix) :][:1] in ("", "/", "?"):
            target = f"/{target[len(prefix) :].removeprefix('/')}"
        return await self._proxy.forward(
            exchange,
            self._upstream,
            target=target,
            headers=spec.headers,
            drop=spec.remove_headers,
            preserve_host=spec.preserve_host,
        )


class _Spec(NamedTuple):
    headers: dict[str, str] | None
    remove_headers: tuple[bytes, ...]
    remove_prefix: str
    preserve_host: bool | None


def compile_forward(proxy: Proxy, spec: Any, path: Sequence[str | int] = ()) -> Forward:
    """What ``spec`` says: a URL, or a mapping with ``url`` and further keys.

    ``headers`` and ``preserve_host`` stand in for those of ``http.proxy``; ``remove_headers`` are not passed
    on; ``remove_prefix`` is taken off the path, which is then appended to that of the URL. ForwardError: what
    is wrong, and where.
    """
    given = spec if isinstance(spec, dict) else {"url": spec}
    for key in given:
        if key not in _KEYS:
            close = nearest(str(key), _KEYS)
            hint = f"did you mean {close}?" if close else f"known: {', '.join(_KEYS)}"
            raise ForwardError(f"unknown key {key!r}", (*path, key), hint=hint)
    try:
        upstream = Upstream.parse(given.get("url"))
    except ValueError as error:
        at = (*path, "url") if isinstance(spec, dict) else path
        raise ForwardError(str(error), at) from None
    prefix = given.get("remove_prefix", "")
    if not isinstance(prefix, str) or (prefix and not prefix.startswith("/")):
        raise ForwardError("must be a path that begins with `/`", (*path, "remove_prefix"))
    keeps_host = given.get("preserve_host")
    if not isinstance(keeps_host, bool | None):
        raise ForwardError("must be true or false", (*path, "preserve_host"))
    return Forward(
        proxy,
        upstream,
        _Spec(
            _headers(given.get("headers"), (*path, "headers")),
            _names(given.get("remove_headers", []), (*path, "remove_headers")),
            prefix.rstrip("/"),
            keeps_host,
        ),
    )


def _headers(given: Any, path: Sequence[str | int]) -> dict[str, str] | None:
    if given is None:
        return None
    if isinstance(given, dict) and all(map(_is_field, given, given.values())):
        return given
    raise ForwardError("must be a mapping of header names to texts of one line", path)


def _is_field(name: object, value: object) -> bool:
    plain = isinstance(name, str) and is_token(name)
    return plain and isinstance(value, str) and value.isprintable()


def _names(given: Any, path: Sequence[str | int]) -> tuple[bytes, ...]:
    names = [given] if isinstance(given, str) else given
    if isinstance(names, list) and all(isinstance(name, str) and name.isascii() for name in names):
        return tuple(name.lower().encode() for name in names)
    raise ForwardError("must be a list of header names", path)
