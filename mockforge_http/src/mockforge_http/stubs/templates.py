"""The templates of one mock, with the functions of plugins and the fixtures of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking import templating
from mockforge.mocking.fixtures import FixtureStore

if TYPE_CHECKING:
    from mockforge.kernel import Kernel
    from mockforge.mocking.templating import Templates
    from mockforge_http.config import HttpConfig

NAMES: Final = ("request", "state", "vars", "message", "index")
"""What templates of stubs may speak of; the last three in scripts."""


def make_templates(config: HttpConfig, kernel: Kernel) -> Templates:
    """What compiles the templates of stubs."""
    store: FixtureStore | None = None
    if config.fixtures is not None:
        store = FixtureStore(
            config.fixtures,
            kernel.plugins.fixture_loaders(),
            max_bytes=int(config.fixture_max_size),
            cache_bytes=int(config.fixture_cache),
        )

    def fixture(name: str) -> Any:
        assert store is not None  # noqa: S101 - given only where there is one
        return store.load(store.named(name)).value

    return templating.make_templates(
        kernel, names=NAMES, fixture=fixture if store is not None else None
    )
