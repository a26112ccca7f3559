"""The check by openapi-core's validator, in a process of its own.

The validator needs 40 MB to import and up to half a minute for a large document, so the serving
process never loads it: ``python -m mockforge_http.documents.check FILE`` prints what it found as one
JSON object per line, and :func:`check_document` and :func:`run_check` start that with bounds on time
and memory. Results are remembered in the cache by the document's content.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockforge.errors import DocumentError
from mockforge.findings import Finding

from .cache import Cache
from .document import Document, open_document
from .limits import DEFAULT_LIMITS, Limits
from .pointer import join
from .report import finding_of, place

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

DEFAULT_TIMEOUT: Final = 120.0
"""Seconds after which a check is given up."""
DEFAULT_MEMORY: Final = 2 * 1024**3
"""Bytes of address space that a check may use, where the system can limit that."""
_LONGEST_MESSAGE: Final = 300
_LONGEST_OUTPUT: Final = 1024**2

_CODES: Final = {
    "DuplicateOperationIDError": "operation-id-duplicate",
    "UnresolvableParameterError": "path-parameter-undeclared",
    "ParameterDuplicateError": "parameter-duplicate",
    "ExtraParametersError": "schema-required",
}


# -------------------------------------------------------------------- in the serving process


async def check_document(
    path: Path,
    *,
    cache: Cache | None = None,
    limits: Limits = DEFAULT_LIMITS,
    root: Path | None = None,
    timeout: float = DEFAULT_TIMEOUT,  # noqa: ASYNC109 - it bounds the other process
    memory: int = DEFAULT_MEMORY,
) -> list[Finding]:
    """What openapi-core's validator finds in the document at ``path``, with line and column.

    A check that takes longer than ``timeout`` seconds or more than ``memory`` bytes is given up and
    that said as a finding of severity ``info``. Cancelling it ends the process.
    """
    from anyio import CancelScope, move_on_after, to_thread

    key, known = await to_thread.run_sync(_known, path, cache, limits, root)
    if known is not None:
        return known
    process = _start(path, root, memory)
    try:
        with move_on_after(timeout):
            output, complaint = await to_thread.run_sync(
                process.communicate, abandon_on_cancel=True
            )
            return await to_thread.run_sync(
                _take, process.returncode, output, complaint, path, limits, cache, key
            )
    finally:
        # Also ends the thread that reads from it.
        process.kill()
        with CancelScope(shield=True):
            await to_thread.run_sync(process.wait)
    return [_given_up(path, f"took longer than {timeout:g} s")]


def run_check(
    path: Path,
    *,
    cache: Cache | None = None,
    limits: Limits = DEFAULT_LIMITS,
    root: Path | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    memory: int = DEFAULT_MEMORY,
) -> list[Finding]:
    """As :func:`check_document`, for callers that may block."""
    key, known = _known(path, cache, limits, root)
    if known is not None:
        return known
    with _start(path, root, memory) as process:
        try:
            output, complaint = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            return [_given_up(path, f"took longer than {timeout:g} s")]
    return _take(process.returncode, output, complaint, path, limits, cache, key)


def _start(path: Path, root: Path | None, memory: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        _command(path, root, memory),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _command(path: Path, root: Path | None, memory: int) -> list[str]:
    command = [sys.executable, "-m", "mockforge_http.documents.check", "--memory", str(memory)]
    if root is not None:
        command += ["--root", str(root)]
    return [*command, "--", str(path)]


def _known(
    path: Path, cache: Cache | None, limits: Limits, root: Path | None
) -> tuple[str, list[Finding] | None]:
    """The cache key of the check, and its result if it is remembered."""
    if cache is None:
        return "", None
    try:
        with open_document(path, cache=cache, limits=limits, root=root) as document:
            key = f"{document.digest}-{_validator_version()}"
    except DocumentError:
        return "", None  # the check itself will say what is wrong
    remembered = cache.recall(key)
    if remembered is None:
        return key, None
    return key, [msgspec.structs.replace(finding, file=str(path)) for finding in remembered]


def _validator_version() -> str:
    try:
        return version("openapi-spec-validator")
    except PackageNotFoundError:
        return "none"


def _take(
    code: int | None,
    output: bytes,
    complaint: bytes,
    path: Path,
    limits: Limits,
    cache: Cache | None,
    key: str,
) -> list[Finding]:
    """The findings in the ``output`` of a finished check; remembered if it came to its end."""
    if code != 0:
        last = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return [_given_up(path, f"ended early ({last[:200] or f'exit code {code}'})")]
    try:
        found = msgspec.json.Decoder(Finding).decode_lines(output[:_LONGEST_OUTPUT])
    except msgspec.DecodeError as error:
        return [_given_up(path, f"gave an answer that cannot be read ({error})")]
    placed = place(found, limits)
    if cache is not None and key:
        cache.remember(key, placed)
    return placed


def _given_up(path: Path, reason: str) -> Finding:
    return Finding(
        "document.check-incomplete",
        f"the check by openapi-core {reason}; not all of the document was checked",
        "info",
        file=str(path),
    )


# -------------------------------------------------------------------- in the other process


def findings_of(document: Document, limits: Limits = DEFAULT_LIMITS) -> Iterator[Finding]:
    """Run the validator here and now. Loads it: only for the process made for that."""
    import openapi_spec_validator as library
    from jsonschema_path import SchemaPath

    validators = {
        "2.0": "OpenAPIV2SpecValidator",
        "3.0": "OpenAPIV30SpecValidator",
        "3.1": "OpenAPIV31SpecValidator",
        "3.2": "OpenAPIV32SpecValidator",
    }
    validator = getattr(library, validators[document.version], None)
    shown = str(document.path)
    if validator is None:
        yield Finding(
            "document.check-incomplete",
            f"the installed openapi-spec-validator does not know OpenAPI {document.version}",
            "info",
            file=shown,
        )
        return
    files = _Files(document)
    whole = document.value("")
    path = SchemaPath.from_dict(
        whole,
        base_uri=files.address(document.base),
        handlers={"file": files, "<all_urls>": _refuse, "http": _refuse, "https": _refuse},
    )
    errors: Iterator[ValidationError] = validator(path).iter_errors()
    seen: set[tuple[str, str]] = set()
    try:
        for error in islice(errors, limits.findings):
            found = _finding(error, document)
            if (found.message, found.path or "") not in seen:
                seen.add((found.message, found.path or ""))
                yield found
    except Exception as error:  # whatever the validator trips over is its limit, not the document's
        reason = f"{type(error).__name__}: {error}".partition("\n")[0][:_LONGEST_MESSAGE]
        yield _given_up(document.path, f"stopped at a place it cannot handle ({reason})")


class _Files:
    """Gives the validator the document's own files, already turned into JSON."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._names = {self.address(name): name for name in document.bases}

    def address(self, name: str) -> str:
        """The URI that stands for the file ``name``."""
        from urllib.parse import quote

        return f"file:///{quote(name)}"

    def __call__(self, uri: str) -> Any:
        name = self._names.get(uri.partition("#")[0])
        if name is None:
            raise ValueError(f"{uri} is not a file of the document")
        return self._document.value("", name)


