"""The pytest plugin: light to load, and a fixture that stops what it started."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent


def test_loading_it_imports_next_to_nothing_of_mockforge() -> None:
    code = """
        import sys, pytest
        import mockforge.testing.pytest_plugin
        ours = sorted(name for name in sys.modules if name.startswith("mockforge"))
        assert ours == ["mockforge", "mockforge.testing", "mockforge.testing.pytest_plugin"], ours
        heavy = {"anyio", "asyncio", "msgspec", "yaml", "click", "uvloop"} & set(sys.modules)
        assert not heavy, heavy
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_fixture_starts_servers_and_stops_them_when_the_test_ends(tmp_path: Path) -> None:
    (tmp_path / "test_with_fixture.py").write_text(
        dedent("""
            import socket

            import pytest
            from tests.kernel.testing.test_mock_server import Lines, send

            addresses = []

            @pytest.fixture(autouse=True)
            def nothing_installed(monkeypatch):
                monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: ())

            def test_one(mock_server):
                one = mock_server(plugins=[Lines()])
                two = mock_server(plugins=[Lines()])
                send(one, "GET /one")
                one.assert_called("GET", "/one", times=1)
                two.assert_not_called()
                addresses.extend([one.url, two.url])

            def test_two():
                assert len(addresses) == 2
                for address in addresses:
                    host, port = address.rsplit(":", 1)
                    with pytest.raises(OSError):
                        socket.create_connection((host, int(port)), timeout=20)
        """)
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr
