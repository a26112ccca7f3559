"""Findings in a response header, for answers that are given in spite of them.

``X-Mockforge-Findings`` is a list in the sense of RFC 9651: how many findings there are, then what each
is about, ``2, query;code=maximum;name="limit", body;code=required;at="/address"``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from mockforge.mocking.exchange import Response
from mockforge_http.findings import RequestFinding

NAME: Final = "X-Mockforge-Findings"
_MOST_LISTED: Final = 10
_LONGEST: Final = 120
_TOKEN: Final = re.compile(r"[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*")
_PLAIN: Final = re.compile(r"[ !#$&-[\]-~]*")
_PRINTABLE: Final = "".join(chr(code) for code in range(32, 127) if chr(code) not in '%"\\')


def says_findings(response: Response) -> bool:
    """Whether the header is there already."""
    return any(name is NAME for name, _ in response.headers)


def findings_header(findings: Sequence[RequestFinding]) -> tuple[str, str]:
    """Name and value of the header."""
    members = [str(len(findings)), *[_member(finding) for finding in findings[:_MOST_LISTED]]]
    return NAME, ", ".join(members)


def _member(finding: RequestFinding) -> str:
    side = "" if finding.side == "request" else "response."
    code = finding.code if _TOKEN.fullmatch(finding.code) else _text(finding.code)
    name = f";name={_text(finding.name)}" if finding.name else ""
    at = f";at={_text(finding.pointer)}" if finding.pointer else ""
    return f"{side}{finding.location};code={code}{name}{at}"


def _text(value: str) -> str:
    """A string of RFC 9651: printable ASCII, everything else percent-encoded."""
    if len(value) <= _LONGEST and _PLAIN.fullmatch(value):
        return f'"{value}"'
    return f'"{quote(value[:_LONGEST], safe=_PRINTABLE, errors="replace")}"'
