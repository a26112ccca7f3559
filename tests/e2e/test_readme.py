"""What the README shows works as shown."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

from mockforge.testing import MockServer

README = Path(__file__).parents[2] / "README.md"


def test_the_stub_in_the_readme_answers(tmp_path: Path) -> None:
    (written,) = re.findall(r"```yaml\n(.*?)```", README.read_text(), re.DOTALL)
    stubs = tmp_path / "orders.yaml"
    stubs.write_text(written)
    with MockServer(settings={"http.mocks": [str(stubs)]}) as server:
        answer = httpx.post(
            f"{server.url}/orders", json={"name": "rex"}, headers={"X-Trace": "1"}, timeout=10
        )
        assert answer.status_code == 201
        assert answer.json()["name"] == "rex"
        assert set(answer.json()) == {"id", "name", "due"}
        other = httpx.post(f"{server.url}/orders", json={"name": "max"}, timeout=10)
        assert other.status_code == 404
        assert "order-of-rex" in other.json()["detail"]
