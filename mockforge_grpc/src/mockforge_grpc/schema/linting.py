"""``mockforge lint`` for ``.proto`` files and descriptor sets: compiled as a server would, and looked at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mockforge.findings import Finding
from mockforge.nearest import nearest

from .errors import ProtoError, single_errors
from .layout import PROTO, SETS

if TYPE_CHECKING:
    from .model import HttpRule, Method, Schema

_VARIABLE: Final = re.compile(r"\{([^}=]*)(?:=[^}]*)?\}")


def lint_proto(
    path: Path, *, fast: bool = False, roots: Sequence[Path] = ()
) -> Iterable[Finding] | None:
    """The findings about the file or folder at ``path``; None if it is neither a ``.proto`` file nor a
    descriptor set. ``fast`` only compiles."""
    suffix = path.suffix.lower()
    if suffix not in SETS and suffix != PROTO:
        return None
    return _lint(path, fast=fast, roots=roots)


def _lint(path: Path, *, fast: bool, roots: Sequence[Path]) -> Iterator[Finding]:
    from .loading import load_schema

    try:
        schema = load_schema([path], roots)
    except ProtoError as error:
        for each in single_errors(error):
            yield Finding.of(each, "proto.invalid")
        return
    try:
        yield from schema.findings
        if not fast:
            yield from check_rules(schema)
    finally:
        schema.close()


def check_rules(schema: Schema) -> Iterator[Finding]:
    """What is wrong with the ``google.api.http`` rules of what the sources hold: names of fields that the
    messages do not have."""
    for method in schema.methods.values():
        if schema.is_given(schema.services[method.service].file):
            for rule in method.http_rules():
                yield from _check_rule(schema, method, rule)


def _check_rule(schema: Schema, method: Method, rule: HttpRule) -> Iterator[Finding]:
    asked = method.input.descriptor
    for variable in _VARIABLE.findall(rule.path):
        yield from _check_path(schema, method, asked, variable.strip(), rule.path)
    if rule.body not in ("", "*"):
        yield from _check_path(schema, method, asked, rule.body, "body")
    if rule.response_body:
        answered = method.output.descriptor
        yield from _check_path(schema, method, answered, rule.response_body, "response_body")


def _check_path(
    schema: Schema, method: Method, descriptor: Any, path: str, where: str
) -> Iterator[Finding]:
    for name in path.split("."):
        if descriptor is None or name not in descriptor.fields_by_name:
            known = descriptor.fields_by_name if descriptor is not None else ()
            close = nearest(name, known)
            place = schema.place(method.descriptor)
            yield Finding(
                "proto.http-rule",
                f"the http rule of {method.full_name} ({where}) names {path}, which "
                f"{descriptor.full_name if descriptor is not None else 'its message'} does not have",
                "warning",
                place.file,
                place.line,
                place.column,
                hint=f"did you mean {close}?" if close else None,
            )
            return
        descriptor = descriptor.fields_by_name[name].message_type
