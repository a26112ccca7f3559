"""Tests say nothing about how fast a machine is."""

from __future__ import annotations

import httpx


def test_clients_wait_longer_than_a_busy_machine_takes() -> None:
    with httpx.Client() as client:
        assert client.timeout == httpx.Timeout(60)
