"""The templates of one mock, with the functions of plugins and the fixtures of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking import templating

if TYPE_CHECKING:
    from mockforge.kernel import Kernel
    from mockforge.mocking.fixtures import FixtureStore
    from mockforge.mocking.templating import Templates

NAMES: Final = ("request", "state", "vars", "message", "index")
"""What templates of stubs may speak of; the last three in scripts."""


def make_templates(kernel: Kernel, store: FixtureStore | None) -> Templates:
    """What compiles the templates of stubs; their fixtures are those of ``store``."""

    def fixture(name: str) -> Any:
        assert store is not None  # noqa: S101 - given only where there is one
        return store.load(store.named(name)).value

    return templating.make_templates(
        kernel, names=NAMES, fixture=fixture if store is not None else None
    )
