"""The channels of documents as stubs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from mockforge.errors import DocumentError, MockForgeError, all_errors
from mockforge.findings import Finding
from mockforge.mocking.routing import PathTemplate
from mockforge.mocking.stubs import Compiled, Stub
from mockforge.mocking.stubs.plain import definition_text
from mockforge_ws.asyncapi.check import check
from mockforge_ws.asyncapi.errors import DocumentErrors, raise_found
from mockforge_ws.asyncapi.files import Files
from mockforge_ws.asyncapi.reading import Reading
from mockforge_ws.asyncapi.report import Report
from mockforge_ws.asyncapi.resolving import Schemas
from mockforge_ws.asyncapi.talk import Manner, Talks
from mockforge_ws.stubs.action import StubAction

if TYPE_CHECKING:
    from mockforge.mocking.stubs import RequestFacts, StubSet
    from mockforge_ws.asyncapi.model import Api, Channel

PRIORITY: Final = 900_000
"""Of the stubs of documents: any other one for the path goes before them."""
PROTOCOL: Final = "websocket"


class Loaded(NamedTuple):
    """What a load of documents came to besides stubs: ``findings`` that stop nothing, all ``files`` that were
    read, a line about each document, their ``talks``, and about how many bytes their files hold."""

    findings: tuple[Finding, ...] = ()
    files: tuple[Path, ...] = ()
    summary: tuple[str, ...] = ()
    talks: tuple[Talks, ...] = ()
    size: int = 0


def load_documents(
    paths: Iterable[Path], manner: Manner, root: Path | None, into: StubSet
) -> Loaded:
    """Read the documents at ``paths``, and have their channels in ``into``. DocumentError,
    DocumentErrors: all that is wrong with them; then ``into`` is as it was."""
    stubs: list[Stub[RequestFacts]] = []
    findings: list[Finding] = []
    files: list[Path] = []
    summary: list[str] = []
    talks: list[Talks] = []
    size = 0
    errors: list[MockForgeError] = []
    taken = {stub.id for stub in into}
    for path in paths:
        try:
            read = Document(path, root)
            made, spoken = read.stubs(manner, taken)
        except MockForgeError as error:
            errors += all_errors(error)
            continue
        stubs += made
        talks.append(spoken)
        findings += read.report.findings
        files += read.files.paths
        size += read.files.memory_bytes
        read.files.forget_places()
        summary.append(_summary(path, read.api, made))
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise DocumentErrors(errors)
    room = into.max_stubs - len(into)
    if len(stubs) > room:
        raise DocumentError(
            f"the documents have {len(stubs)} channels, and there is room for {room} stubs",
            hint=f"raise {into.max_setting}",
        )
    into.load(stubs)
    return Loaded(tuple(findings), tuple(files), tuple(summary), tuple(talks), size)


class Document:
    """The document at ``path``, read and checked. DocumentError, DocumentErrors: what is wrong."""

    def __init__(self, path: Path, root: Path | None = None) -> None:
        self.files = Files(path, root)
        checked = check(self.files)
        self.report: Report = checked.report
        raise_found(self.report.findings)
        self.schemas = Schemas(self.files)
        self.api = Reading(self.files, self.schemas, self.report).api()

    def stubs(self, manner: Manner, taken: set[str]) -> tuple[list[Stub[RequestFacts]], Talks]:
        """A stub for each channel, and what made their talks; ids that are ``taken`` are not used, those
        of the stubs are put there."""
        talks = Talks(self.schemas, manner)
        made: list[Stub[RequestFacts]] = []
        for channel in self.api.channels:
            action = StubAction(talk=talks.talk(channel))
            path = PathTemplate(channel.path)
            stub_id = _free(channel.id, taken)
            taken.add(stub_id)
            compiled: Compiled[RequestFacts] = Compiled(methods=("GET",), path=path, action=action)
            made.append(_stub(stub_id, channel, compiled))
        for problem in talks.problems:
            self.report.warn("silent", problem, self.files.root)
        return made, talks


def _stub(stub_id: str, channel: Channel, compiled: Compiled[RequestFacts]) -> Stub[RequestFacts]:
    definition = {
        "id": stub_id,
        "priority": PRIORITY,
        PROTOCOL: {"path": channel.path, "asyncapi": channel.file, "channel": channel.id},
    }
    return Stub(
        stub_id,
        definition_text(definition),
        compiled,
        protocol=PROTOCOL,
        priority=PRIORITY,
        file=channel.file,
        line=channel.line,
        column=channel.column,
    )


def _free(wanted: str, taken: set[str]) -> str:
    stub_id = wanted
    number = 1
    while stub_id in taken:
        number += 1
        stub_id = f"{wanted}-{number}"
    return stub_id


def _summary(path: Path, api: Api, stubs: list[Stub[RequestFacts]]) -> str:
    count = sum(len(channel.operations) for channel in api.channels)
    channels = "channel" if len(stubs) == 1 else "channels"
    operations = "operation" if count == 1 else "operations"
    return f"{len(stubs)} {channels}, {count} {operations} from {path}"
