"""A schema with fields of every kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockforge_grpc.schema import Schema
from tests.grpc.schema.protos import EDITION, EDITION_2024, KINDS, OLD, loaded


@pytest.fixture(scope="package")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Schema]:
    files = {
        "kinds.proto": KINDS,
        "old.proto": OLD,
        "edition.proto": EDITION,
        "newest.proto": EDITION_2024,
    }
    with loaded(tmp_path_factory.mktemp("kinds"), files) as schema:
        yield schema
