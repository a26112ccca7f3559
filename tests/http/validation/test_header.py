"""``X-Mockforge-Findings``."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockforge_http.findings import RequestFinding
from mockforge_http.validation.header import findings_header


def test_findings_are_counted_and_listed() -> None:
    findings = [
        RequestFinding("query", "limit", "maximum", "..."),
        RequestFinding("body", "", "required", "...", pointer="/address"),
        RequestFinding("body", "", "type", "...", side="response"),
    ]
    assert findings_header(findings) == (
        "X-Mockforge-Findings",
        '3, query;code=maximum;name="limit", body;code=required;at="/address", response.body;code=type',
    )


def test_only_the_first_ones_are_listed() -> None:
    findings = [RequestFinding("body", "", "type", "...", pointer=f"/{n}") for n in range(1000)]
    _, value = findings_header(findings)
    assert value.startswith("1000, ")
    assert value.count("code=") == 10


@given(st.text(max_size=400), st.text(max_size=400), st.text(max_size=20))
def test_whatever_is_in_a_finding_the_header_stays_a_header(
    name: str, pointer: str, code: str
) -> None:
    finding = RequestFinding("body", name, code or "x", "...", pointer=pointer)
    _, value = findings_header([finding])
    assert value.isascii()
    assert value.isprintable()
    assert len(value) < 2_000
    assert value.count('"') % 2 == 0


@pytest.mark.parametrize("side", ["request", "response"])
def test_a_finding_has_a_text_for_logs(side: str) -> None:
    finding = msgspec.convert(
        {"location": "body", "name": "", "code": "type", "message": "Not so.", "side": side},
        RequestFinding,
    )
    assert str(finding) == f"Not so. [{side}.body: type]"
