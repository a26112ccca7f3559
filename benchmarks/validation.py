"""What checking a request costs: the mode ``--validation`` of :mod:`benchmarks.http`."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median
from typing import Any

from tests.conformance.walk.serving import ServerProcess

from . import rivals
from .load import Load, LoadError, ratio, run
from .rivals import DOCUMENTS, Rival
from .verdicts import Report, megabytes

LEAST_RATIO = {"enforce, valid": 0.15, "enforce, rejected": 0.10}
"""Least throughput of a POST of 1 KB against the floor's."""
BODY_BYTES = 1024
TARGET = "/customers/1/orders"
_ANEW = ", each another"
"""Ends the names of loads whose bodies differ."""
_MODES = ("off", "warn", "enforce")


def body(*, valid: bool) -> bytes:
    """An order of :data:`BODY_BYTES` bytes; one that is not valid has two mistakes."""
    items: list[dict[str, Any]] = [
        {"sku": f"ABC-{number:04}", "quantity": number, "price": 9.5 * number, "gift": True}
        for number in range(1, 11)
    ]
    order: dict[str, Any] = {
        "reference": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "placed": "2026-01-15T10:30:00Z",
        "email": "rex@example.com",
        "priority": "normal",
        "items": items,
    }
    if not valid:
        items[4]["quantity"] = 1000
        order["priority"] = "urgent"
    order["note"] = ""
    order["note"] = "n" * (BODY_BYTES - len(_written(order)))
    return _written(order)


def _written(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def script(content: bytes) -> str:
    """A POST of ``content`` as Lua for wrk."""
    return (
        'wrk.method = "POST"\n'
        'wrk.headers["Content-Type"] = "application/json"\n'
        f"wrk.body = [==[{content.decode()}]==]\n"
    )


def varied(content: bytes, number: int = 500) -> str:
    """POSTs of so many bodies in turn, each with another note, as Lua for wrk."""
    start, end = content.decode().split('"note":"')
    return (
        f"{script(content)}"
        "local requests, at = {}, 0\n"
        "function init()\n"
        f"  for i = 1, {number} do\n"
        f"    local note = string.format('%08d', i) .. [==[{end[8:]}]==]\n"
        f'    requests[i] = wrk.format(nil, nil, nil, [==[{start}"note":"]==] .. note)\n'
        "  end\n"
        "end\n"
        f"function request() at = at % {number} + 1; return requests[at] end\n"
    )


def validation(report: Report, seconds: float, rounds: int) -> None:
    """A POST of 1 KB with validation off, warning and enforcing, valid and not."""
    contenders = _contenders()
    with ExitStack() as stack:
        running: dict[Rival, ServerProcess] = {}
        for rival in dict.fromkeys(rival for _, rival, _, _ in contenders):
            running[rival] = stack.enter_context(rival.start())
        loads: dict[str, list[Load]] = {name: [] for name, *_ in contenders}
        for name, rival, content, expected in contenders:
            _expect(name, _url(running[rival]), content, expected)
            run(_url(running[rival]), 1, script=script(content), refused=expected >= 400)
        for _ in range(rounds):
            for name, rival, content, expected in contenders:
                written = varied(content) if name.endswith(_ANEW) else script(content)
                load = run(_url(running[rival]), seconds, script=written, refused=expected >= 400)
                loads[name].append(load)
        for name, rival, *_ in contenders:
            _report(report, name, loads[name], loads["floor"], running[rival].rss())
    for name, least in LEAST_RATIO.items():
        found = ratio(loads[name], loads["floor"])
        report.verdict(
            f"{name}: at least {least:.2f} of the floor",
            holds=found >= least,
            measured=f"{found:.2f}",
        )


def _contenders() -> Sequence[tuple[str, Rival, bytes, int]]:
    """Names, servers, bodies and the statuses that they are answered with; servers come again."""
    good, bad = body(valid=True), body(valid=False)
    found: list[tuple[str, Rival, bytes, int]] = [("floor", rivals.floor(), good, 200)]
    for mode in _MODES:
        rival = rivals.mock(
            f"validation {mode}", DOCUMENTS / "orders.yaml", TARGET, "--validation", mode
        )
        found.append((f"{mode}, valid", rival, good, 201))
        if mode != "off":
            refused = mode == "enforce"
            name = "rejected" if refused else "not valid"
            found.append((f"{mode}, {name}", rival, bad, 422 if refused else 201))
        if mode == "enforce":
            found.append((f"{mode}, valid{_ANEW}", rival, good, 201))
            found.append((f"{mode}, rejected{_ANEW}", rival, bad, 422))
    return found


def _url(server: ServerProcess) -> str:
    return f"http://127.0.0.1:{server.port}{TARGET}"


def _expect(name: str, url: str, content: bytes, expected: int) -> None:
    """One request, so that nothing else is measured than what is meant."""
    request = urllib.request.Request(  # noqa: S310  # loopback
        url, content, {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310  # loopback
            status = response.status
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
    if status != expected:
        raise LoadError(f"{name}: answered {status}, expected {expected}")


def _report(
    report: Report, name: str, loads: Sequence[Load], floor: Sequence[Load], rss: int
) -> None:
    rate, against = median(load.rate for load in loads), ratio(loads, floor)
    p50, p99 = median(load.p50 for load in loads), median(load.p99 for load in loads)
    report.figure(
        name,
        {"rate": rate, "ratio": against, "p50_ms": p50, "p99_ms": p99, "rss": rss},
        f"{name:31} {rate:10,.0f} req/s  {against:5.2f} of the floor  "
        f"p50 {p50:7.2f} ms  p99 {p99:7.2f} ms  RSS {megabytes(rss)}",
    )
