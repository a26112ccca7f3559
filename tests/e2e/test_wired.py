"""Everything there is has a test that shows it from outside, and a line in the docs.

A test claims what it shows with ``@pytest.mark.shows("http.max_body", "--seed", ...)``; see
``tests/e2e/wired/names.py`` for how names are spelt.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Annotated, get_args

import msgspec
import pytest
from msgspec import Meta

from mockforge.config import SettingsModel
from mockforge.contracts import ConfigSection
from mockforge.observe.metrics import MetricSpec
from tests.e2e.wired.claims import Claim, claims_below
from tests.e2e.wired.names import (
    Kind,
    Name,
    all_names,
    components,
    flags,
    hooks,
    metric_specs,
    settings,
)
from tests.e2e.wired.pages import Pages, signature

ROOT = Path(__file__).resolve().parents[2]
NAMES = all_names()
CLAIMS = claims_below(ROOT / "tests", ROOT)
PAGES = Pages(ROOT / "docs")


@pytest.mark.parametrize("kind", get_args(Kind))
def test_everything_is_shown_from_outside_by_a_test(kind: Kind) -> None:
    claimed = {claim.name for claim in CLAIMS.found}
    ours = [name for of, name in NAMES if of == kind]
    assert ours
    missing = [name for name in ours if name not in claimed]
    assert not missing, f"no test claims to show {', '.join(missing)}"


def test_claims_are_about_something_and_stand_on_tests() -> None:
    known = {name for _, name in NAMES}
    assert [claim for claim in CLAIMS.found if claim.name not in known] == []
    assert CLAIMS.misplaced == []


@pytest.mark.parametrize("kind", get_args(Kind))
def test_everything_is_named_in_the_docs(kind: Kind) -> None:
    ours = [name for name in NAMES if name.kind == kind]
    missing = PAGES.lacks(ours, hooks(), metric_specs())
    assert not missing, f"not (or not there) in the docs: {', '.join(missing)}"


def test_the_docs_name_nothing_that_is_not_there() -> None:
    assert PAGES.strangers(NAMES, components()) == []


# ------------------------------------------------------------------ these tests can fail


class Invented(msgspec.Struct, frozen=True):
    """A section that nobody has."""

    depth: Annotated[int, Meta(description="Depth", extra={"flag": "--depth"})] = 1


def test_an_invented_setting_and_its_flag_are_missed() -> None:
    model = SettingsModel([ConfigSection("invented", Invented)])
    named = [*settings(model), *flags(model)]
    assert Name("setting", "invented.depth") in named
    assert Name("flag", "--depth") in named
    assert {"invented.depth", "--depth"}.isdisjoint(claim.name for claim in CLAIMS.found)
    missing = PAGES.lacks(named, {}, ())
    assert {"invented.depth", "--depth"} <= set(missing)


def test_an_invented_hook_command_and_metric_are_missed() -> None:
    def mockforge_register_moons(size: int) -> None:
        """No such hook."""

    spec = MetricSpec("mockforge_moons_total", "counter", ("name",), "Moons.")
    names = [
        Name("hook", "mockforge_register_moons"),
        Name("metric", spec.name),
        Name("command", "mockforge moon"),
        Name("command", "mockforge lint --moon"),
        Name("variable", "MOCKFORGE_MOON"),
    ]
    assert PAGES.lacks(names, {mockforge_register_moons.__name__: mockforge_register_moons}, [spec]) == [
        name for _, name in names
    ]  # fmt: skip
    assert signature(mockforge_register_moons) == "mockforge_register_moons(size: int) -> None"


def test_a_name_counts_as_documented_only_where_it_belongs(tmp_path: Path) -> None:
    (tmp_path / "configuration.md").write_text(
        dedent("""
        Flags: `--depth-first`. `invented.depth` is deep.

        ## `other`

        | `depth` | integer |

        ## `invented`

        | `depth` | integer | `1` | Depth |
        """)
    )
    (tmp_path / "metrics.md").write_text(
        "\n| `mockforge_moons_total` | counter | `name` | Moons. |\n"
    )
    (tmp_path / "commands.md").write_text(
        "\n## `mockforge lint`\n\n`--format`\n\n## `mockforge moon`\n"
    )
    pages = Pages(tmp_path)
    names = [
        Name("setting", "invented.depth"),
        Name("setting", "invented.width"),
        Name("flag", "--depth"),
        Name("flag", "--depth-first"),
        Name("flag", "--no-depth-first"),
        Name("metric", "mockforge_moons_total"),
        Name("command", "mockforge lint --format"),
        Name("command", "mockforge moon --format"),
        Name("command", "mockforge moon"),
    ]
    spec = MetricSpec("mockforge_moons_total", "counter", ("name",), "Moons.")
    other = MetricSpec("mockforge_moons_total", "counter", ("name", "size"), "Moons.")
    wrong = ["invented.width", "--depth", "mockforge moon --format"]
    assert pages.lacks(names, {}, [spec]) == wrong
    assert pages.lacks(names, {}, [other]) == [*wrong[:2], "mockforge_moons_total", wrong[2]]


def test_what_the_docs_invent_is_found(tmp_path: Path) -> None:
    (tmp_path / "guide.md").write_text(
        "`http.max_moons`, `http.timeouts`, `http.max_body`, `--moon`, `--seed`, MOCKFORGE_MOON,\n"
        "mockforge_register_moons, mockforge_moons_total, mockforge_requests_total, `urn:x`\n"
    )
    assert Pages(tmp_path).strangers(NAMES) == [
        "guide.md: MOCKFORGE_MOON",
        "guide.md: http.max_moons",
        "guide.md: mockforge_moons_total",
        "guide.md: mockforge_register_moons",
        "guide.md: --moon",
    ]


def test_claims_are_read_from_decorators_and_cases_of_tests_alone(tmp_path: Path) -> None:
    (tmp_path / "test_x.py").write_text(
        dedent("""
        import pytest

        @pytest.mark.shows("a", "b")
        @pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.shows("c"))])
        def test_one(x): ...

        @pytest.mark.shows("d")
        def helper(): ...

        WORD = "e"

        @pytest.mark.shows(WORD)
        async def test_two(): ...
        """)
    )
    claims = claims_below(tmp_path, tmp_path)
    test = "test_x.py::test_one"
    assert claims.found == [Claim("a", test), Claim("b", test), Claim("c", test)]
    assert sorted(claims.misplaced) == ["test_x.py:13", "test_x.py:8"]
