"""Is a port free, and if not, who holds it. Reads /proc; opens a socket only to try the address."""

import errno
import os
import re
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from callcenter.setup.failures import SetupError

Kind = Literal["tcp", "udp"]
PROC = Path("/proc")
UNSEEN = "another process (it cannot be seen from here)"
LISTENING = "0A"
"""State of a listening TCP socket in /proc/net/tcp."""


@dataclass(frozen=True)
class Port:
    """An address that a part wants to listen on. `setting` is the name that moves it."""

    purpose: str
    kind: Kind
    host: str
    number: int
    setting: str


@dataclass(frozen=True)
class Holder:
    """A process that has a port."""

    pid: int
    short_name: str
    command: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name} (pid {self.pid})"

    @property
    def name(self) -> str:
        """A program started through a loader or an interpreter bears its name; show which one it is."""
        if self.short_name.startswith("python"):
            return " ".join((self.short_name, *self.command[1:4])).strip()
        if not self.short_name.startswith("ld-linux"):
            return self.short_name
        programs = (Path(word) for word in self.command[1:])
        return next((path.name for path in programs if path.parent.name in {"bin", "sbin"}), self.short_name)


def check_ports(ports: Sequence[Port]) -> None:
    """`SetupError` for the first port that cannot be had."""
    for port in ports:
        if trouble := why_not(port):
            raise SetupError(trouble)


def why_not(port: Port) -> str | None:
    """One sentence when `port` cannot be listened on, else None."""
    code = try_to_bind(port)
    if code == 0:
        return None
    where = f"{port.purpose} cannot listen on {port.host} port {port.number}/{port.kind}"
    instead = f"choose another one with {port.setting}."
    if code == errno.EADDRINUSE:
        by = holder(port.kind, port.number) or UNSEEN
        return f"{where}: the port is held by {by}; end it or {instead}"
    if code == errno.EACCES:
        return f"{where}: ports below 1024 need root; {instead}"
    return f"{where}: {os.strerror(code)}; check that the address is this machine's, or {instead}"


def try_to_bind(port: Port) -> int:
    """0 when the address is free, else the errno."""
    family = socket.AF_INET6 if ":" in port.host else socket.AF_INET
    kind = socket.SOCK_STREAM if port.kind == "tcp" else socket.SOCK_DGRAM
    with socket.socket(family, kind) as probe:
        if port.kind == "tcp":  # else the closed connections of the last run would count as busy
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((port.host, port.number))
        except OSError as error:
            return error.errno or errno.EINVAL
    return 0


def holder(kind: Kind, number: int) -> Holder | None:
    """The process that has the port, where /proc lets us see it."""
    wanted = {f"socket:[{inode}]" for inode in _inodes(kind, number)}
    for pid in _pids():
        if wanted & _open_sockets(pid):
            return _describe(pid)
    return None


def _describe(pid: int) -> Holder | None:
    try:
        command = (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
        return Holder(pid, (PROC / str(pid) / "comm").read_text().strip(), tuple(command))
    except OSError:  # ended meanwhile
        return None


def _inodes(kind: Kind, number: int) -> Iterator[str]:
    for table in (PROC / "net" / kind, PROC / "net" / f"{kind}6"):
        if not table.exists():
            continue
        for line in table.read_text().splitlines()[1:]:
            fields = line.split()
            bound = int(fields[1].rpartition(":")[2], 16) == number
            if bound and (kind == "udp" or fields[3] == LISTENING):
                yield fields[9]


def _pids() -> list[int]:
    return sorted(int(entry.name) for entry in PROC.iterdir() if re.fullmatch(r"\d+", entry.name))


def _open_sockets(pid: int) -> set[str]:
    try:
        entries = list((PROC / str(pid) / "fd").iterdir())
    except OSError:  # ended meanwhile, or somebody else's
        return set()
    return {target for entry in entries if (target := _target(entry)).startswith("socket:")}


def _target(entry: Path) -> str:
    try:
        return str(entry.readlink())
    except OSError:  # closed meanwhile
        return ""
