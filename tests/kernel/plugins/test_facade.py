"""Calling hooks: order, isolation of what raises, and the tuples of the request path."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any, cast

import anyio
import msgspec
import pytest

from mockforge import hookimpl
from mockforge.contracts import ConfigSection, Fixture, FixtureLoader, Responder
from mockforge.findings import Finding
from mockforge.mocking.exchange import Exchange, Request, Response
from mockforge.plugins import PluginInfo, Plugins, load_plugins
from mockforge.plugins.record import MAX_PROBLEMS
from mockforge.plugins.settings import settings_model


def plugins_of(**objects: object) -> Plugins:
    return load_plugins(extra=objects, entry_points=())


def row_of(plugins: Plugins, name: str) -> PluginInfo:
    row = plugins.get(name)
    assert row is not None
    return row


class Raising:
    @hookimpl
    def mockforge_register_config(self) -> list[ConfigSection]:
        raise ValueError("config")

    @hookimpl
    def mockforge_report_memory(self) -> dict[str, int]:
        raise ValueError("memory")

    @hookimpl
    def mockforge_register_responders(self) -> Any:
        yield Low()
        raise ValueError("half-way")

    @hookimpl
    def mockforge_lint_file(self, path: Path) -> None:
        raise ValueError("lint")

    @hookimpl
    def mockforge_shutdown(self) -> None:
        raise ValueError("shutdown")


class Low(Responder):
    priority = 10

    def respond(self, exchange: Exchange) -> None:
        return None


class High(Responder):
    priority = 400

    def respond(self, exchange: Exchange) -> None:
        return None


class One(msgspec.Struct):
    pass


class Tsv(FixtureLoader):
    suffixes = (".tsv",)

    def load(self, path: Path, content: bytes) -> Fixture:
        return Fixture(None, "text/plain", content)


class Good:
    @hookimpl
    def mockforge_register_config(self) -> list[ConfigSection]:
        return [ConfigSection("one", One)]

    @hookimpl
    def mockforge_report_memory(self) -> dict[str, int]:
        return {"a.b": 3, "c": 4}

    @hookimpl
    def mockforge_register_responders(self) -> list[Responder]:
        return [High(), Low()]

    @hookimpl
    def mockforge_register_fixture_loaders(self) -> list[FixtureLoader]:
        return [Tsv()]

    @hookimpl
    def mockforge_register_lint_kinds(self) -> list[str]:
        return ["text files"]

    @hookimpl
    def mockforge_lint_file(self, path: Path) -> list[Finding] | None:
        return [Finding("good.one", "odd")] if path.suffix == ".txt" else None


def test_a_plugin_that_raises_loses_nobody_elses_result() -> None:
    plugins = plugins_of(a_raising=Raising(), good=Good(), z_raising=Raising())
    assert [section.name for section in plugins.config_sections()] == ["one"]
    assert plugins.memory_report() == {"a.b": 3, "c": 4}
    assert [type(item) for item in plugins.responders()] == [Low, High]
    assert [type(item) for item in plugins.fixture_loaders()] == [Tsv]
    row = row_of(plugins, "a_raising")
    assert row.state == "loaded"
    assert {problem.hook for problem in row.problems} == {
        "mockforge_register_config",
        "mockforge_report_memory",
        "mockforge_register_responders",
    }
    assert any("test_facade.py:" in problem.message for problem in row.problems)
    assert row_of(plugins, "good").failures == 0


def test_equal_memory_components_of_two_plugins_are_added() -> None:
    assert plugins_of(x=Good(), y=Good()).memory_report() == {"a.b": 6, "c": 8}


def test_the_first_to_claim_a_config_section_keeps_it() -> None:
    plugins = plugins_of(x=Good(), y=Good())
    assert len(plugins.config_sections()) == 1
    assert "section one is taken" in row_of(plugins, "y").problems[0].message


def test_an_item_of_the_wrong_kind_is_refused_and_the_rest_kept() -> None:
    class Mixed:
        @hookimpl
        def mockforge_register_responders(self) -> list[object]:
            return [Low(), "not a responder", High]

    plugins = plugins_of(mixed=Mixed())
    assert [type(item) for item in plugins.responders()] == [Low]
    assert row_of(plugins, "mixed").failures == 2


def test_commands_keep_the_first_of_a_name() -> None:
    import click

    class Commands:
        @hookimpl
        def mockforge_register_commands(self) -> list[object]:
            return [click.Command("greet"), 5]

    plugins = plugins_of(a=Commands(), b=Commands())
    assert list(plugins.commands()) == ["greet"]
    assert row_of(plugins, "b").failures == 2


def test_a_file_that_no_plugin_knows_is_not_linted() -> None:
    plugins = plugins_of(good=Good())
    assert plugins.lint_file(Path("x.bin")) is None
    assert plugins.lint_kinds() == ["text files"]
    findings = plugins.lint_file(Path("x.txt"))
    assert findings is not None
    assert [finding.code for finding in findings] == ["good.one"]


def test_a_lint_that_raises_is_a_finding_not_a_pass() -> None:
    class HalfWay:
        @hookimpl
        def mockforge_lint_file(self, path: Path) -> Any:
            yield Finding("half.one", "first")
            raise ValueError("stumbled")

    findings = plugins_of(half=HalfWay(), raising=Raising()).lint_file(Path("x.txt"))
    assert findings is not None
    assert [finding.code for finding in findings] == [
        "half.one",
        "plugin.failed",
        "plugin.failed",
    ]


class Named:
    """Adds its letter to a header of the response."""

    def __init__(self, letter: str) -> None:
        self.letter = letter

    def change(self, exchange: Exchange) -> Response:
        assert exchange.response is not None
        trail = exchange.response.header("Trail")
        return exchange.response.with_header("Trail", trail + self.letter)


class Plain(Named):
    @hookimpl
    def mockforge_transform_response(self, exchange: Exchange) -> Response:
        return self.change(exchange)


class First(Named):
    @hookimpl(tryfirst=True)
    def mockforge_transform_response(self, exchange: Exchange) -> Response:
        return self.change(exchange)


class Last(Named):
    @hookimpl(trylast=True)
    def mockforge_transform_response(self, exchange: Exchange) -> Response:
        return self.change(exchange)


def test_transformers_come_in_name_order_with_tryfirst_and_trylast_respected() -> None:
    plugins = plugins_of(c=First("c"), d=Plain("d"), b=Plain("b"), a=Last("a"))
    exchange = Exchange(Request("GET", "/", []))
    exchange.response = Response(200)
    for transform in plugins.response_transformers():
        exchange.response = cast("Response", transform(exchange))
    assert exchange.response.header("Trail") == "cbda"


def test_the_per_request_tuples_are_resolved_once_and_empty_without_implementations() -> None:
    plugins = plugins_of(b=Plain("b"))
    assert plugins.response_transformers() is plugins.response_transformers()
    assert plugins.request_loggers() == ()


def test_a_failure_on_the_request_path_is_booked_on_its_plugin_and_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Bad:
        @hookimpl
        def mockforge_transform_response(self) -> None:
            raise ValueError("no")

    plugins = plugins_of(bad=Bad())
    (transform,) = plugins.response_transformers()
    caplog.set_level(logging.ERROR, "mockforge.plugins")
    for _ in range(1000):
        with pytest.raises(ValueError, match="no") as caught:
            transform(Exchange(Request("GET", "/", [])))
        line = plugins.note_failure(transform, caught.value)
    assert line.startswith("plugin bad: mockforge_transform_response raised ValueError: no (")
    row = row_of(plugins, "bad")
    assert row.failures == 1000
    assert row.problems[0].count == 1000
    # With traceback at the first, then at 10, 100 and 1000.
    assert len(caplog.records) == 4


def test_distinct_problems_kept_of_one_plugin_are_bounded() -> None:
    row = PluginInfo(name="x", state="loaded")
    for number in range(MAX_PROBLEMS * 5):
        row.note("mockforge_log_request", ValueError(str(number)))
    assert len(row.problems) == MAX_PROBLEMS
    assert row.failures == MAX_PROBLEMS * 5


def test_startup_and_shutdown_may_be_async_and_one_that_raises_takes_no_further_part() -> None:
    seen: list[str] = []

    class Async:
        @hookimpl
        async def mockforge_startup(self, kernel: object) -> None:
            await anyio.lowlevel.checkpoint()
            seen.append(f"up {kernel}")

        @hookimpl
        async def mockforge_shutdown(self) -> None:
            seen.append("down")

    class Broken(Plain):
        @hookimpl
        def mockforge_startup(self) -> None:
            raise OSError("no disk")

        @hookimpl
        def mockforge_shutdown(self) -> None:
            seen.append("never")

    plugins = plugins_of(a=Broken("x"), b=Async(), c=Raising())
    assert len(plugins.response_transformers()) == 1
    kernel: Any = "kernel"

    async def life() -> None:
        await plugins.startup(kernel)
        await plugins.shutdown(kernel)

    anyio.run(life)
    assert seen == ["up kernel", "down"]
    assert row_of(plugins, "a").state == "failed"
    assert "OSError: no disk" in (row_of(plugins, "a").reason or "")
    assert plugins.response_transformers() == ()
    assert row_of(plugins, "c").failures == 1


class Entry:
    """Stands for a journal entry; loggers here only look at one attribute."""

    path = "/x"


def test_a_request_logger_that_raises_is_booked_and_raised_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Bad:
        @hookimpl
        def mockforge_log_request(self, entry: Any) -> None:
            raise ValueError(entry.path)

    plugins = plugins_of(bad=Bad())
    (logger,) = plugins.request_loggers()
    with pytest.raises(ValueError, match="/x"):
        logger(cast("Any", Entry()))
    assert logger.name == "plugin bad"
    assert row_of(plugins, "bad").failures == 1
    assert caplog.records == []  # the dispatcher reports it


def test_a_request_logger_is_the_same_after_it_was_resolved_again() -> None:
    class Fine:
        @hookimpl
        def mockforge_log_request(self, entry: Any) -> None:
            return None

    plugins = plugins_of(fine=Fine())
    before = plugins.request_loggers()
    plugins.resolve()
    assert plugins.request_loggers() == before
    assert hash(plugins.request_loggers()[0]) == hash(before[0])


class Unusable(msgspec.Struct):
    callback: object = object()
    port: int = 1


def test_a_plugin_whose_settings_cannot_be_is_failed_and_the_others_keep_theirs() -> None:
    class Odd(Plain):
        @hookimpl
        def mockforge_register_config(self) -> list[ConfigSection]:
            return [ConfigSection("Not A Name", Unusable)]

    plugins = plugins_of(good=Good(), odd=Odd("x"))
    model = settings_model(plugins)
    assert "one" in model.sections
    row = row_of(plugins, "odd")
    assert row.state == "failed"
    assert "its settings cannot be used: 'Not A Name'" in (row.reason or "")
    assert plugins.response_transformers() == ()


def test_settings_whose_types_are_not_there_fail_their_plugin_alone() -> None:
    class Unresolved(msgspec.Struct):
        port: NotImported = 1  # type: ignore[name-defined]  # noqa: F821 - the point

    class Odd:
        @hookimpl
        def mockforge_register_config(self) -> list[ConfigSection]:
            return [ConfigSection("first", Unresolved), ConfigSection("second", Unresolved)]

    plugins = plugins_of(good=Good(), odd=Odd())
    assert "one" in settings_model(plugins).sections
    row = row_of(plugins, "odd")
    assert row.state == "failed"
    assert "NotImported" in (row.reason or "")


def test_a_flag_that_mockforges_own_plugin_has_cannot_be_taken_by_another() -> None:
    class Flagged(msgspec.Struct):
        port: Annotated[int, msgspec.Meta(extra={"flag": "--http-port"})] = 1

    class Text(msgspec.Struct):
        port: Annotated[str, msgspec.Meta(extra={"flag": "--http-port"})] = ""

    class Ours:
        @hookimpl
        def mockforge_register_config(self) -> list[ConfigSection]:
            return [ConfigSection("http", Flagged)]

    class Theirs:
        @hookimpl
        def mockforge_register_config(self) -> list[ConfigSection]:
            return [ConfigSection("early", Text)]

    plugins = plugins_of(early=Theirs(), http=Ours())
    model = settings_model(plugins)
    assert row_of(plugins, "http").state == "loaded"
    assert row_of(plugins, "early").state == "failed"
    assert "early" in model.absent


def test_sections_of_plugins_that_are_not_loaded_may_stand_in_the_file() -> None:
    plugins = plugins_of(good=Good(), odd=object())
    assert row_of(plugins, "odd").state == "failed"
    assert "odd" in settings_model(plugins).absent
