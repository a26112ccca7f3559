"""Fixtures: files below the root that the settings name, and nothing else."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from anyio import to_thread
from msgspec import Meta

from mockforge.errors import MockForgeError
from mockforge.mocking.fixtures import (
    FixtureError,
    FixtureFile,
    FixtureFolder,
    NameTakenError,
    NoFixtureError,
    TooLargeError,
    WrongNameError,
)
from mockforge_admin.api.endpoints import ApiError, Call, Endpoint, Reply
from mockforge_admin.fixtures import fixture_folder

OCTETS: Final = "application/octet-stream"
_KINDS: Final = (
    (NoFixtureError, 404, "no-such-fixture"),
    (WrongNameError, 422, "wrong-name"),
    (NameTakenError, 409, "name-taken"),
    (TooLargeError, 413, "fixture-too-large"),
)
_PART: Final = r"[^./\\\u0000-\u001f\u007f][^/\\\u0000-\u001f\u007f]{0,59}"
_PATH: Final = f"{_PART}(/{_PART})*"
_NAMES: Final = {
    "name": {
        "type": "string",
        "pattern": f"^{_PATH}$",
        "maxLength": 1000,
        "description": "Path below the root; a part may have 255 bytes, and does not begin with a dot",
    }
}


class Where(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which folder, and which part of it."""

    folder: Annotated[
        str,
        Meta(
            description="Path below the root; the root itself: empty",
            extra_json_schema={"pattern": f"^({_PATH})?$", "maxLength": 1000},
        ),
    ] = ""
    limit: Annotated[int, Meta(ge=0, le=1000, description="Most files and folders")] = 100
    after: Annotated[str, Meta(description="Those past this name: the `next` of a page")] = ""


class Fixtures(msgspec.Struct):
    """A page of a folder, by name."""

    root: str | None
    """The folder in the settings (`http.fixtures`); null where there is none."""
    files: list[FixtureFile]
    next: str | None


class Written(msgspec.Struct):
    """A fixture that was written."""

    name: str
    size: int


async def list_fixtures(call: Call) -> Fixtures:
    """Files and folders of one folder."""
    where: Where = call.query
    folder = fixture_folder(call.admin.kernel)
    if folder is None:
        return Fixtures(None, [], None)
    try:
        found = await to_thread.run_sync(folder.entries, where.folder, where.limit + 1, where.after)
    except FixtureError as error:
        raise _refused(error) from error
    files = found[: where.limit]
    more = files and len(found) > where.limit
    return Fixtures(str(folder.root), files, files[-1].name.rpartition("/")[2] if more else None)


async def get_fixture(call: Call) -> Reply:
    """The bytes of a fixture. Never of a type that a browser would run on this origin."""
    try:
        content = await to_thread.run_sync(_folder(call).read, call.path["name"])
    except FixtureError as error:
        raise _refused(error) from error
    return Reply(content, headers={"Content-Disposition": "attachment"}, media_type=OCTETS)


async def put_fixture(call: Call) -> Reply:
    """Write a fixture; it answers from the next request on."""
    name, content = call.path["name"], call.body
    try:
        new = await to_thread.run_sync(_folder(call).write, name, content)
    except FixtureError as error:
        raise _refused(error) from error
    return Reply(Written(name, len(content)), 201 if new else 200)


async def delete_fixture(call: Call) -> Reply:
    """Delete a fixture."""
    try:
        await to_thread.run_sync(_folder(call).remove, call.path["name"])
    except FixtureError as error:
        raise _refused(error) from error
    return Reply(None, 204)


def _folder(call: Call) -> FixtureFolder:
    folder = fixture_folder(call.admin.kernel)
    if folder is None:
        raise ApiError(
            404,
            "no-fixture-folder",
            "There is no folder of fixtures.",
            hint="start with --fixtures and a folder that exists",
        )
    return folder


def _refused(error: FixtureError) -> MockForgeError:
    """``error`` with the status of its kind."""
    for kind, status, code in _KINDS:
        if isinstance(error, kind):
            return ApiError(status, code, error.message, hint=error.hint)
    return error


ENDPOINTS = (
    Endpoint(
        "GET",
        "/fixtures",
        list_fixtures,
        "Files and folders of one folder",
        "fixtures",
        query=Where,
        answer=Fixtures,
        errors=(404,),
    ),
    Endpoint(
        "GET",
        "/fixtures/{name:path}",
        get_fixture,
        "The bytes of a fixture",
        "fixtures",
        media_type=OCTETS,
        path_schemas=_NAMES,
        errors=(404, 413, 422),
    ),
    Endpoint(
        "PUT",
        "/fixtures/{name:path}",
        put_fixture,
        "Write a fixture",
        "fixtures",
        body=bytes,
        body_type=OCTETS,
        body_required=False,
        answer=Written,
        also=201,
        path_schemas=_NAMES,
        errors=(404, 409),
        description="The content has to be what the name's ending says. 201 where there was none before.",
    ),
    Endpoint(
        "DELETE",
        "/fixtures/{name:path}",
        delete_fixture,
        "Delete a fixture",
        "fixtures",
        status=204,
        path_schemas=_NAMES,
        errors=(404, 422),
    ),
)
