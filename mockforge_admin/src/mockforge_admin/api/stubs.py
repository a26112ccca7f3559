"""Stubs: to see, to change, and to try in words before."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mockforge.errors import MockForgeError
from mockforge.mocking.stubs import Stub
from mockforge.structured import Kind
from mockforge.structured.to_yaml import yaml_text
from mockforge_admin.api.endpoints import JSON, ApiError, Call, Endpoint, Reply
from mockforge_admin.api.problems import place_of
from mockforge_admin.stubs import Stubs, contains, etag, save
from mockforge_admin.stubs.shape import Definition

YAML: Final = "application/yaml"
_IF_MATCH: Final = {"If-Match": "Do it only if this is still the stub's entity tag; else 412"}


class StubRow(msgspec.Struct):
    """A stub as it serves."""

    id: str
    protocol: str
    enabled: bool
    priority: int
    methods: list[str]
    """Empty means any."""
    path: str | None
    tags: list[str]
    place: str
    """Where it is written; empty if it was put at run time."""
    matched: int
    """How often it answered."""
    times_left: int | None
    scenario: dict[str, str | None] | None
    etag: str
    definition: dict[str, Any] | UnsetType = UNSET


class StubList(msgspec.Struct):
    """A page of stubs, in the order in which they came."""

    stubs: list[StubRow]
    total: int
    """Stubs that pass the filters."""


class StubProblem(msgspec.Struct):
    """Something that is wrong with or odd about a text with stubs."""

    severity: Literal["error", "warning"]
    message: str
    hint: str | None
    line: int | None
    column: int | None
    path: str | None


class Checked(msgspec.Struct):
    """What is wrong with a text; nothing was taken in."""

    ok: bool
    stubs: int
    problems: list[StubProblem]


class Imported(msgspec.Struct):
    """Stubs that were taken in."""

    ids: list[str]


class Saved(msgspec.Struct):
    """Files that were written."""

    files: list[str]


class Which(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which stubs, and which part of them."""

    protocol: Annotated[str | None, Meta(description="`http`, `websocket`, `grpc`")] = None
    tag: Annotated[str | None, Meta(description="Has this tag")] = None
    text: Annotated[
        str | None, Meta(description="Occurs, in any case, in the id or definition")
    ] = None
    limit: Annotated[int, Meta(ge=0, le=10_000, description="Most stubs")] = 100
    offset: Annotated[int, Meta(ge=0, le=10_000_000, description="Stubs to pass over")] = 0
    definitions: Annotated[bool, Meta(description="With their definitions")] = False


