"""The plugin contract, whole: every hook MockForge calls, when, and what it does with the result.

A plugin is a module (or object) named by an entry point in the group ``mockforge``; it implements any
of these functions, each marked with :data:`mockforge.hookimpl`. Names are
``mockforge_<verb>_<noun>``. Three kinds:

* *collect* (``mockforge_register_*``, ``mockforge_report_*``, ``mockforge_lint_file``): every plugin's
  result is used. Results that are classes carry their contract in :mod:`mockforge.contracts`.
* *notify* (``mockforge_log_request``, ``mockforge_startup``, ``mockforge_shutdown``): nothing is
  returned.
* *chain* (``mockforge_transform_response``): called in order, each sees what the one before made.

Rules for all: importing the plugin's module must be cheap (import heavy libraries where they are
used); a hook that raises is reported (``mockforge plugins``, the log) and never takes the host down.
Hooks are resolved once, at start and at each reload: one that nobody implements costs nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    import click

    from mockforge.contracts import (
        AdminPanel,
        ConfigSection,
        CustomPredicate,
        FixtureLoader,
        Importer,
        ProtocolServer,
        Recording,
        Responder,
        StateBackend,
        TemplateFunction,
    )
    from mockforge.findings import Finding
    from mockforge.kernel import Kernel
    from mockforge.mocking.exchange import Exchange, Response
    from mockforge.observe.journal import JournalEntry

PROJECT = "mockforge"

hookspec = pluggy.HookspecMarker(PROJECT)


# ------------------------------------------------------------------ registration


@hookspec
def mockforge_register_config() -> Iterable[ConfigSection]:  # type: ignore[empty-body]
    """Announce sections of the settings.

    Collect; called once before the settings are read. Each section becomes a key of the file,
    ``MOCKFORGE_<SECTION>__<KEY>`` in the environment, flags of ``serve``, and a part of
    ``mockforge config schema``.
    """


@hookspec
def mockforge_register_protocols() -> Iterable[type[ProtocolServer]]:  # type: ignore[empty-body]
    """Announce protocol servers.

    Collect; called by ``serve``, maybe more than once. Each class is instantiated once with the
    kernel.
    """


@hookspec
def mockforge_register_responders() -> Iterable[Responder]:  # type: ignore[empty-body]
    """Contribute answers to a protocol.

    Collect; called at start and reload. Responders of one protocol are asked by ascending priority.
    """


@hookspec
def mockforge_register_fixture_loaders() -> Iterable[FixtureLoader]:  # type: ignore[empty-body]
    """Contribute readers for fixture files by file ending.

    Collect; called at start and reload. A plugin's loader wins over a built-in one for the same
    ending.
    """


@hookspec
def mockforge_register_state_stores() -> Iterable[StateBackend]:  # type: ignore[empty-body]
    """Contribute places to keep scenarios, resources and values, by name.

    Collect; called once, when the first protocol asks for the state and ``core.state.store`` names
    another store than the built-in ``memory``.
    """


@hookspec
def mockforge_register_predicates() -> Iterable[CustomPredicate]:  # type: ignore[empty-body]
    """Contribute predicates to the language of stubs.

    Collect; called at start and reload, before stubs are read. A name that is taken, by a built-in
    predicate or by a plugin before, is refused.
    """


@hookspec
def mockforge_register_template_functions() -> Iterable[TemplateFunction]:  # type: ignore[empty-body]
    """Contribute functions and filters to the language of templates.

    Collect; called at start and reload, before stubs are read. A name that is taken, by a built-in
    function or by a plugin before, is refused.
    """


@hookspec
def mockforge_register_importers() -> Iterable[Importer]:  # type: ignore[empty-body]
    """Contribute formats to ``mockforge import``.

    Collect; called by that command. A name that a plugin before has taken is refused.
    """


@hookspec
def mockforge_register_recordings() -> Iterable[Recording]:  # type: ignore[empty-body]
    """Say how ``mockforge record`` records servers with other schemes.

    Collect; called by that command. A scheme that a plugin before has taken is refused.
    """


@hookspec
def mockforge_register_commands() -> Iterable[click.Command]:  # type: ignore[empty-body]
    """Add commands to ``mockforge``.

    Collect; called when the command line is read and the command is not a built-in one.
    """


@hookspec
def mockforge_register_admin_panels() -> Iterable[AdminPanel]:  # type: ignore[empty-body]
    """Add pages to the admin.

    Collect; called when the admin is first looked at, and after each reload. A name that a plugin before
    has taken is refused.
    """


# ------------------------------------------------------------------ per request


@hookspec
def mockforge_transform_response(
    exchange: Exchange,
) -> Response | Awaitable[Response | None] | None:
    """Change an answer before it is sent.

    Chain, in plugin name order (``tryfirst``/``trylast`` respected). ``exchange.response`` is the
    answer so far: return a new one (``exchange.response.replace(...)``) or ``None`` to keep it. May
    be async; then every answer waits for it. A transformer that raises is logged, noted in
    ``exchange.error``, and skipped.
    """


@hookspec
def mockforge_log_request(entry: JournalEntry) -> None:
    """See each finished exchange.

    Notify; called after the answer was sent, off the request's path: entries wait in a bounded
    queue (``core.log_queue``), and what does not fit is dropped and counted.
    """


# ------------------------------------------------------------------ life cycle and observation


@hookspec
def mockforge_startup(kernel: Kernel) -> Awaitable[None] | None:
    """The settings are read, no server is made yet.

    Notify; may be async. A plugin that raises here takes no further part (state ``failed``).
    """


@hookspec
def mockforge_shutdown(kernel: Kernel) -> Awaitable[None] | None:
    """All servers have drained.

    Notify; may be async. Also called when the start failed after ``mockforge_startup``.
    """


@hookspec
def mockforge_report_memory() -> Mapping[str, int]:  # type: ignore[empty-body]
    """Say what is held: bytes by component name (``http.documents`` ...).

    Collect; called when a memory report is asked for.
    """


@hookspec
def mockforge_lint_file(path: Path, fast: bool) -> Iterable[Finding] | None:
    """Check a file that ``mockforge lint`` was given; ``fast`` (``--fast``) asks to leave out what is slow.

    Collect; return ``None`` if the file is not of a kind this plugin knows, an empty iterable if it
    is and nothing is wrong. A generator is printed as it goes. What takes long can say how far it is
    with :func:`mockforge.progress.note`.
    """


@hookspec
def mockforge_register_lint_kinds() -> Iterable[str]:  # type: ignore[empty-body]
    """Name the kinds of files that ``mockforge_lint_file`` of this plugin knows, each in a few words
    (``OpenAPI documents (2.0 to 3.2)``).

    Collect; called when ``mockforge lint`` was given a file that no plugin knows.
    """
