"""Who may come in."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from mockforge.errors import StartError
from mockforge_admin.config import AdminConfig
from mockforge_admin.gate import Gate, Sessions, check_exposure
from mockforge_admin.gate.names import host_name, is_loopback, same_origin
from tests.admin.making import Admin, admin
from tests.e2e.processes import serving
from tests.kernel.observe.waiting import wait_until

TOKEN = "correct horse battery staple"


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].rpartition(":")[2]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:9080",
        "localhost",
        "LOCALHOST:1",
        "mock.localhost",
        "[::1]:9080",
        "10.1.2.3",
    ],
)
def test_addresses_and_names_of_this_machine_are_answered(shared: Admin, host: str) -> None:
    assert shared.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:9080", "127.0.0.1.evil.example", "localhost.evil.example", "",
     "a@127.0.0.1", "127.0.0.1/", "127.0.0.1:x", "[::1", "127.0.0.1?x"],
)  # fmt: skip
def test_other_names_are_refused_so_that_no_name_can_be_led_here(shared: Admin, host: str) -> None:
    assert code(shared.get("/health", headers={"Host": host})) == (403, "foreign-host")


@pytest.mark.shows("admin.hosts")
def test_names_are_allowed_by_the_settings() -> None:
    with admin(hosts=["mock.example"]) as running:
        assert running.get("/health", headers={"Host": "Mock.Example:80"}).status_code == 200
        assert running.get("/health", headers={"Host": "other.example"}).status_code == 403
    with admin(hosts=["*"]) as running:
        assert running.get("/health", headers={"Host": "other.example"}).status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT"])
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"]
)
def test_pages_of_other_origins_are_refused(shared: Admin, method: str, origin: str) -> None:
    answer = shared.ask(method, "/logs", headers={"Origin": origin})
    assert code(answer) == (403, "foreign-origin")


def test_our_own_pages_are_let_in(shared: Admin) -> None:
    assert shared.get("/health", headers={"Origin": shared.address}).status_code == 200


def test_what_other_sites_fetch_is_refused_and_links_are_not(shared: Admin) -> None:
    cross = {"Sec-Fetch-Site": "cross-site"}
    fetched = shared.get("/health", headers={**cross, "Sec-Fetch-Mode": "no-cors"})
    assert code(fetched) == (403, "foreign-origin")
    assert shared.get("/health", headers={**cross, "Sec-Fetch-Mode": "navigate"}).status_code == 200


@pytest.mark.shows("admin.token")
def test_a_token_is_asked_for_where_there_is_one() -> None:
    with admin(token=TOKEN) as running:
        missing = running.get("/health")
        assert code(missing) == (401, "token-needed")
        assert missing.headers["WWW-Authenticate"] == "Bearer"
        for wrong in ("Bearer nonsense", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \xff"):
            given = {"Authorization": wrong.encode("latin-1")}
            assert code(running.get("/health", headers=given)) == (401, "wrong-token")
        for right in (f"Bearer {TOKEN}", f"bearer  {TOKEN}"):
            assert running.get("/health", headers={"Authorization": right}).status_code == 200
        assert running.client.get("/metrics").status_code == 401
        assert running.get("/health/live").status_code == 200
        shown = running.get("/config", headers={"Authorization": f"Bearer {TOKEN}"})
        assert shown.json()["settings"]["admin.token"]["value"] == "********"
        assert TOKEN not in shown.text


@pytest.mark.shows("admin.host", "--admin-host")
def test_it_does_not_start_where_others_could_reach_it_without_a_token() -> None:
    with pytest.raises(StartError, match=r"asks for no token") as raised, admin(host="0.0.0.0"):
        pass
    assert "admin.token" in str(raised.value.hint)
    with admin(host="0.0.0.0", token=TOKEN) as running:
        port = running.address.rpartition(":")[2]
        url = f"http://127.0.0.1:{port}/__mockforge/health"
        assert httpx.get(url, timeout=60).status_code == 401


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.1", "example.com"])
def test_addresses_that_others_reach_are_known(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(StartError):
        check_exposure(AdminConfig(host=host))
    check_exposure(AdminConfig(host=host, token=TOKEN))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost", "unix:/run/x.sock"])
def test_loopback_needs_no_token(host: str) -> None:
    assert is_loopback(host)
    check_exposure(AdminConfig(host=host))


@pytest.mark.shows("admin.session")
def test_a_login_holds_as_long_as_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(AdminConfig(token=TOKEN))
    assert gate.sessions is not None
    assert gate.sessions.seconds == 12 * 3600
    cookie = gate.sessions.begin()
    headers = {"Host": "127.0.0.1"}
    assert gate.check("/", headers, cookie=cookie) is None
    now = time.time()
    monkeypatch.setattr("mockforge_admin.gate.sessions.time", lambda: now + 12 * 3600 + 2)
    refusal = gate.check("/", headers, cookie=cookie)
    assert refusal is not None
    assert refusal.status == 401


def test_a_changed_token_counts_from_the_reload_on(tmp_path: Path) -> None:
    settings = tmp_path / "settings.yaml"
    settings.write_text(f"admin: {{enabled: true, port: 0, token: {TOKEN}}}\n")
    with serving(tmp_path, "--config", "settings.yaml", "--only", "http,admin") as running:
        live = f"{running.ready['admin']}/__mockforge/health"

        def status(token: str) -> int:
            given = {"Authorization": f"Bearer {token}"}
            return httpx.get(live, headers=given, timeout=60).status_code

        assert (status(TOKEN), status(TOKEN[::-1])) == (200, 401)
        settings.write_text(f"admin: {{enabled: true, port: 0, token: {TOKEN[::-1]}}}\n")
        running.reload()
        wait_until(lambda: status(TOKEN[::-1]) == 200)
        assert status(TOKEN) == 401


@pytest.mark.parametrize("cookie", ["", ".", "x.y", "99999999999.", "99999999999.0000", "é.é"])
def test_cookies_that_nobody_was_given_do_not_hold(cookie: str) -> None:
    assert not Sessions(TOKEN, 60).holds(cookie)


def test_a_cookie_of_another_token_or_time_does_not_hold() -> None:
    cookie = Sessions(TOKEN, 60).begin()
    assert Sessions(TOKEN, 60).holds(cookie)
    assert not Sessions("another token, as long", 60).holds(cookie)
    until, _, signature = cookie.partition(".")
    assert not Sessions(TOKEN, 60).holds(f"{int(until) + 1}.{signature}")


@pytest.mark.parametrize(
    ("text", "name"),
    [("a.b:1", "a.b"), ("A.", "a"), ("[::1]:1", "::1"), ("a/b", None), ("a:b", None), ("u@a", None),
     ("", None)],
)  # fmt: skip
def test_the_name_in_a_host_field(text: str, name: str | None) -> None:
    assert host_name(text) == name


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [("http://a:1", "a:1", True), ("http://a", "a:80", True), ("http://a:80", "a", True),
     ("https://a", "a", False),
     ("http://a:2", "a:1", False), ("http://A", "a", True), ("null", "a", False), ("http://a:x", "a", False)],
)  # fmt: skip
def test_origins_are_compared_by_scheme_name_and_port(origin: str, host: str, same: bool) -> None:
    assert same_origin(origin, host, "http") is same
