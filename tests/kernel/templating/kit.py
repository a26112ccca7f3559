"""Templates rendered against one request, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from mockforge.errors import Place
from mockforge.mocking.data import Dice
from mockforge.mocking.exchange import Request
from mockforge.mocking.templating import TemplateLimits, Templates, request_context

PLACE: Final = Place("stubs.yaml", 3, 5, "response.text")
NOON: Final = 1_767_268_800.0  # 2026-01-01T12:00:00Z
BODY: Final = (
    b'{"name": "Rex", "tags": ["a", "b"], "age": 3, "owner": {"name": "Ada"}, "none": null}'
)
REQUEST: Final = Request(
    "POST",
    "/pets/42?limit=3&tag=x&tag=y&q=a%20b",
    [
        (b"Host", b"pets.example"),
        (b"Content-Type", b"application/json"),
        (b"X-Trace-Id", b"t-1"),
        (b"Cookie", b"session=abc; theme=dark"),
    ],
    BODY,
    client="127.0.0.1:5000",
)


class State:
    """Values by name, as templates are handed it."""

    template_methods = frozenset(("get", "put"))

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def put(self, name: str, value: Any) -> Any:
        self.values[name] = value
        return value

    def clear(self) -> None:
        raise AssertionError("no template may call this")


def made(**options: Any) -> Templates:
    """Templates whose clock stands still, and that no busy machine makes run out of time."""
    patient = {"clock": lambda: NOON, "limits": TemplateLimits(max_time=60)}
    return Templates(**{**patient, **options})


SHARED: Final = made()


def context(request: Request = REQUEST) -> dict[str, Any]:
    """What the templates of these tests see."""
    return {**request_context(request, path={"petId": "42"}), "state": State()}


def render(
    source: str,
    templates: Templates = SHARED,
    *,
    seed: int = 1,
    within: Mapping[str, Any] | None = None,
) -> str:
    """The text that ``source`` makes."""
    template = templates.compile(source, place=PLACE)
    return template.render(context() if within is None else within, Dice(seed))


def render_value(value: Any, templates: Templates = SHARED, *, seed: int = 1) -> Any:
    """The value that ``value`` makes."""
    return templates.compile_value(value, place=PLACE).render(context(), Dice(seed))


def limited(**limits: Any) -> Callable[[str], str]:
    """A :func:`render` under limits of its own."""
    templates = made(limits=TemplateLimits(**{"max_time": 60, **limits}))
    return lambda source: render(source, templates)
