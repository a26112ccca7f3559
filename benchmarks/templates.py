"""What a rendered template costs: ``python -m benchmarks.templates``.

Small templates, each with a request of its own, in this process. The threshold is in units of
``sum(range(1000))``, so that it holds on slow and busy machines alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from mockforge.mocking.data import Dice
from mockforge.mocking.exchange import Request
from mockforge.mocking.templating import Templates, request_context

from .command import conclude, options
from .data import best, unit
from .verdicts import Report

TEXTS: Final = {
    "two values": '{"id": "{{ request.path.petId }}", "limit": {{ request.query.limit }}}',
    "a header": "{{ request.headers.host }}",
    "a JSON field": "{{ request.json.name }}",
    "uuid and now": "{{ uuid }} {{ now }}",
    "randInt": "{{ randInt 1 6 }}",
    "a name": "{{ faker.name }}",
    "a loop of ten": "{% for i in range(10) %}{{ i }},{% endfor %}",
}
VALUE: Final = {"id": "{{ request.path.petId }}", "limit": "{{ request.query.limit | int }}"}
UNITS: Final = 1.2
"""Most units (:func:`benchmarks.data.unit`) that a small template with two values of the request may cost."""


def costs() -> dict[str, float]:
    """Microseconds by what is rendered, a new context included."""
    templates = Templates()
    chance = Dice(1)
    headers = [(b"Host", b"localhost"), (b"Content-Type", b"application/json")]
    request = Request("POST", "/pets/42?limit=3", headers, b'{"name": "Rex"}')

    def cost(render: Callable[..., Any]) -> float:
        return best(lambda: render(request_context(request, path={"petId": "42"}), chance))

    found = {name: cost(templates.compile(text).render) for name, text in TEXTS.items()}
    found["a JSON value"] = cost(templates.compile_value(VALUE).render_json)
    return found


def measured(report: Report) -> None:
    """Measure and judge."""
    step = best(unit)
    report.figure("unit_us", step, f"{'the unit':20} {step:6.1f} us")
    found = costs()
    for name, value in found.items():
        report.figure(f"{name.replace(' ', '_')}_us", value, f"{name:20} {value:6.1f} us")
    report.verdict(
        f"a text with two values costs at most {UNITS:g} units",
        holds=found["two values"] <= UNITS * step,
        measured=f"{found['two values'] / step:.2f}",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return the exit code."""
    return conclude(options("templates", __doc__).parse_args(arguments), measured)


if __name__ == "__main__":
    raise SystemExit(main())
