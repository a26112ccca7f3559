"""The kernel: holds what all servers share and takes them through their life.

``mockforge serve`` makes a :class:`Kernel` and hands it to :func:`run_kernel`; the test kit runs one
in a thread; protocol servers are given it.
"""

from __future__ import annotations

from mockforge.kernel.kernel import Kernel
from mockforge.kernel.process import run_kernel

__all__ = ["Kernel", "run_kernel"]
