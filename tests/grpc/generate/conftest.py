"""The types that the tests make messages of; compiled once."""

from __future__ import annotations

import pytest

from tests.grpc.generate.pools import Types, buf_validate, compiled
from tests.grpc.generate.protos import OLD, OLD_RULES, PLAIN, RULED


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Types:
    """Types without rules."""
    return compiled(tmp_path_factory.mktemp("plain"), {"plain.proto": PLAIN})


@pytest.fixture(scope="session")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> Types:
    """Types with the rules of protovalidate."""
    pytest.importorskip("protovalidate")
    return compiled(tmp_path_factory.mktemp("ruled"), {"ruled.proto": RULED}, buf_validate())


@pytest.fixture(scope="session")
def old(tmp_path_factory: pytest.TempPathFactory) -> Types:
    """Types with the rules of protoc-gen-validate."""
    sources = {"validate/validate.proto": OLD_RULES, "old.proto": OLD}
    return compiled(tmp_path_factory.mktemp("old"), sources)
