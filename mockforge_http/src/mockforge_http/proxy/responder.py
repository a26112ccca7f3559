"""Which requests are passed on."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import ClassVar

from mockforge.contracts import Responder
from mockforge.mocking.exchange import Exchange, Response
from mockforge_http.proxy.proxy import Proxy
from mockforge_http.upstreams import Upstream
from mockforge_http.wildcard import Wildcard


class ProxyResponder(Responder):
    """Passes on to ``http.proxy.upstream`` what no stub and no fixture answers."""

    protocol: ClassVar[str] = "http"
    priority: ClassVar[int] = 300

    def __init__(self, proxy: Proxy, upstream: Upstream) -> None:
        self._proxy = proxy
        self._upstream = upstream
        self._paths = [Wildcard(path) for path in proxy.settings.paths]
        self._undeclared = proxy.settings.when == "undeclared"

    @staticmethod
    def of(proxy: Proxy) -> ProxyResponder | None:
        """The one that the settings ask for, if they do."""
        upstream = proxy.settings.upstream
        if upstream is None:
            return None
        made = FirstResponder if proxy.settings.when == "always" else ProxyResponder
        return made(proxy, upstream)

    def respond(self, exchange: Exchange) -> Awaitable[Response] | None:
        request = exchange.request
        if request.method == "CONNECT" or (self._undeclared and exchange.operation is not None):
            return None
        if self._paths and not any(each.matches(request.path) for each in self._paths):
            return None
        return self._proxy.forward(exchange, self._upstream)


class FirstResponder(ProxyResponder):
    """Passes on everything, whatever stubs there are."""

    priority: ClassVar[int] = 50
