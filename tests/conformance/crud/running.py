"""All sessions of one document through one server, and what is printed of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from tests.conformance.walk.client import Client, TransportError
from tests.conformance.walk.document import Document
from tests.conformance.walk.excuses import Excuses
from tests.conformance.walk.judge import Judge
from tests.conformance.walk.node import DanglingError
from tests.conformance.walk.request import RequestMaker
from tests.conformance.walk.schemas import Schemas
from tests.conformance.walk.serving import NotStartedError, ServerProcess
from tests.conformance.walk.values import UnmakeableError

from .finding import Found, collections
from .session import FailedError, ListedError, Session

MOCKFORGE = (
    "mockforge serve {document} --spec-root {root} --only http --http-port {port} --json --stateful"
)
"""The command of the server that the sessions are for."""

_ENVIRONMENT = {"MOCKFORGE_HTTP__SOURCE_HEADER": "true", "MOCKFORGE_HTTP__CHECK": "never"}
_WIDEST = 400

Outcome = Literal["passed", "listed", "failed"]


class Report:
    """Prints a line for each session that did not pass, and one for each document."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.counts: dict[Outcome, int] = {"passed": 0, "listed": 0, "failed": 0}
        self.documents = 0
        self.quiet = quiet

    def session(self, document: str, path: str, outcome: Outcome, why: str) -> None:
        """One session's outcome."""
        self.counts[outcome] += 1
        if outcome == "failed" or (outcome == "listed" and not self.quiet):
            line = " ".join(f"{outcome.upper()} {document} {path}: {why}".split())
            print(line if len(line) <= _WIDEST else line[: _WIDEST - 3] + "...", flush=True)

    def document(self, name: str, found: int, counts: dict[Outcome, int], steps: int) -> None:
        """One document's summary."""
        self.documents += bool(counts["passed"])
        listed = ", ".join(f"{outcome} {count}" for outcome, count in counts.items())
        print(f"{name}: collections {found}, {listed} ({steps} steps)", flush=True)

    def close(self) -> int:
        """The last line; returns the exit code."""
        listed = ", ".join(f"{outcome} {count}" for outcome, count in self.counts.items())
        print(f"sessions: {listed}; documents with a session that passed: {self.documents}")
        return 1 if self.counts["failed"] else 0


class Run:
    """The sessions of the document at ``path``; ``only`` chooses among its collections."""

    def __init__(
        self,
        path: Path,
        root: Path,
        report: Report,
        server: str = MOCKFORGE,
        only: re.Pattern[str] | None = None,
    ) -> None:
        self.path = path
        self.root = root
        self.report = report
        self.server = server
        document = Document(path)
        self.found = [
            found
            for found in collections(document.operations)
            if only is None or only.search(found.path)
        ]
        schemas = Schemas(document.store, document.dialect)
        self.maker = RequestMaker(schemas)
        self.judge = Judge(schemas)
        self.excuses = Excuses(schemas, self.judge)
        self.steps: list[tuple[str, list[str]]] = []

    def run(self) -> dict[Outcome, int]:
        """Serve the document and run every session; the counts by outcome."""
        counts: dict[Outcome, int] = {"passed": 0, "listed": 0, "failed": 0}
        if self.found:
            try:
                with ServerProcess(
                    self.server, self.path, root=self.root, environment=_ENVIRONMENT
                ) as server:
                    client = Client("127.0.0.1", server.port)
                    try:
                        # What lies below an item goes first: the item is deleted in its own session.
                        for found in sorted(self.found, key=lambda each: -each.path.count("{")):
                            outcome, why = self._session(found, client)
                            if server.process.poll() is not None:
                                raise NotStartedError(f"it ended: {server.said()}")
                            counts[outcome] += 1
                            self.report.session(self.path.name, found.path, outcome, why)
                    finally:
                        client.close()
            except NotStartedError as error:
                counts["failed"] += 1
                self.report.session(self.path.name, "", "failed", f"the server: {error}")
        steps = sum(len(steps) for _, steps in self.steps)
        self.report.document(self.path.name, len(self.found), counts, steps)
        return counts

    def _session(self, found: Found, client: Client) -> tuple[Outcome, str]:
        session = Session(found, client, self.maker, self.judge, self.excuses)
        try:
            session.run()
        except ListedError as error:
            return "listed", str(error)
        except UnmakeableError as error:
            return "listed", f"no valid request could be made: {error}"
        except DanglingError as error:
            return "listed", str(error)
        except (FailedError, TransportError) as error:
            return "failed", f"after {', '.join(session.steps) or 'nothing'}: {error}"
        finally:
            self.steps.append((found.path, session.steps))
        return "passed", ""