class HowToImport(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How an import is done."""

    mode: Annotated[
        Literal["merge", "replace"],
        Meta(description="`replace`: all stubs that are not among the imported go"),
    ] = "merge"
    format: Annotated[Literal["yaml", "json"], Meta(description="Of the text")] = "yaml"


class HowToCheck(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What kind of text is checked."""

    format: Annotated[Literal["yaml", "json"], Meta(description="Of the text")] = "yaml"


class HowToExport(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What kind of text is made."""

    format: Annotated[Literal["yaml", "json"], Meta(description="Of the text")] = "yaml"
    protocol: Annotated[str | None, Meta(description="Of one protocol alone")] = None


# -------------------------------------------------------------------- reading


def list_stubs(call: Call) -> StubList:
    """Stubs that pass the filters."""
    which: Which = call.query
    found = [stub for stub in _stubs(call) if _passes(stub, which)]
    page = found[which.offset : which.offset + which.limit]
    return StubList([row_of(stub, whole=which.definitions) for stub in page], len(found))


def get_stub(call: Call) -> Reply:
    """One stub with its definition."""
    stub = _known(call)
    return _shown(stub)


def export_stubs(call: Call) -> Reply:
    """All stubs as a file of stubs."""
    wanted: HowToExport = call.query
    definitions = [
        {"id": stub.id, **stub.definition}
        for stub in _stubs(call)
        if wanted.protocol in (None, stub.protocol)
    ]
    if wanted.format == "json":
        return Reply(definitions)
    return Reply(yaml_text(definitions).encode(), media_type=YAML)


def check_stubs(call: Call) -> Checked:
    """What is wrong with a text; nothing is taken in."""
    read = _stubs(call).check(call.body, call.query.format, folder=_folder(call))
    problems = [_problem("error", error) for error in read.problems]
    problems += [
        StubProblem(
            "error" if found.severity == "error" else "warning",
            found.message,
            found.hint,
            found.line,
            found.column,
            found.path,
        )
        for found in read.findings
    ]
    return Checked(not read.problems, len(read.definitions), problems)


# -------------------------------------------------------------------- changing


def create_stub(call: Call) -> Reply:
    """Take in a new stub."""
    definition: Definition = call.body
    stub_id = definition.get("id")
    stubs = _stubs(call)
    if isinstance(stub_id, str) and stubs.get(stub_id) is not None:
        raise ApiError(
            409, "id-taken", f"There is a stub {stub_id!r} already.", hint="PUT replaces it"
        )
    return _shown(stubs.put(definition), status=201)


def put_stub(call: Call) -> Reply:
    """Take in a stub in place of the one with this id."""
    stub_id = call.path["id"]
    stubs = _stubs(call)
    before = stubs.get(stub_id)
    _check_match(call, before)
    definition: Definition = call.body
    if definition.get("id", stub_id) != stub_id:
        raise ApiError(422, "wrong-body", "The id in the body is another than that in the path.")
    stub = stubs.put({**definition, "id": stub_id})
    return _shown(stub, status=201 if before is None else 200)


def delete_stub(call: Call) -> Reply:
    """Take out one stub."""
    _check_match(call, _known(call))
    _stubs(call).remove(call.path["id"])
    return Reply(None, 204)


def import_stubs(call: Call) -> Imported:
    """Take in all stubs of a text, or none if something is wrong."""
    how: HowToImport = call.query
    stubs = _stubs(call)
    kind: Kind = how.format
    read = stubs.check(call.body, kind, folder=_folder(call))
    if read.problems:
        raise ApiError(
            422,
            "wrong-stubs",
            f"{len(read.problems)} things are wrong with the stubs; none was taken in.",
            problems=[msgspec.to_builtins(_problem("error", error)) for error in read.problems],
        )
    put = stubs.put_all(read.definitions, replace=how.mode == "replace")
    return Imported([stub.id for stub in put])


def reset_stubs(call: Call) -> Reply:
    """Back to what was loaded: stubs, counts, scenarios and state."""
    for server in call.admin.kernel.servers:
        server.reset()
    return Reply(None, 204)


def save_stubs(call: Call) -> Saved:
    """Write stubs that were put at run time into the first folder of stubs."""
    return Saved([str(path) for path in save(_stubs(call), list(_folders(call)))])


# -------------------------------------------------------------------- shared


def row_of(stub: Stub[Any], *, whole: bool = True) -> StubRow:
    """How a stub is shown."""
    scenario = None if stub.scenario is None else stub.scenario._asdict()
    return StubRow(
        id=stub.id,
        protocol=stub.protocol,
        enabled=stub.enabled,
        priority=stub.priority,
        methods=list(stub.methods),
        path=None if stub.path is None else str(stub.path),
        tags=list(stub.tags),
        place=str(stub.place) if stub.file is not None else "",
        matched=stub.matched,
        times_left=stub.times_left,
        scenario=scenario,
        etag=etag(stub),
        definition={"id": stub.id, **stub.definition} if whole else UNSET,
    )


def _shown(stub: Stub[Any], status: int = 200) -> Reply:
    headers = {"ETag": etag(stub)}
    if status == 201:
        headers["Location"] = f"/__mockforge/stubs/{stub.id}"
    return Reply(row_of(stub), status, headers)


def _passes(stub: Stub[Any], which: Which) -> bool:
    if which.protocol not in (None, stub.protocol):
        return False
    if which.tag is not None and which.tag not in stub.tags:
        return False
    if which.text is None:
        return True
    return contains(stub, which.text.casefold())


def _stubs(call: Call) -> Stubs:
    return Stubs(call.admin.kernel.servers)


def _known(call: Call) -> Stub[Any]:
    stub = _stubs(call).get(call.path["id"])
    if stub is None:
        raise ApiError(404, "no-such-stub", f"There is no stub {call.path['id']!r}.")
    return stub


def _check_match(call: Call, stub: Stub[Any] | None) -> None:
    """RFC 9110 section 13.1.1."""
    wanted = call.headers.get("If-Match")
    if wanted is None or (wanted.strip() == "*" and stub is not None):
        return
    tags = {each.strip() for each in wanted.split(",")}
    if stub is None or etag(stub) not in tags:
        raise ApiError(
            412, "changed-meanwhile", "The stub is not (any more) the one you saw: read it again."
        )


def _problem(severity: Literal["error", "warning"], error: MockForgeError) -> StubProblem:
    place = place_of(error) or {}
    return StubProblem(
        severity,
        error.message,
        error.hint,
        place.get("line"),
        place.get("column"),
        place.get("path"),
    )


def _folders(call: Call) -> Iterable[Path]:
    settings = call.admin.kernel.settings
    for key in ("http.mocks", "websocket.mocks", "grpc.mocks"):
        if key in settings.model.settings:
            yield from settings.value(key)


def _folder(call: Call) -> Path | None:
    return next((each for each in _folders(call) if each.is_dir()), None)


ENDPOINTS = (
    Endpoint("GET", "/stubs", list_stubs, "Stubs", "stubs", query=Which, answer=StubList),
    Endpoint(
        "POST",
        "/stubs",
        create_stub,
        "Take in a new stub",
        "stubs",
        body=Definition,
        answer=StubRow,
        status=201,
        errors=(409,),
    ),
    Endpoint(
        "GET",
        "/stubs/export",
        export_stubs,
        "All stubs as a file of stubs",
        "stubs",
        query=HowToExport,
        media_type=YAML,
        other_types=(JSON,),
    ),
    Endpoint(
        "POST",
        "/stubs/check",
        check_stubs,
        "What is wrong with a text of stubs",
        "stubs",
        query=HowToCheck,
        body=bytes,
        body_type=YAML,
        answer=Checked,
    ),
    Endpoint(
        "POST",
        "/stubs/import",
        import_stubs,
        "Take in all stubs of a text",
        "stubs",
        query=HowToImport,
        body=bytes,
        body_type=YAML,
        answer=Imported,
    ),
    Endpoint("POST", "/stubs/reset", reset_stubs, "Back to what was loaded", "stubs", status=204),
    Endpoint(
        "POST",
        "/stubs/save",
        save_stubs,
        "Write stubs put at run time into the folder of stubs",
        "stubs",
        answer=Saved,
        errors=(422,),
    ),
    Endpoint(
        "GET", "/stubs/{id:path}", get_stub, "One stub", "stubs", answer=StubRow, errors=(404,)
    ),
    Endpoint(
        "PUT",
        "/stubs/{id:path}",
        put_stub,
        "Take in a stub in place of the one with this id",
        "stubs",
        body=Definition,
        answer=StubRow,
        also=201,
        errors=(412,),
        headers=_IF_MATCH,
    ),
    Endpoint(
        "DELETE",
        "/stubs/{id:path}",
        delete_stub,
        "Take out one stub",
        "stubs",
        status=204,
        errors=(404, 412),
        headers=_IF_MATCH,
    ),
)
