"""The folder of fixtures, as the settings name it: what the API and the pages work on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockforge.mocking.fixtures import FixtureFolder, FixtureStore

if TYPE_CHECKING:
    from mockforge.kernel import Kernel


def fixture_folder(kernel: Kernel) -> FixtureFolder | None:
    """The folder, ``None`` where the settings name none. StartError: it is not (any more) a folder."""
    settings = kernel.settings
    if "http.fixtures" not in settings.model.settings or settings.value("http.fixtures") is None:
        return None
    store = FixtureStore(
        settings.value("http.fixtures"),
        kernel.plugins.fixture_loaders(),
        max_bytes=int(settings.value("http.fixture_max_size")),
    )
    return FixtureFolder(store)
