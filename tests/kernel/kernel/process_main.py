"""Run by the tests of signals in a process of its own: a kernel with servers named on the command line.

Prints its address when it is ready, and a line for each reload.
"""

from __future__ import annotations

import sys
import time

from mockforge.kernel import Kernel, run_kernel
from tests.kernel.servers import EchoServer, plugins_with, settings_of


class Printing(EchoServer):
    async def reload(self) -> None:
        await super().reload()
        print("reloaded", flush=True)


class Busy(EchoServer):
    """Takes forever to start, without giving the event loop a turn."""

    name = "busy"

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel)
        print("busy", flush=True)
        while True:
            time.sleep(0.01)


SERVERS = {"echo": Printing, "busy": Busy}


def main() -> None:
    servers = [SERVERS[name] for name in sys.argv[1:]]
    settings = settings_of({"core.drain_timeout": "1h"})
    run_kernel(
        lambda: Kernel(settings, plugins_with(*servers)),
        lambda kernel: print(kernel.addresses["echo"], flush=True),
    )
    print("drained", flush=True)


if __name__ == "__main__":
    main()
