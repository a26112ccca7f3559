"""One document from start to end: serve it, call every operation, judge the answers."""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .client import Client, Reply, TransportError
from .document import Document
from .excuses import Excuses
from .judge import Judge
from .model import Operation
from .node import DanglingError
from .problems import Problem
from .report import Outcome, Report, Totals
from .request import Call, RequestMaker
from .schemas import Schemas
from .serving import MOCKFORGE, NotStartedError, ServerProcess
from .values import UnmakeableError

_MOST_STARTS = 10
"""A server that ends under a request is started again for the next operation, so often."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to walk."""

    server: str = MOCKFORGE
    base_path: bool = True
    """Put the path of the document's server before each path."""
    repeat: bool = False
    """Send every request twice and expect the same answer."""
    full: bool = False
    """Send optional parameters and properties too."""
    only: re.Pattern[str] | None = None
    """Operations (``GET /pets``) to call."""
    environment: Mapping[str, str] = field(default_factory=dict)
    root: Path | None = None
    """The folder that the files of a document lie in, where that is not the document's own."""


class Walk:
    """The walk through one document."""

    def __init__(self, path: Path, name: str, options: Options, report: Report) -> None:
        self.name = name
        self.options = options
        self.report = report
        self.path = path
        self.totals = Totals()
        self.slowest = 0.0
        self._lost = False
        self.document = Document(path)
        schemas = Schemas(self.document.store, self.document.dialect)
        self.maker = RequestMaker(schemas, full=options.full)
        self.judge = Judge(schemas)
        self.excuses = Excuses(schemas, self.judge)

    def operations(self) -> list[Operation]:
        """Those that are to be called."""
        only = self.options.only
        found = [one for one in self.document.operations if only is None or only.search(one.label)]
        if not self.options.base_path:
            for operation in found:
                operation.base = ""
        return found

    def run(self) -> Totals:
        """Serve, call, judge, report."""
        waiting = self.operations()
        ready = rss = 0.0
        starts = 0
        while waiting or not starts:
            starts += 1
            try:
                server = ServerProcess(
                    self.options.server,
                    self.path,
                    root=self.options.root,
                    environment=self.options.environment,
                )
            except NotStartedError as error:
                self._give_up(waiting, f"the server did not start: {error}")
                break
            with server:
                waiting = self._call(waiting, server)
                ready, rss = ready or server.ready_seconds, server.rss()
            if starts == _MOST_STARTS and waiting:
                self._give_up(waiting, f"the server ended {starts} times")
                break
        self.report.document(self.name, self.totals, ready, self.slowest, int(rss))
        return self.totals

    def _call(self, operations: list[Operation], server: ServerProcess) -> list[Operation]:
        """Call operations in turn; those left where the server ended meanwhile."""
        client = Client("127.0.0.1", server.port)
        try:
            for number, operation in enumerate(operations, 1):
                self._count(operation, *self.outcome(operation, client))
                if self._lost:
                    # The connection may break a moment before the process is gone.
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        server.process.wait(1)
                if server.process.poll() is not None:
                    return operations[number:]
        finally:
            client.close()
        return []

    def _give_up(self, operations: list[Operation], why: str) -> None:
        self.totals.failed += len(operations)
        self.report.broken = True
        self.report.operation(self.name, f"{len(operations)} operations", "failed", why)

    def outcome(self, operation: Operation, client: Client) -> tuple[Outcome, str]:
        """Call one operation: its outcome and why."""
        try:
            call = self.maker.make(operation)
        except DanglingError as error:
            return "listed", str(error)
        except UnmakeableError as error:
            reason = self.excuses.for_request(operation)
            if reason is not None:
                return "listed", reason
            return "failed", f"the walk could not make a request: {error}"
        reply: Reply | None = None
        self._lost = False
        try:
            reply = client.send(call)
            self.slowest = max(self.slowest, reply.seconds)
            problems = self.judge.problems(operation, reply)
            if not problems and self.options.repeat:
                problems = _difference(reply, client.send(call))
        except TransportError as error:
            self._lost = True
            problems = [Problem("transport", str(error))]
        if not problems:
            return "valid", ""
        reason = self.excuses.for_answer(operation, reply, problems)
        if reason is not None:
            return "listed", reason
        return "failed", "; ".join(problem.message for problem in problems) + _sent(call)

    def _count(self, operation: Operation, outcome: Outcome, why: str) -> None:
        setattr(self.totals, outcome, getattr(self.totals, outcome) + 1)
        self.report.operation(self.name, operation.label, outcome, why)


def _difference(first: Reply, second: Reply) -> list[Problem]:
    """What a repeated request was answered otherwise."""
    if first.status != second.status:
        return [Problem("status", f"repeated: status {first.status}, then {second.status}")]
    if first.header("content-type") != second.header("content-type"):
        return [Problem("media", "repeated: another Content-Type")]
    if first.body != second.body:
        return [Problem("body", "repeated: another body")]
    return []


def _sent(call: Call) -> str:
    body = f" {call.body[:80]!r}" if call.body else ""
    return f" [sent {call.method} {call.target}{body}]"
