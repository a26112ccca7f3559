"""Cases that are answered otherwise, and why, by the end of the file name and the number of the stub."""

from __future__ import annotations

LISTED: dict[str, str] = {
    "attachment3.json#1": "its body is in a file that is not among the samples",
    "state-extension__with-list.json#5": "WireMock was asked without its state extension, which answers 500",
    "state-extension__with-list.json#6": "as above",
}
"""Every case that may differ."""


def reason(name: str) -> str | None:
    """Why the case ``name`` may differ, if it may."""
    return next((why for end, why in LISTED.items() if name.endswith(end)), None)
