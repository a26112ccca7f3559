"""Turning what a server raises while it starts into an error that a person can act on."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from logging import Logger

from mockforge.errors import MockForgeError, StartError


def unwrap(error: BaseException) -> BaseException:
    """The one error inside of task groups' wrappings."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


@contextmanager
def start_error(name: str, log: Logger) -> Iterator[None]:
    """Around making and starting the server ``name``: whatever goes wrong leaves as StartError."""
    try:
        yield
    except Exception as error:
        raise _start_error(name, unwrap(error), log) from error


def _start_error(name: str, cause: BaseException, log: Logger) -> StartError:
    if isinstance(cause, StartError):
        return cause
    if isinstance(cause, MockForgeError):
        return StartError(cause.message, hint=cause.hint, place=cause.place)
    if isinstance(cause, OSError):
        hint = None
        if cause.errno == errno.EADDRINUSE:
            hint = "stop what uses the port, or choose another (0 = any free port)"
        elif cause.errno == errno.EACCES:
            hint = "ports below 1024 need privileges: choose another"
        reason = cause.strerror or str(cause)
        return StartError(f"the {name} server cannot start: {reason}", hint=hint)
    # Not a mistake of the input: somebody has to look at the code.
    log.error("starting the %s server failed", name, exc_info=cause)
    return StartError(f"the {name} server cannot start: {type(cause).__name__}: {cause}")
