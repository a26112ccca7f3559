"""The second pass through one document: every operation is called with requests that it forbids."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from .client import Client, TransportError
from .document import Document
from .model import Operation
from .mutations import ALL_KINDS, Mutation, Mutator
from .node import DanglingError
from .request import Call, RequestMaker
from .schemas import Schemas
from .serving import NotStartedError, ServerProcess
from .values import UnmakeableError
from .walking import Options

LEAST_REJECTED = 0.99
REFUSALS = frozenset({400, 413, 415, 422})
"""What refuses a request for what it holds, and not for who sends it or where to."""
_MOST_STARTS = 10
_WIDEST = 500


@dataclass
class MutationTotals:
    """Mutations counted by outcome and kind."""

    rejected: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    left_out: int = 0
    """Operations without a valid request to start from, or whose requests are another one's too."""
    broken: bool = False
    """A document could not be served to its end."""

    @property
    def mutations(self) -> int:
        """All of them."""
        return self.rejected.total() + self.accepted.total()

    def add(self, other: MutationTotals) -> None:
        """Count another's too."""
        self.rejected += other.rejected
        self.accepted += other.accepted
        self.left_out += other.left_out
        self.broken = self.broken or other.broken

    @property
    def passed(self) -> bool:
        """Whether as many were rejected as must be."""
        enough = self.rejected.total() >= LEAST_REJECTED * self.mutations
        return enough and not self.broken

    def __str__(self) -> str:
        return (
            f"mutations {self.mutations}, rejected {self.rejected.total()}, "
            f"accepted {self.accepted.total()}"
        )

    def close(self) -> int:
        """Print the last lines; returns the exit code."""
        print(f"operations left out {self.left_out}")
        for kind in ALL_KINDS:
            rejected, accepted = self.rejected[kind], self.accepted[kind]
            print(
                f"{kind}: mutations {rejected + accepted}, rejected {rejected}, accepted {accepted}"
            )
        print(self, flush=True)
        return 0 if self.passed else 1


class MutationWalk:
    """The walk with forbidden requests through one document."""

    def __init__(self, path: Path, options: Options) -> None:
        self.path = path
        self.options = options
        self.totals = MutationTotals()
        self.document = Document(path)
        schemas = Schemas(self.document.store, self.document.dialect)
        self.maker = RequestMaker(schemas, full=options.full)
        self.mutator = Mutator(schemas, self.maker)

    def operations(self) -> list[Operation]:
        """Those that are to be called. The requests of twins are not told apart."""
        only = self.options.only
        found = [one for one in self.document.operations if only is None or only.search(one.label)]
        alone = [one for one in found if not one.twins and not {"?", "#"} & set(one.path)]
        self.totals.left_out += len(found) - len(alone)
        if not self.options.base_path:
            for operation in alone:
                operation.base = ""
        return alone

    def run(self) -> MutationTotals:
        """Serve, call, count, print."""
        waiting = self.operations()
        for _ in range(_MOST_STARTS):
            if not waiting:
                break
            try:
                server = ServerProcess(
                    self.options.server,
                    self.path,
                    root=self.options.root,
                    environment=self.options.environment,
                )
            except NotStartedError as error:
                print(f"FAILED {self.path.name}: the server did not start: {error}", flush=True)
                break
            with server:
                waiting = self._call(waiting, server)
        self.totals.broken = bool(waiting)
        print(f"{self.path.name}: {self.totals}", flush=True)
        return self.totals

    def _call(self, operations: list[Operation], server: ServerProcess) -> list[Operation]:
        """Call operations in turn; those left where the server ended meanwhile."""
        client = Client("127.0.0.1", server.port)
        try:
            for number, operation in enumerate(operations, 1):
                self._mutate(operation, client)
                if server.process.poll() is not None:
                    return operations[number:]
        finally:
            client.close()
        return []

    def _mutate(self, operation: Operation, client: Client) -> None:
        try:
            valid = self.maker.choose(operation)
            usual = _status(client, self.maker.write(operation, valid))
            if usual == "no answer" or int(usual) in REFUSALS:
                self.totals.left_out += 1
                return
            for mutation in self.mutator.mutations(operation, valid):
                self._count(operation, mutation, _status(client, mutation.call))
        except (DanglingError, UnmakeableError):
            self.totals.left_out += 1

    def _count(self, operation: Operation, mutation: Mutation, status: str) -> None:
        if status.isdecimal() and int(status) in REFUSALS:
            self.totals.rejected[mutation.kind] += 1
            return
        self.totals.accepted[mutation.kind] += 1
        call = mutation.call
        body = f" {call.body[:200]!r}" if call.body else ""
        sent = f"{call.method} {call.target}{body}"
        line = (
            f"ACCEPTED {self.path.name} {operation.label}: {mutation.kind} "
            f"({mutation.where}): {status} [sent {sent}]"
        )
        print(line if len(line) <= _WIDEST else line[: _WIDEST - 3] + "...", flush=True)


def _status(client: Client, call: Call) -> str:
    try:
        return str(client.send(call).status)
    except TransportError:
        return "no answer"
