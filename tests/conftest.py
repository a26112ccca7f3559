"""For all tests: how hypothesis searches, how long clients wait, which signals child processes start with."""

from __future__ import annotations

import inspect
import signal

import httpx
from hypothesis import settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("project", deadline=None)
settings.load_profile("project")

# So does how long a client waits: httpx gives up after 5 s, which the first request to a server, for which
# much is imported, may take where several workers share a processor.
patience = inspect.signature(httpx.request).parameters["timeout"].default
patience.connect = patience.read = patience.write = patience.pool = 60.0

# Under nohup or as a shell's background job these are ignored, and child processes inherit that; the tests
# of signals are about processes that were started in the usual way.
for name in ("SIGHUP", "SIGINT"):
    number = getattr(signal, name, None)
    if number is not None and signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)