def _refuse(uri: str) -> Any:
    raise ValueError(f"{uri} is not fetched")


def _finding(error: ValidationError, document: Document) -> Finding:
    from jsonschema.exceptions import best_match

    code = _CODES.get(type(error).__name__, "spec")
    if error.context:
        # The branch that went furthest says more than "is not valid under any of the schemas".
        error = best_match([error]) or error
    message = error.message.partition("\n\n")[0]
    if len(message) > _LONGEST_MESSAGE:
        message = f"{message[: _LONGEST_MESSAGE // 2]} ... {message[-_LONGEST_MESSAGE // 2 :]}"
    return Finding(
        f"document.{code}",
        message,
        "error",
        file=str(document.path),
        path=_pointer(error, document),
    )


def _pointer(error: ValidationError, document: Document) -> str | None:
    """Where the error is, if it says so: some only tell the way inside a schema somewhere."""
    pointer = join(str(step) for step in error.absolute_path)
    if not pointer:
        return None
    try:
        document.value(pointer)
    except DocumentError:
        return None
    return pointer


def _limit_memory(size: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind, amount in (("RLIMIT_AS", size), ("RLIMIT_CORE", 0)):
        which = getattr(resource, kind, None)
        if which is not None:
            _, hard = resource.getrlimit(which)
            wanted = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
            try:
                resource.setrlimit(which, (wanted, hard))
            except (ValueError, OSError):  # some systems know the name but not the limit
                continue


def main(arguments: list[str]) -> int:
    """``[--memory BYTES] [--root DIR] -- FILE``: print findings as JSON lines."""
    options = dict(zip(arguments[:-2:2], arguments[1:-2:2], strict=True))
    _limit_memory(int(options.get("--memory", DEFAULT_MEMORY)))
    root = Path(options["--root"]) if "--root" in options else None
    write = sys.stdout.buffer.write
    try:
        with open_document(Path(arguments[-1]), root=root) as document:
            for found in findings_of(document):
                write(msgspec.json.encode(found) + b"\n")
    except DocumentError as error:
        write(msgspec.json.encode(finding_of(error)) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
