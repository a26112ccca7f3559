"""One server for the tests of a file that change nothing which others look at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.admin.making import Admin, admin


@pytest.fixture(scope="module")
def shared() -> Iterator[Admin]:
    with admin() as running:
        yield running


@pytest.fixture
def fresh(shared: Admin) -> Admin:
    """The shared server, back at its start."""
    shared.server.reset()
    return shared
