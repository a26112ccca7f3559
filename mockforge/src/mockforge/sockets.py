"""Listening sockets, and what to tell a person when there can be none; connections by their addresses.

Used by the listeners and wires of protocol servers; ``setting`` and ``host_setting`` are the settings of port
and host, for the hints.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import stat
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from mockforge.errors import StartError

UNIX: Final = "unix:"

_NO_LINGER: Final = struct.pack("ii", 1, 0)
_ATTEMPTS: Final = 16
"""Times to look for a port that is free for both address families."""


async def bind(
    host: str,
    port: int,
    *,
    setting: str = "http.port (--http-port)",
    host_setting: str = "http.host (--host)",
    kind: socket.SocketKind = socket.SOCK_STREAM,
) -> list[socket.socket]:
    """Bound, non-blocking sockets for ``host`` and ``port``; not listening yet.

    ``host`` is an address, a name (all its addresses are bound, with one port: ``localhost`` gives
    127.0.0.1 and ::1 where both exist), or ``unix:/path``. Port 0 takes any free one. Raises
    :class:`StartError`.
    """
    if host.startswith(UNIX):
        return [_bind_unix(Path(host.removeprefix(UNIX)), host_setting)]
    addresses = await _resolve(host, kind, host_setting)
    for attempt in range(_ATTEMPTS):
        try:
            return _bind_all(addresses, port, kind)
        except OSError as error:
            taken_by_chance = error.errno == errno.EADDRINUSE and port == 0
            if not taken_by_chance or attempt == _ATTEMPTS - 1:
                raise _start_error(error, host, port, setting, host_setting) from error
    raise AssertionError  # pragma: no cover - the last attempt returns or raises


async def _resolve(
    host: str, kind: socket.SocketKind, host_setting: str
) -> list[tuple[socket.AddressFamily, str]]:
    if not host:
        raise StartError("no host to bind", hint=f"set {host_setting}, e.g. 127.0.0.1")
    if host.lower() == "localhost":
        # Both loopback addresses whatever the resolver says (RFC 6761 section 6.3): which of the two a
        # client tries first is not ours to know.
        return [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=kind)
    except (OSError, UnicodeError) as error:
        raise StartError(
            f"cannot bind to {host!r}: it is neither an address nor a name that resolves",
            hint=f"set {host_setting} to 127.0.0.1, 0.0.0.0, localhost or an address of this machine",
        ) from error
    addresses = [(family, str(address[0])) for family, _, _, _, address in found]
    return sorted(set(addresses), key=lambda entry: entry[0] != socket.AF_INET)


def _bind_all(
    addresses: list[tuple[socket.AddressFamily, str]], port: int, kind: socket.SocketKind
) -> list[socket.socket]:
    """One socket for each address, all on one port. An address family that this machine does not have
    is left out, unless it is the only one."""
    sockets: list[socket.socket] = []
    missing: OSError | None = None
    try:
        for family, address in addresses:
            try:
                bound = _bind_one(family, address, port, kind)
            except OSError as error:
                if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                    raise
                missing = error
            else:
                sockets.append(bound)
                port = bound.getsockname()[1]
    except BaseException:
        for opened in sockets:
            opened.close()
        raise
    if missing is not None and not sockets:
        raise missing
    return sockets


def _bind_one(
    family: socket.AddressFamily, address: str, port: int, kind: socket.SocketKind
) -> socket.socket:
    made = socket.socket(family, kind)
    try:
        if os.name == "posix" and kind == socket.SOCK_STREAM:
            # A restart must not wait for connections in TIME_WAIT. Two servers on one port are
            # still refused: SO_REUSEPORT is not set.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, address != "::")
        made.setblocking(False)
        made.bind((address, port))
    except BaseException:
        made.close()
        raise
    return made


def _bind_unix(path: Path, host_setting: str) -> socket.socket:
    try:
        _remove_stale(path, host_setting)
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            made.setblocking(False)
            made.bind(str(path))
        except BaseException:
            made.close()
            raise
    except OSError as error:
        raise StartError(
            f"cannot bind to {UNIX}{path}: {os.strerror(error.errno or 0)}",
            hint=f"set {host_setting} to a path in an existing folder you may write to, of at most "
            "about 100 characters",
        ) from error
    return made


def _remove_stale(path: Path, host_setting: str) -> None:
    """Remove a socket that nobody listens at any more; anything else at ``path`` is left alone."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise StartError(
            f"cannot bind to {UNIX}{path}: there is a file of that name which is no socket",
            hint=f"choose another path with {host_setting}",
        )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            with suppress(FileNotFoundError):
                path.unlink()
            return
        except OSError:
            return  # binding will say what is wrong
    raise StartError(
        f"{UNIX}{path} is in use: another process listens there",
        hint=f"stop it, or choose another path with {host_setting}",
    )


def socket_file(host: str) -> tuple[Path, int]:
    """The path in ``unix:/path`` and the number of the file that is there now."""
    path = Path(host.removeprefix(UNIX))
    return path, path.stat().st_ino


def remove_socket_file(path: Path, inode: int) -> None:
    """Remove the socket at ``path`` unless another server has taken the place."""
    with suppress(OSError):
        if path.stat().st_ino == inode:
            path.unlink()


def _start_error(
    error: OSError, host: str, port: int, setting: str, host_setting: str
) -> StartError:
    where = f"{host} port {port}"
    if error.errno == errno.EADDRINUSE:
        holder = port_holder(port)
        by = f" by {holder}" if holder else ""
        return StartError(
            f"{where} is in use{by}",
            hint=f"stop that process, or choose another port with {setting}; 0 takes any free port",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return StartError(
            f"not allowed to bind to {where}",
            hint=f"choose a port above 1023 with {setting}",
        )
    if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        return StartError(
            f"cannot bind to {host}: it is not an address of this machine",
            hint=f"set {host_setting} to 127.0.0.1, 0.0.0.0, localhost or an address of this machine",
        )
    return StartError(
        f"cannot bind to {where}: {os.strerror(error.errno or 0)}",
        hint=f"check {host_setting} and {setting}",
    )


def port_holder(port: int) -> str:
    """The process that listens on TCP ``port``, as ``name (pid 123)``; empty where it cannot be told
    (not Linux, or another user's process)."""
    inodes: set[str] = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == "0A" and int(columns[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{columns[9]}]")
    if not inodes:
        return ""
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        with suppress(OSError):
            for entry in (process / "fd").iterdir():
                with suppress(OSError):
                    if str(entry.readlink()) in inodes:
                        name = (process / "comm").read_text().strip()
                        return f"{name} (pid {process.name})"
    return ""


def address_of(bound: socket.socket, scheme: str = "http") -> str:
    """``http://127.0.0.1:3000``, ``http://[::1]:3000`` or ``unix:/path``."""
    name = bound.getsockname()
    return f"{scheme}://{_named(name)}" if isinstance(name, tuple) else f"{UNIX}{name}"


def client_of(transport: asyncio.BaseTransport) -> str:
    """``host:port`` of the other side, or ``unix``."""
    name = transport.get_extra_info("peername")
    return _named(name) if isinstance(name, tuple) else "unix"


def _named(name: tuple[Any, ...]) -> str:
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def drop(transport: asyncio.WriteTransport) -> None:
    """Reset a connection: TCP, or TLS on it."""
    plain = transport.get_extra_info("socket")
    if plain is not None and not transport.is_closing():
        with suppress(OSError):  # the client may be gone already; a Unix socket knows no reset
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
