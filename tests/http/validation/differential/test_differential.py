"""The verdicts of this package and of openapi-core on the same requests.

``MOCKFORGE_DIFFERENTIAL`` sets the number of documents (default 60), each with four requests.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from mockforge.mocking.exchange import Request
from mockforge_http.validation.request import Checked
from tests.http.validation.differential.cases import Document, Sent, documents, requests
from tests.http.validation.differential.excuses import EXCUSES, excuses
from tests.http.validation.differential.oracle import Oracle
from tests.http.validation.making import check

DOCUMENTS: Final = int(os.environ.get("MOCKFORGE_DIFFERENTIAL", "60"))
REQUESTS: Final = 4


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    with Oracle() as asked:
        yield asked


def ours(folder: Path, document: Document, sent: Sent) -> Checked:
    target = f"{sent['path']}?{sent['query']}" if sent["query"] else sent["path"]
    fields = [(name.encode(), value.encode()) for name, value in sent["headers"].items()]
    return check(folder, document, Request("POST", target, fields, sent["body"].encode()))


def test_both_judge_alike_or_the_specification_says_why_not(tmp_path: Path, oracle: Oracle) -> None:
    tally = {"compared": 0, "accepted": 0, "excused": 0}

    @settings(
        max_examples=DOCUMENTS,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.data())
    def compare(data: st.DataObject) -> None:
        document = data.draw(documents())
        sent = [data.draw(requests(document)) for _ in range(REQUESTS)]
        for each, verdict in zip(sent, oracle.ask(document, sent), strict=True):
            if "failed" in verdict:
                # It has no opinion: a reference to itself, for one, ends its recursion.
                continue
            checked = ours(tmp_path, document, each)
            they_accept = not verdict["errors"]
            tally["compared"] += 1
            tally["accepted"] += they_accept
            if checked.accepted == they_accept:
                continue
            tally["excused"] += 1
            note(f"openapi-core: {verdict['errors'] or 'accepted'}")
            note(f"ours: {[str(finding) for finding in checked.findings] or 'accepted'}")
            assert excuses(document, each, they_accept=they_accept), each

    compare()
    assert tally["compared"] > DOCUMENTS
    assert tally["accepted"] > tally["compared"] // 20
    assert tally["excused"] < tally["compared"] // 5


@pytest.mark.parametrize("name", EXCUSES)
def test_every_excuse_is_still_needed(tmp_path: Path, oracle: Oracle, name: str) -> None:
    excuse = EXCUSES[name]
    document, sent = excuse.example
    (verdict,) = oracle.ask(document, [sent])
    accepts = {"accept": True, "refuse": False}[excuse.they]
    assert (not verdict["errors"]) == accepts, verdict
    assert ours(tmp_path, document, sent).accepted != accepts
    assert name in excuses(document, sent, they_accept=accepts)


def test_openapi_core_stays_in_its_own_process(oracle: Oracle) -> None:
    document, sent = EXCUSES["given twice"].example
    assert oracle.ask(document, [sent])
    assert not any(name.startswith("openapi_core") for name in sys.modules)
